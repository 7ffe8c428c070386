package wire

import "slices"

// The document of a job queue is a [JobQueueDetail] in which only the members that clients give are set.

// ApplyTo makes d the document of the job queue that r asks for. Tags are not part of it.
func (r *CreateJobQueueRequest) ApplyTo(d *JobQueueDetail) {
	*d = JobQueueDetail{
		JobQueueName: r.JobQueueName, State: Or(r.State, Enabled), Priority: value(r.Priority), ComputeEnvironmentOrder: r.ComputeEnvironmentOrder,
		JobQueueType: value(r.JobQueueType), SchedulingPolicyArn: r.SchedulingPolicyArn, JobStateTimeLimitActions: r.JobStateTimeLimitActions, Batchd: r.Batchd,
	}
}

// ApplyTo changes the document d as r asks for: what is given replaces what was there, what is absent stays.
func (r *UpdateJobQueueRequest) ApplyTo(d *JobQueueDetail) {
	d.State, d.Priority = Or(r.State, d.State), Or(r.Priority, d.Priority)
	replace(&d.SchedulingPolicyArn, r.SchedulingPolicyArn)
	if r.ComputeEnvironmentOrder != nil {
		d.ComputeEnvironmentOrder = slices.Clone(r.ComputeEnvironmentOrder)
	}
	if r.JobStateTimeLimitActions != nil {
		d.JobStateTimeLimitActions = slices.Clone(r.JobStateTimeLimitActions)
	}
	if x := r.Batchd; x != nil {
		extension := Or(d.Batchd, JobQueueExtension{})
		replace(&extension.Backfill, x.Backfill)
		d.Batchd = &extension
	}
}
