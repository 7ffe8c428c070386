package wire

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// bestFit is the strategy that an update cannot choose, and that stands for an absent one.
const bestFit = "BEST_FIT"

const resources = "computeResources."

func (r *ComputeResource) check(c *check) {
	c.oneOf(resources+"type", &r.Type, TypeLocal, TypeEC2, TypeSpot, TypeFargate, TypeFargateSpot)
	r.asUpdate().check(c)
	if t := r.LaunchTemplate; t != nil {
		c.that(value(t.LaunchTemplateID) != "" || value(t.LaunchTemplateName) != "", resources+"launchTemplate", "neither an id nor a name", "one of them")
	}
	needed(c, resources+"maxvCpus", r.MaxvCpus, 1, math.MaxInt32)
	r.Batchd.fits(c, r.Type)
	switch r.Type {
	case TypeLocal:
		r.checkLocal(c)
	case TypeFargate, TypeFargateSpot:
		r.checkFargate(c)
	default:
		r.checkEC2(c)
	}
}

func (r *ComputeResource) checkLocal(c *check) {
	where := "for type LOCAL"
	r.asUpdate().absentInstances(c, where)
	c.absent(resources+"spotIamFleetRole", r.SpotIamFleetRole != nil, where)
	c.noNetwork(r.Subnets, r.SecurityGroupIds)
}

// noNetwork refuses subnets and groups for LOCAL. AWS's clients do not let subnets be left out, so an empty list is taken.
func (c *check) noNetwork(subnets, groups []string) {
	const allowed = "an empty list or nothing: jobs of type LOCAL run on this machine and use its network"
	c.that(len(subnets) == 0, resources+"subnets", fmt.Sprintf("%d subnets", len(subnets)), allowed)
	c.that(len(groups) == 0, resources+"securityGroupIds", fmt.Sprintf("%d groups", len(groups)), allowed)
}

func (r *ComputeResource) checkFargate(c *check) {
	where := "for type " + r.Type
	r.asUpdate().absentOnFargate(c, where)
	c.absent(resources+"spotIamFleetRole", r.SpotIamFleetRole != nil, where)
	c.count(resources+"subnets", len(r.Subnets), 1, maxFargateSubnets)
	c.count(resources+"securityGroupIds", len(r.SecurityGroupIds), 1, maxFargateGroups)
}

func (r *ComputeResource) checkEC2(c *check) {
	c.count(resources+"subnets", len(r.Subnets), 1, math.MaxInt32)
	c.that(value(r.InstanceRole) != "" || r.Batchd != nil && value(r.Batchd.CreateRoles), resources+"instanceRole", "nothing",
		"an instance profile: type "+r.Type+" requires it")
	c.that(len(r.SecurityGroupIds) > 0 || r.LaunchTemplate != nil, resources+"securityGroupIds", "nothing",
		"at least one group, here or in the launch template")
	strategy := value(r.AllocationStrategy)
	c.strategyOf(r.Type, strategy)
	if r.Type == TypeSpot && (strategy == "" || strategy == bestFit) {
		c.that(value(r.SpotIamFleetRole) != "", resources+"spotIamFleetRole", "nothing",
			"a role: type SPOT with allocationStrategy BEST_FIT requires it")
	}
}

// strategyOf refuses the strategies of SPOT for other types.
func (c *check) strategyOf(kind, strategy string) {
	c.that(kind == TypeSpot || !strings.HasPrefix(strategy, TypeSpot), resources+"allocationStrategy", quoted(strategy), "a strategy for type "+kind)
}

// absentOnFargate refuses what Fargate does not have.
func (r *ComputeResourceUpdate) absentOnFargate(c *check, where string) {
	r.absentInstances(c, where)
	c.absent(resources+"minvCpus", r.MinvCpus != nil, where)
	c.absent(resources+"desiredvCpus", r.DesiredvCpus != nil, where)
}

// absentInstances refuses what only means something where there are EC2 instances.
func (r *ComputeResourceUpdate) absentInstances(c *check, where string) {
	c.absentAll(resources, map[string]bool{
		"allocationStrategy": r.AllocationStrategy != nil, "bidPercentage": r.BidPercentage != nil,
		"imageId": r.ImageID != nil, "instanceTypes": len(r.InstanceTypes) > 0,
		"ec2Configuration": len(r.Ec2Configuration) > 0, "ec2KeyPair": r.Ec2KeyPair != nil,
		"instanceRole": r.InstanceRole != nil, "launchTemplate": r.LaunchTemplate != nil,
		"placementGroup": r.PlacementGroup != nil, "tags": len(r.Tags) > 0, "scalingPolicy": r.ScalingPolicy != nil,
	}, where)
}

// asUpdate returns what r shares with an update.
func (r *ComputeResource) asUpdate() *ComputeResourceUpdate {
	return &ComputeResourceUpdate{
		Type: &r.Type, MaxvCpus: r.MaxvCpus, MinvCpus: r.MinvCpus, DesiredvCpus: r.DesiredvCpus, AllocationStrategy: r.AllocationStrategy,
		InstanceTypes: r.InstanceTypes, Subnets: r.Subnets, SecurityGroupIds: r.SecurityGroupIds, InstanceRole: r.InstanceRole,
		Ec2Configuration: r.Ec2Configuration, ImageID: r.ImageID, LaunchTemplate: r.LaunchTemplate, BidPercentage: r.BidPercentage,
		Ec2KeyPair: r.Ec2KeyPair, PlacementGroup: r.PlacementGroup, Tags: r.Tags, ScalingPolicy: r.ScalingPolicy, Batchd: r.Batchd,
	}
}

// check applies the rules that hold for each member alone and between those given.
func (r *ComputeResourceUpdate) check(c *check) {
	integer(c, resources+"maxvCpus", r.MaxvCpus, 1, math.MaxInt32)
	most := int32(math.MaxInt32)
	if r.MaxvCpus != nil {
		most = *r.MaxvCpus
	}
	integer(c, resources+"minvCpus", r.MinvCpus, 0, most)
	integer(c, resources+"desiredvCpus", r.DesiredvCpus, value(r.MinvCpus), most)
	integer(c, resources+"bidPercentage", r.BidPercentage, 0, 100)
	c.oneOfIf(resources+"allocationStrategy", r.AllocationStrategy, bestFit, "BEST_FIT_PROGRESSIVE",
		"BEST_FIT_PROGRESSIVE_ORDERED", "SPOT_CAPACITY_OPTIMIZED", "SPOT_CAPACITY_OPTIMIZED_PRIORITIZED", "SPOT_PRICE_CAPACITY_OPTIMIZED")
	c.tags(resources+"tags", r.Tags)
	c.count(resources+"ec2Configuration", len(r.Ec2Configuration), 0, maxImages)
	for i, e := range r.Ec2Configuration {
		field := at(resources+"ec2Configuration", i)
		c.length(field+".imageType", e.ImageType, 1, maxImageField)
		c.lengthIf(field+".imageIdOverride", e.ImageIDOverride, 1, maxImageField)
		c.lengthIf(field+".imageKubernetesVersion", e.ImageKubernetesVersion, 1, maxImageField)
		c.absent(field+".batchImageStatus", e.BatchImageStatus != nil, "in a request: it is only described")
	}
	c.launchTemplate(r.LaunchTemplate, r.InstanceTypes)
	if p := r.ScalingPolicy; p != nil && value(p.MinScaleDownDelayMinutes) != 0 {
		integer(c, resources+"scalingPolicy.minScaleDownDelayMinutes", p.MinScaleDownDelayMinutes, minScaleDownDelay, maxScaleDownDelay)
	}
	r.Batchd.check(c)
}

// launchTemplate checks a launch template, and its overrides for some of types.
func (c *check) launchTemplate(t *LaunchTemplateSpecification, types []string) {
	if t == nil {
		return
	}
	const field = resources + "launchTemplate"
	c.oneTemplate(field, t.LaunchTemplateID, t.LaunchTemplateName, t.UserdataType)
	c.count(field+".overrides", len(t.Overrides), 0, maxTemplateOverrides)
	targets := map[string]bool{}
	for i, o := range t.Overrides {
		field := at(field+".overrides", i)
		c.oneTemplate(field, o.LaunchTemplateID, o.LaunchTemplateName, o.UserdataType)
		c.that(value(o.LaunchTemplateID) != "" || value(o.LaunchTemplateName) != "", field, "neither an id nor a name", "one of them")
		for j, target := range o.TargetInstanceTypes {
			field := at(field+".targetInstanceTypes", j)
			c.that(target != "optimal" && !strings.HasPrefix(target, "default_"), field, quoted(target), "a family or size of instances")
			c.that(types == nil || slices.ContainsFunc(types, func(t string) bool { return t == target || strings.HasPrefix(target, t+".") }),
				field, quoted(target), "one of instanceTypes")
			c.unique(field, target, targets)
		}
	}
}

// oneTemplate checks that a template is not named twice over, and its kind of user data.
func (c *check) oneTemplate(field string, id, name, userdata *string) {
	c.that(value(id) == "" || value(name) == "", field, "both an id and a name", "one of them")
	c.oneOfIf(field+".userdataType", userdata, "EKS_BOOTSTRAP_SH", "EKS_NODEADM")
}
