package document

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Queue returns the row of a job queue that has d as its document. Environments and policies that d names by their ARNs in place are
// named by their names in the row and in its document, so that both hold in another place, too.
func Queue(place batch.Place, d wire.JobQueueDetail) (batch.Queue, error) {
	d.ComputeEnvironmentOrder = slices.Clone(d.ComputeEnvironmentOrder)
	q := batch.Queue{
		Name: d.JobQueueName, State: stateOf(d.State), Priority: d.Priority, Type: batch.QueueType(d.JobQueueType),
		Strict: d.Batchd != nil && d.Batchd.Backfill != nil && !*d.Batchd.Backfill,
	}
	for i := range d.ComputeEnvironmentOrder {
		o := &d.ComputeEnvironmentOrder[i]
		o.ComputeEnvironment = place.NameOf(batch.ResourceEnvironment, o.ComputeEnvironment)
		q.Environments = append(q.Environments, batch.EnvironmentOrder{Order: from(o.Order), Environment: o.ComputeEnvironment})
	}
	if d.SchedulingPolicyArn != nil {
		q.Policy = place.NameOf(batch.ResourcePolicy, *d.SchedulingPolicyArn)
		d.SchedulingPolicyArn = &q.Policy
	}
	for _, a := range d.JobStateTimeLimitActions {
		q.TimeLimits = append(q.TimeLimits, batch.TimeLimit{Reason: a.Reason, After: time.Duration(from(a.MaxTimeSeconds)) * time.Second})
	}
	var err error
	if q.Body, err = json.Marshal(d); err != nil {
		return q, fmt.Errorf("storing the job queue: %w", err)
	}
	return q, nil
}

// OfQueue returns the document of a row.
func OfQueue(q *batch.Queue) (wire.JobQueueDetail, error) {
	var d wire.JobQueueDetail
	if err := json.Unmarshal(q.Body, &d); err != nil {
		return d, fmt.Errorf("stored job queue %s: %w", q.Name, err)
	}
	d.JobQueueName = q.Name
	return d, nil
}
