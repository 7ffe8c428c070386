package wire

import (
	"maps"
	"slices"
)

// The document of a compute environment is a [ComputeEnvironmentDetail] in which only the members that clients give are set.

// ApplyTo makes d the document of the compute environment that r asks for. Tags are not part of it.
func (r *CreateComputeEnvironmentRequest) ApplyTo(d *ComputeEnvironmentDetail) {
	*d = ComputeEnvironmentDetail{
		ComputeEnvironmentName: r.ComputeEnvironmentName, Type: r.Type, State: Or(r.State, Enabled), ComputeResources: r.ComputeResources,
		UnmanagedvCpus: r.UnmanagedvCpus, ServiceRole: r.ServiceRole, EksConfiguration: r.EksConfiguration, Context: r.Context,
	}
}

// ApplyTo changes the document d as r asks for: what is given replaces what was there, what is absent stays.
func (r *UpdateComputeEnvironmentRequest) ApplyTo(d *ComputeEnvironmentDetail) {
	d.State = Or(r.State, d.State)
	replace(&d.ServiceRole, r.ServiceRole)
	replace(&d.UnmanagedvCpus, r.UnmanagedvCpus)
	replace(&d.Context, r.Context)
	if p := r.UpdatePolicy; p != nil {
		policy := Or(d.UpdatePolicy, UpdatePolicy{})
		replace(&policy.TerminateJobsOnUpdate, p.TerminateJobsOnUpdate)
		replace(&policy.JobExecutionTimeoutMinutes, p.JobExecutionTimeoutMinutes)
		d.UpdatePolicy = &policy
	}
	if u := r.ComputeResources; u != nil {
		resources := Or(d.ComputeResources, ComputeResource{})
		u.applyTo(&resources)
		d.ComputeResources = &resources
	}
}

// applyTo changes d. An empty imageId, ec2KeyPair, placementGroup, launch template or ec2Configuration removes what was there, and so do empty
// subnets and securityGroupIds, which Fargate leaves as they are. Tags and a launch template are replaced as a whole.
// updateToLatestImageVersion is an order and no part of the document.
func (r *ComputeResourceUpdate) applyTo(d *ComputeResource) {
	d.Type = Or(r.Type, d.Type)
	replace(&d.MaxvCpus, r.MaxvCpus)
	replace(&d.MinvCpus, r.MinvCpus)
	replace(&d.DesiredvCpus, r.DesiredvCpus)
	replace(&d.AllocationStrategy, r.AllocationStrategy)
	replace(&d.InstanceRole, r.InstanceRole)
	replace(&d.BidPercentage, r.BidPercentage)
	replaceText(&d.ImageID, r.ImageID)
	replaceText(&d.Ec2KeyPair, r.Ec2KeyPair)
	replaceText(&d.PlacementGroup, r.PlacementGroup)
	if r.InstanceTypes != nil {
		d.InstanceTypes = slices.Clone(r.InstanceTypes)
	}
	replaceList(&d.Ec2Configuration, r.Ec2Configuration)
	fargate := d.Type == TypeFargate || d.Type == TypeFargateSpot
	if !fargate || len(r.Subnets) > 0 {
		replaceList(&d.Subnets, r.Subnets)
	}
	if !fargate || len(r.SecurityGroupIds) > 0 {
		replaceList(&d.SecurityGroupIds, r.SecurityGroupIds)
	}
	if t := r.LaunchTemplate; t != nil {
		d.LaunchTemplate = t.document()
	}
	if r.Tags != nil {
		d.Tags = maps.Clone(r.Tags)
	}
	if p := r.ScalingPolicy; p != nil {
		policy := Or(d.ScalingPolicy, ComputeScalingPolicy{})
		replace(&policy.MinScaleDownDelayMinutes, p.MinScaleDownDelayMinutes)
		d.ScalingPolicy = &policy
	}
	if x := r.Batchd; x != nil {
		extension := Or(d.Batchd, ComputeResourceExtension{})
		x.applyTo(&extension)
		d.Batchd = &extension
	}
}

// document returns t as it is kept, which is nil if it names no template.
func (t LaunchTemplateSpecification) document() *LaunchTemplateSpecification {
	if value(t.LaunchTemplateID) == "" && value(t.LaunchTemplateName) == "" {
		return nil
	}
	if len(t.Overrides) == 0 {
		t.Overrides = nil
	}
	return &t
}

// applyTo changes d. An empty text removes what was there.
func (x *ComputeResourceExtension) applyTo(d *ComputeResourceExtension) {
	replace(&d.MemoryMiB, x.MemoryMiB)
	replace(&d.NeverOver, x.NeverOver)
	replace(&d.CreateRoles, x.CreateRoles)
	replaceText(&d.Profile, x.Profile)
	replaceText(&d.Region, x.Region)
	replaceText(&d.EcsCluster, x.EcsCluster)
	replaceText(&d.HelperImage, x.HelperImage)
	replaceText(&d.DefaultImage, x.DefaultImage)
}

// replace makes what was there what is given, if something is.
func replace[T any](was **T, given *T) {
	if given != nil {
		*was = given
	}
}

// replaceText is replace for a member that an empty text removes.
func replaceText(was **string, given *string) {
	if replace(was, given); value(*was) == "" {
		*was = nil
	}
}

// replaceList is replace for a member that an empty list removes.
func replaceList[T any](was *[]T, given []T) {
	if given == nil {
		return
	}
	if *was = slices.Clone(given); len(given) == 0 {
		*was = nil
	}
}
