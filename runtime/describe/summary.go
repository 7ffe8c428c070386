package describe

import (
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Summary says of a job what a list does. root is the array or multi-node job it is a part of, else the job itself.
func Summary(place batch.Place, j, root batch.Job) wire.JobSummary {
	summary := wire.JobSummary{
		JobArn: place.ARN(batch.ResourceJob, string(j.ID)), JobID: string(j.ID), JobName: j.Name,
		JobDefinition: place.ARN(batch.ResourceDefinition, j.Definition.String()), Status: j.Status.String(), StatusReason: j.StatusReason,
		CreatedAt: int64(j.CreatedAt), StartedAt: int64(j.StartedAt), StoppedAt: int64(j.StoppedAt), ArrayProperties: arrayDetail(j),
		NodeProperties: nodeSummary(j, root), ShareIdentifier: root.Share, CapacityUsage: configured(j, root),
		IsCancelled: j.Cancelled, IsTerminated: j.Terminated,
	}
	if j.ExitCode != nil || j.Reason != "" {
		summary.Container = &wire.ContainerSummary{ExitCode: j.ExitCode, Reason: j.Reason}
	}
	x := wire.JobSummaryExtension{ResultError: j.ResultError}
	if j.Array != nil {
		x.ResultErrors = j.Array.ResultErrors
	}
	if x != (wire.JobSummaryExtension{}) {
		summary.Batchd = &x
	}
	return summary
}

// configured is how many vCPUs a job is to have; nil for an array, which has none of its own.
func configured(j, root batch.Job) []wire.CapacityUsage {
	shape := j.Shape
	switch {
	case j.Array != nil:
		return nil
	case j.Nodes != nil:
		shape = batch.Shape{}
		for _, r := range j.Nodes.Ranges {
			shape.MilliCPU += r.Shape.MilliCPU * int64(r.To-r.From+1)
		}
	case root.Array != nil:
		shape = root.Shape
	}
	return VCPUs(shape.MilliCPU)
}

// VCPUs is an amount of vCPUs as the wire says it.
func VCPUs(milliCPU int64) []wire.CapacityUsage {
	return []wire.CapacityUsage{{CapacityUnit: wire.UnitVCPU, Quantity: float64(milliCPU) / 1000}}
}
