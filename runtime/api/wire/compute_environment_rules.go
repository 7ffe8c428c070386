package wire

import "math"

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *CreateComputeEnvironmentRequest) Validate() error {
	c := &check{}
	c.name("computeEnvironmentName", r.ComputeEnvironmentName)
	c.oneOf("type", &r.Type, Managed, Unmanaged)
	c.oneOfIf("state", r.State, Enabled, Disabled)
	integer(c, "unmanagedvCpus", r.UnmanagedvCpus, 0, math.MaxInt32)
	c.tags("tags", r.Tags)
	c.absent("eksConfiguration", r.EksConfiguration != nil, "here: Amazon EKS is not supported; jobs run in containers or as processes")
	if r.Type == Unmanaged {
		if r.ComputeResources != nil {
			r.ComputeResources.checkUnmanaged(c)
		}
		c.that(value(r.ServiceRole) != "", "serviceRole", "nothing", "a role: type UNMANAGED requires it")
		return c.err()
	}
	c.absent("unmanagedvCpus", r.UnmanagedvCpus != nil, "for type MANAGED")
	if r.ComputeResources == nil {
		c.fail("computeResources", "nothing", "an object: computeResources must be provided for a MANAGED compute environment") // AWS's words
		return c.err()
	}
	r.ComputeResources.check(c)
	return c.err()
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
	if u := r.ComputeResources; u != nil {
		c.oneOfIf(resources+"type", u.Type, TypeLocal, TypeEC2, TypeSpot, TypeFargate, TypeFargateSpot)
		u.check(c)
		c.that(value(u.AllocationStrategy) != bestFit, resources+"allocationStrategy", quoted(bestFit), "another strategy: an update cannot choose this one")
		if t := u.LaunchTemplate; t != nil {
			c.that(t.LaunchTemplateID != nil || t.LaunchTemplateName != nil, resources+"launchTemplate", "neither an id nor a name", "one of them; an empty one removes the launch template")
		}
	}
	return c.err()
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
