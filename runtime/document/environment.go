package document

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Environment returns the row of a compute environment that has d as its document.
func Environment(d wire.ComputeEnvironmentDetail) (batch.Environment, error) {
	body, err := json.Marshal(d)
	if err != nil {
		return batch.Environment{}, fmt.Errorf("storing the compute environment: %w", err)
	}
	e := batch.Environment{Name: d.ComputeEnvironmentName, State: stateOf(d.State), Kind: batch.Unmanaged, Body: body}
	if r := d.ComputeResources; r != nil && d.Type != wire.Unmanaged {
		e.Kind = batch.Kind(r.Type)
		e.Max = batch.Shape{MilliCPU: milli(r.MaxvCpus), MemoryMiB: from(from(r.Batchd).MemoryMiB)}
		e.MinMilliCPU = milli(r.MinvCpus)
	}
	if e.Kind != batch.Local {
		e.Resources = resources(&d, e.Kind)
	}
	return e, nil
}

// OfEnvironment returns the document of a row.
func OfEnvironment(e *batch.Environment) (wire.ComputeEnvironmentDetail, error) {
	var d wire.ComputeEnvironmentDetail
	if err := json.Unmarshal(e.Body, &d); err != nil {
		return d, fmt.Errorf("stored compute environment %s: %w", e.Name, err)
	}
	d.ComputeEnvironmentName = e.Name
	return d, nil
}

// stateOf is a state that may be absent.
func stateOf(state string) batch.State {
	if state == "" {
		return batch.Enabled
	}
	return batch.State(state)
}

// resources returns what an environment of AWS runs on, with the values that stand for what is absent.
func resources(d *wire.ComputeEnvironmentDetail, kind batch.Kind) *batch.Resources {
	r := from(d.ComputeResources)
	made := &batch.Resources{
		Strategy: batch.Strategy(from(r.AllocationStrategy)), InstanceTypes: r.InstanceTypes, Subnets: r.Subnets, SecurityGroups: r.SecurityGroupIds,
		InstanceRole: from(r.InstanceRole), Images: images(r.Ec2Configuration), ImageID: from(r.ImageID), LaunchTemplate: launchTemplate(r.LaunchTemplate),
		BidPercent: from(r.BidPercentage), SpotFleetRole: from(r.SpotIamFleetRole), KeyPair: from(r.Ec2KeyPair), PlacementGroup: from(r.PlacementGroup),
		Tags: r.Tags, ScaleDownDelay: minutes(from(r.ScalingPolicy).MinScaleDownDelayMinutes), DesiredMilliCPU: milli(r.DesiredvCpus),
		UnmanagedMilliCPU: milli(d.UnmanagedvCpus), ServiceRole: from(d.ServiceRole),
		UpdatePolicy: batch.UpdatePolicy{
			TerminateJobs: from(from(d.UpdatePolicy).TerminateJobsOnUpdate), JobTimeout: minutes(from(d.UpdatePolicy).JobExecutionTimeoutMinutes),
		},
	}
	x := from(r.Batchd)
	made.NeverOver, made.CreateRoles = from(x.NeverOver), from(x.CreateRoles)
	made.Profile, made.Region, made.ECSCluster = from(x.Profile), from(x.Region), from(x.EcsCluster)
	made.HelperImage, made.DefaultImage = from(x.HelperImage), from(x.DefaultImage)
	if kind == batch.EC2 || kind == batch.Spot {
		fillDefaults(made)
	}
	return made
}

// fillDefaults gives what an EC2 or SPOT environment leaves out the value that AWS takes for it.
func fillDefaults(r *batch.Resources) {
	if r.Strategy == "" {
		r.Strategy = batch.BestFit
	}
	if r.BidPercent == 0 {
		r.BidPercent = batch.DefaultBidPercent
	}
	if r.UpdatePolicy.JobTimeout == 0 {
		r.UpdatePolicy.JobTimeout = batch.DefaultUpdateJobTimeout
	}
}

func images(list []wire.Ec2Configuration) []batch.Image {
	var images []batch.Image
	for _, each := range list {
		images = append(images, batch.Image{Type: each.ImageType, ID: from(each.ImageIDOverride), KubernetesVersion: from(each.ImageKubernetesVersion)})
	}
	return images
}

func launchTemplate(t *wire.LaunchTemplateSpecification) *batch.LaunchTemplate {
	if t == nil {
		return nil
	}
	made := &batch.LaunchTemplate{TemplateRef: template(t.LaunchTemplateID, t.LaunchTemplateName, t.Version, t.UserdataType)}
	for _, o := range t.Overrides {
		made.Overrides = append(made.Overrides, batch.TemplateOverride{
			TemplateRef: template(o.LaunchTemplateID, o.LaunchTemplateName, o.Version, o.UserdataType), InstanceTypes: o.TargetInstanceTypes,
		})
	}
	return made
}

func template(id, name, version, userdata *string) batch.TemplateRef {
	return batch.TemplateRef{ID: from(id), Name: from(name), Version: from(version), UserdataType: from(userdata)}
}

// from returns what p points to; the zero value if that is absent.
func from[T any](p *T) T {
	if p == nil {
		return *new(T)
	}
	return *p
}

// milli returns an amount of vCPUs in thousandths.
func milli(vcpus *int32) int64 { return int64(from(vcpus)) * 1000 }

func minutes[N int32 | int64](n *N) time.Duration { return time.Duration(from(n)) * time.Minute }
