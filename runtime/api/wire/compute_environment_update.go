package wire

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
)

// replacing are the members of computeResources whose change replaces the instances of an environment.
var replacing = []string{
	"allocationStrategy", "bidPercentage", "ec2Configuration", "ec2KeyPair", "imageId", "instanceRole", "instanceTypes", "launchTemplate",
	"placementGroup", "securityGroupIds", "subnets", "tags", "type",
}

// ReplacingMembers returns the members of computeResources whose change replaces the instances of an EC2 or SPOT environment, which is
// refused while its allocation strategy is BEST_FIT.
func ReplacingMembers() []string { return slices.Clone(replacing) }

// ValidateFor applies the rules between an update and what it changes, of which type and computeResources are looked at. The error is a
// [*FieldError]. Which type may become which is the runtime's to say.
func (r *UpdateComputeEnvironmentRequest) ValidateFor(current *ComputeEnvironmentDetail) error {
	c, u, now := &check{}, r.ComputeResources, current.ComputeResources
	if current.Type == Unmanaged || now == nil {
		c.absent("updatePolicy", r.UpdatePolicy != nil, "for type UNMANAGED")
		if u != nil {
			u.onlyExtension(c)
			u.Batchd.keeps(c, now)
		}
		return c.err()
	}
	c.absent("unmanagedvCpus", r.UnmanagedvCpus != nil, "for type MANAGED")
	if u == nil {
		return c.err()
	}
	where := "for type " + now.Type
	switch now.Type {
	case TypeLocal:
		u.absentInstances(c, where)
		c.noNetwork(u.Subnets, u.SecurityGroupIds)
	case TypeFargate, TypeFargateSpot:
		u.absentOnFargate(c, where)
		c.count(resources+"subnets", len(u.Subnets), 0, maxFargateSubnets)
		c.count(resources+"securityGroupIds", len(u.SecurityGroupIds), 0, maxFargateGroups)
	default:
		c.strategyOf(firstOf(value(u.Type), now.Type), firstOf(value(u.AllocationStrategy), value(now.AllocationStrategy)))
		u.targets(c, now)
		r.replaces(c, current)
	}
	u.Batchd.fits(c, now.Type)
	u.Batchd.keeps(c, now)
	u.bounds(c, now)
	return c.err()
}

// targets checks that the overrides of the launch template that there will be are for instance types that there will be.
func (r *ComputeResourceUpdate) targets(c *check, now *ComputeResource) {
	template, types := now.LaunchTemplate, now.InstanceTypes
	if r.LaunchTemplate != nil {
		template = r.LaunchTemplate
	}
	if r.InstanceTypes != nil {
		types = r.InstanceTypes
	}
	c.launchTemplate(template, types)
}

// bounds checks the vCPUs of an update together with those that stay.
func (r *ComputeResourceUpdate) bounds(c *check, now *ComputeResource) {
	least, most, desired := now.MinvCpus, now.MaxvCpus, value(now.DesiredvCpus)
	if r.MinvCpus != nil {
		least = r.MinvCpus
	}
	if r.MaxvCpus != nil {
		most = r.MaxvCpus
	}
	integer(c, resources+"minvCpus", least, 0, Or(most, math.MaxInt32))
	integer(c, resources+"desiredvCpus", r.DesiredvCpus, max(value(least), desired), Or(most, math.MaxInt32))
}

// replaces checks whether the instances of an environment can be replaced, if that is asked for. AWS asks for its
// service-linked role too; there is none here.
func (r *UpdateComputeEnvironmentRequest) replaces(c *check, current *ComputeEnvironmentDetail) {
	now, next := membersOf(current.ComputeResources), membersOf(r.ComputeResources)
	strategy := firstOf(value(r.ComputeResources.AllocationStrategy), value(current.ComputeResources.AllocationStrategy), bestFit)
	replace := func(member string) {
		c.that(strategy != bestFit, resources+member, "a change", "the value that it has while allocationStrategy is "+bestFit+
			", since a change would replace instances: choose another strategy in the same update, or create another environment")
	}
	if value(r.ComputeResources.UpdateToLatestImageVersion) {
		replace("updateToLatestImageVersion")
	}
	for _, member := range replacing {
		given, ok := next[member]
		if !ok || reflect.DeepEqual(given, now[member]) || isEmpty(given) && isEmpty(now[member]) {
			continue
		}
		replace(member)
	}
}

// membersOf returns a document of the wire as JSON has it.
func membersOf(document any) map[string]any {
	var members map[string]any
	// Documents are strings, numbers and collections of them, which always encode and decode.
	text, _ := json.Marshal(document)
	_ = json.Unmarshal(text, &members)
	return members
}

func isEmpty(member any) bool {
	switch m := member.(type) {
	case nil:
		return true
	case string:
		return m == ""
	case []any:
		return len(m) == 0
	case map[string]any:
		return len(m) == 0
	default:
		return false
	}
}
