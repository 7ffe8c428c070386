package wire

import "math"

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *CreateComputeEnvironmentRequest) Validate() error {
	c := &check{}
	c.name("computeEnvironmentName", r.ComputeEnvironmentName)
	c.oneOf("type", r.Type, Managed, Unmanaged)
	c.oneOfIf("state", r.State, Enabled, Disabled)
	integer(c, "unmanagedvCpus", r.UnmanagedvCpus, 0, math.MaxInt32)
	c.tags("tags", r.Tags)
	if r.Type == Unmanaged {
		c.absent("computeResources", r.ComputeResources != nil, "for type UNMANAGED")
		c.that(value(r.ServiceRole) != "", "serviceRole", "nothing", "a role: type UNMANAGED requires it")
		return c.err()
	}
	c.absent("unmanagedvCpus", r.UnmanagedvCpus != nil, "for type MANAGED")
	if r.ComputeResources == nil {
		c.fail("computeResources", "nothing", "an object: type MANAGED requires it")
		return c.err()
	}
	if e := r.EksConfiguration; e != nil {
		c.required("eksConfiguration.eksClusterArn", e.EksClusterArn)
		c.required("eksConfiguration.kubernetesNamespace", e.KubernetesNamespace)
		c.absent("eksConfiguration", r.ComputeResources.Type == TypeLocal, "for computeResources.type LOCAL")
	}
	r.ComputeResources.check(c)
	return c.err()
}

const resources = "computeResources."

func (r *ComputeResource) check(c *check) {
	c.oneOf(resources+"type", r.Type, TypeLocal, TypeEC2, TypeSpot, TypeFargate, TypeFargateSpot)
	r.asUpdate().check(c)
	needed(c, resources+"maxvCpus", r.MaxvCpus, 1, math.MaxInt32)
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
	c.absentInstances(r, where)
	c.absent(resources+"subnets", len(r.Subnets) > 0, where)
	c.absent(resources+"securityGroupIds", len(r.SecurityGroupIds) > 0, where)
}

func (r *ComputeResource) checkFargate(c *check) {
	where := "for type " + r.Type
	c.absentInstances(r, where)
	c.absent(resources+"minvCpus", r.MinvCpus != nil, where)
	c.absent(resources+"desiredvCpus", r.DesiredvCpus != nil, where)
	c.absent(resources+"batchd", r.Batchd != nil, where)
	c.count(resources+"subnets", len(r.Subnets), 1, 16)
	c.count(resources+"securityGroupIds", len(r.SecurityGroupIds), 1, 5)
}

func (r *ComputeResource) checkEC2(c *check) {
	c.absent(resources+"batchd", r.Batchd != nil, "for type "+r.Type)
	c.count(resources+"subnets", len(r.Subnets), 1, math.MaxInt32)
	c.that(value(r.InstanceRole) != "", resources+"instanceRole", "nothing", "an instance profile: type "+r.Type+" requires it")
	c.that(len(r.SecurityGroupIds) > 0 || r.LaunchTemplate != nil, resources+"securityGroupIds", "nothing",
		"at least one group, here or in the launch template")
	if strategy := value(r.AllocationStrategy); r.Type == TypeSpot && (strategy == "" || strategy == "BEST_FIT") {
		c.that(value(r.SpotIamFleetRole) != "", resources+"spotIamFleetRole", "nothing",
			"a role: type SPOT with allocationStrategy BEST_FIT requires it")
	}
}

// absentInstances refuses what only means something where there are EC2 instances.
func (c *check) absentInstances(r *ComputeResource, where string) {
	given := map[string]bool{
		"allocationStrategy": r.AllocationStrategy != nil, "bidPercentage": r.BidPercentage != nil,
		"imageId": r.ImageID != nil, "instanceTypes": len(r.InstanceTypes) > 0,
		"ec2Configuration": len(r.Ec2Configuration) > 0, "ec2KeyPair": r.Ec2KeyPair != nil,
		"instanceRole": r.InstanceRole != nil, "launchTemplate": r.LaunchTemplate != nil,
		"placementGroup": r.PlacementGroup != nil, "spotIamFleetRole": r.SpotIamFleetRole != nil,
		"tags": len(r.Tags) > 0, "scalingPolicy": r.ScalingPolicy != nil,
	}
	for _, field := range sorted(given) {
		c.absent(resources+field, given[field], where)
	}
}

// asUpdate returns what r shares with an update.
func (r *ComputeResource) asUpdate() *ComputeResourceUpdate {
	return &ComputeResourceUpdate{
		Type: &r.Type, MaxvCpus: r.MaxvCpus, MinvCpus: r.MinvCpus, DesiredvCpus: r.DesiredvCpus,
		AllocationStrategy: r.AllocationStrategy, Ec2Configuration: r.Ec2Configuration,
		LaunchTemplate: r.LaunchTemplate, BidPercentage: r.BidPercentage,
		Tags: r.Tags, ScalingPolicy: r.ScalingPolicy, Batchd: r.Batchd,
	}
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *UpdateComputeEnvironmentRequest) Validate() error {
	c := &check{}
	c.identifier("computeEnvironment", r.ComputeEnvironment)
	c.oneOfIf("state", r.State, Enabled, Disabled)
	integer(c, "unmanagedvCpus", r.UnmanagedvCpus, 0, math.MaxInt32)
	if r.UpdatePolicy != nil {
		integer(c, "updatePolicy.jobExecutionTimeoutMinutes", r.UpdatePolicy.JobExecutionTimeoutMinutes, 1, 7200)
	}
	if r.ComputeResources != nil {
		c.oneOfIf(resources+"type", r.ComputeResources.Type, TypeLocal, TypeEC2, TypeSpot, TypeFargate, TypeFargateSpot)
		r.ComputeResources.check(c)
	}
	return c.err()
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
	c.oneOfIf(resources+"allocationStrategy", r.AllocationStrategy, "BEST_FIT", "BEST_FIT_PROGRESSIVE",
		"BEST_FIT_PROGRESSIVE_ORDERED", "SPOT_CAPACITY_OPTIMIZED", "SPOT_CAPACITY_OPTIMIZED_PRIORITIZED", "SPOT_PRICE_CAPACITY_OPTIMIZED")
	c.tags(resources+"tags", r.Tags)
	c.count(resources+"ec2Configuration", len(r.Ec2Configuration), 0, 2)
	for i, e := range r.Ec2Configuration {
		c.length(at(resources+"ec2Configuration", i)+".imageType", e.ImageType, 1, 256)
	}
	if t := r.LaunchTemplate; t != nil {
		c.that(t.LaunchTemplateID == nil || t.LaunchTemplateName == nil, resources+"launchTemplate", "both an id and a name", "one of them")
		c.count(resources+"launchTemplate.overrides", len(t.Overrides), 0, 10)
	}
	if p := r.ScalingPolicy; p != nil && value(p.MinScaleDownDelayMinutes) != 0 {
		integer(c, resources+"scalingPolicy.minScaleDownDelayMinutes", p.MinScaleDownDelayMinutes, 20, 10080)
	}
	if r.Batchd != nil && value(r.Batchd.MemoryMiB) != 0 {
		integer(c, resources+"batchd.memoryMiB", r.Batchd.MemoryMiB, minMemoryMiB, math.MaxInt32)
	}
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *DeleteComputeEnvironmentRequest) Validate() error {
	c := &check{}
	c.identifier("computeEnvironment", r.ComputeEnvironment)
	return c.err()
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *DescribeComputeEnvironmentsRequest) Validate() error {
	c := &check{}
	c.page("computeEnvironments", r.ComputeEnvironments, r.MaxResults)
	return c.err()
}
