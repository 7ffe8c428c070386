package awsfake

import (
	"encoding/base64"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// launchSpec is what an instance is launched with.
type launchSpec struct {
	image, profile, key, subnet, placementGroup string
	groups                                      []string
	userData                                    string // decoded
	shutdown                                    types.ShutdownBehavior
	tags                                        tags
}

// specOf returns what a version of a template launches with.
func specOf(data types.RequestLaunchTemplateData) launchSpec {
	spec := launchSpec{
		image: aws.ToString(data.ImageId), key: aws.ToString(data.KeyName), groups: data.SecurityGroupIds,
		shutdown: data.InstanceInitiatedShutdownBehavior, tags: tags{},
	}
	text, _ := base64.StdEncoding.DecodeString(aws.ToString(data.UserData)) // it was checked when the template was made
	spec.userData = string(text)
	if p := data.IamInstanceProfile; p != nil {
		spec.profile = aws.ToString(p.Name) + lastPart(aws.ToString(p.Arn))
	}
	if data.Placement != nil {
		spec.placementGroup = aws.ToString(data.Placement.GroupName)
	}
	for _, network := range data.NetworkInterfaces {
		spec.groups = append(spec.groups, network.Groups...)
		if network.SubnetId != nil {
			spec.subnet = *network.SubnetId
		}
	}
	for _, t := range data.TagSpecifications {
		if t.ResourceType == types.ResourceTypeInstance {
			spec.tags.addEC2(t.Tags)
		}
	}
	return spec
}

// candidate is one way to launch: an override of a fleet, or the request of RunInstances.
type candidate struct {
	pool     Pool
	spec     launchSpec
	priority float64
	maxPrice float64 // dollars an hour; 0 means the price on demand
	shown    types.LaunchTemplateAndOverridesResponse
}

// used is what other candidates of the same call take of a candidate's pool, of quotas by class, and of its subnet's addresses.
type used struct {
	room      int
	vcpus     map[string]int
	addresses int
}

// possible returns how many of the instances wanted a candidate can launch, and the error that stands in the way of the rest.
func (s *ec2State) possible(c *call, from candidate, wanted int, used used) (int, *Error) {
	k, known := kinds[from.pool.Type]
	switch {
	case !known:
		return 0, refuse("InvalidParameterValue", "The instance type '%s' is invalid", from.pool.Type)
	case !s.world.offered(k, from.pool.Zone):
		return 0, refuse("Unsupported", "Your requested instance type (%s) is not supported in your requested Availability Zone (%s). Please retry your request by not specifying an Availability Zone or choosing another one.", k.name, from.pool.Zone)
	}
	if err := s.suits(from.spec, k); err != nil {
		return 0, err
	}
	if err := s.priced(c, from); err != nil {
		return 0, err
	}
	limits := []struct {
		instances int
		err       *Error
	}{
		{s.room(from.pool, c.now) - used.room, noRoom(from.pool)},
		{(s.vcpus(quotaClass(k, from.pool.Spot)) - used.vcpus[quotaClass(k, from.pool.Spot)]) / k.vcpu, s.overQuota(quotaClass(k, from.pool.Spot))},
		{s.freeAddresses(from.spec.subnet) - used.addresses, refuse("InsufficientFreeAddressesInSubnet", "There are not enough free addresses in subnet '%s' to satisfy the requested number of instances.", from.spec.subnet)},
	}
	count, err := wanted, (*Error)(nil)
	for _, limit := range limits {
		if limit.instances < count {
			count, err = max(0, limit.instances), limit.err
		}
	}
	return count, err
}

// noRoom is the error of a pool that is out of instances.
func noRoom(p Pool) *Error {
	if p.Spot {
		return refuse("InsufficientInstanceCapacity", "There is no Spot capacity available that matches your request.")
	}
	return refuse("InsufficientInstanceCapacity", "We currently do not have sufficient %s capacity in the Availability Zone you requested (%s). Our system will be working on provisioning additional capacity.", p.Type, p.Zone)
}

// overQuota is the error for more vCPUs than a quota allows.
func (s *ec2State) overQuota(class string) *Error {
	if strings.HasPrefix(class, quotaSpot) {
		return refuse("MaxSpotInstanceCountExceeded", "Max spot instance count exceeded")
	}
	return refuse("VcpuLimitExceeded", "You have requested more vCPU capacity than your current vCPU limit of %d allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.", s.quota(class))
}

// suits returns the error of what an instance of a type cannot be launched with.
func (s *ec2State) suits(spec launchSpec, k *kind) *Error {
	i := s.images[spec.image]
	switch {
	case spec.image == "":
		return refuse("MissingParameter", "The request must contain the parameter ImageId")
	case i == nil:
		return refuse("InvalidAMIID.NotFound", "The image id '[%s]' does not exist", spec.image)
	case i.arch != k.arch:
		return refuse("InvalidParameterValue", "The architecture '%s' of the specified instance type does not match the architecture '%s' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again.", k.arch, i.arch)
	case spec.profile != "" && s.world.iam.profiles[spec.profile] == nil:
		return refuse("InvalidParameterValue", "Value (%s) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name", spec.profile)
	case spec.placementGroup != "" && s.groups[spec.placementGroup] == nil:
		return refuse("InvalidPlacementGroup.Unknown", "The Placement Group '%s' is unknown.", spec.placementGroup)
	}
	for _, group := range spec.groups {
		if group != securityGroupID {
			return refuse("InvalidGroup.NotFound", "The security group '%s' does not exist in VPC '%s'", group, vpcID)
		}
	}
	return nil
}

// priced returns the error of a Spot price that is higher than what is offered for it.
func (s *ec2State) priced(c *call, from candidate) *Error {
	if !from.pool.Spot || from.maxPrice == 0 {
		return nil
	}
	if price := s.world.price(from.pool, c.now); price > from.maxPrice {
		return refuse("SpotMaxPriceTooLow", "Your Spot request price of %g is lower than the minimum required Spot request fulfillment price of %.4f.", from.maxPrice, price)
	}
	return nil
}

// launch launches instances of a candidate, which must be possible.
func (s *ec2State) launch(c *call, from candidate, count int, reservation, fleet, token string) (ids []string) {
	var launched []*instance
	for range count {
		i := &instance{
			id: s.world.id("i"), reservation: reservation, order: s.launched, pool: from.pool, kind: kinds[from.pool.Type], spec: from.spec, fleet: fleet, token: token,
			address: s.launched + addressesReserved, tags: tags{}, rate: s.world.price(from.pool, c.now), launched: c.now,
		}
		s.launched++
		for key, value := range from.spec.tags {
			i.tags[key] = value
		}
		if fleet != "" {
			i.tags["aws:ec2:fleet-id"] = fleet
		}
		s.instances[i.id] = i
		s.list = append(s.list, i)
		s.world.meter.Instances++
		launched, ids = append(launched, i), append(ids, i.id)
	}
	for _, i := range launched {
		s.begin(i)
	}
	return ids
}

// forget removes an instance that nobody is shown any more.
func (s *ec2State) forget(i *instance) {
	delete(s.instances, i.id)
	for n := range s.list {
		if s.list[n] == i {
			s.list = append(s.list[:n], s.list[n+1:]...)
			break
		}
	}
}

// mayLaunch returns the error of a caller who may call CreateFleet or RunInstances, but not do all that it does.
func (s *ec2State) mayLaunch(c *call, specs []candidate, spot bool) error {
	if c.world.policy == nil {
		return s.linkSpot(c, spot)
	}
	requested := c.requested()
	if err := c.may(demand{action: "ec2:RunInstances", facts: requested}); err != nil {
		return err
	}
	for _, from := range specs {
		if len(from.spec.tags) > 0 {
			if err := c.may(demand{action: "ec2:CreateTags", facts: requested.and("ec2:CreateAction", c.Operation)}); err != nil {
				return err
			}
		}
		if p := s.world.iam.profiles[from.spec.profile]; p != nil && p.role != "" {
			if err := c.mayPass(s.world.iam.arn(s.world.iam.roles[p.role]), "ec2.amazonaws.com"); err != nil {
				return err
			}
		}
	}
	return s.linkSpot(c, spot)
}

// linkSpot makes the role that EC2 needs for Spot instances, if its caller may make it.
func (s *ec2State) linkSpot(c *call, spot bool) error {
	const linked = "AWSServiceRoleForEC2Spot"
	if !spot || s.world.iam.roles[linked] != nil {
		return nil
	}
	if c.may(demand{action: "iam:CreateServiceLinkedRole", facts: facts{}.and("iam:AWSServiceName", "spot.amazonaws.com")}) != nil {
		return &Error{Status: 403, Code: "AuthFailure.ServiceLinkedRoleCreationNotPermitted", Message: "The provided credentials do not have permission to create the service-linked role for EC2 Spot Instances."}
	}
	s.world.iam.roles[linked] = &role{name: linked, path: "/aws-service-role/spot.amazonaws.com/", created: c.now, inline: map[string]string{}}
	return nil
}
