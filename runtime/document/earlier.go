package document

import (
	"cmp"
	"errors"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Reread makes the rows of a snapshot anew from their documents and returns those that have become others, which are rows that another
// version of the service stored. The oldest of them have no revision.
func Reread(place batch.Place, s *batch.Snapshot) (d batch.Delta, err error) {
	var failed [3]error
	d.Environments, failed[0] = reread(s.Environments, func(e *batch.Environment) *int64 { return &e.Revision }, rereadEnvironment)
	d.Queues, failed[1] = reread(s.Queues, func(q *batch.Queue) *int64 { return &q.Revision }, func(q *batch.Queue) error { return rereadQueue(place, q) })
	d.Policies, failed[2] = reread(s.Policies, func(p *batch.Policy) *int64 { return &p.Revision }, rereadPolicy)
	return d, errors.Join(failed[:]...)
}

// reread calls again for a copy of each row, and returns those that have no revision or whose copy differs in more than that.
func reread[N any](rows []N, revision func(*N) *int64, again func(*N) error) (changed []N, err error) {
	for _, was := range rows {
		row := was
		if err := again(&row); err != nil {
			return nil, err
		}
		same := row
		*revision(&same) = *revision(&was)
		if *revision(&was) == 0 || batch.Text(same) != batch.Text(was) {
			changed = append(changed, row)
		}
	}
	return changed, nil
}

func rereadEnvironment(e *batch.Environment) error {
	d, err := OfEnvironment(e)
	if err != nil {
		return err
	}
	made, err := Environment(d)
	e.Revise(&made)
	return err
}

// rereadQueue takes the environments and the policy from the row: the document may have ARNs of another place.
func rereadQueue(place batch.Place, q *batch.Queue) error {
	d, err := OfQueue(q)
	if err != nil {
		return err
	}
	d.ComputeEnvironmentOrder = nil
	for _, o := range q.Environments {
		d.ComputeEnvironmentOrder = append(d.ComputeEnvironmentOrder, wire.ComputeEnvironmentOrder{Order: &o.Order, ComputeEnvironment: o.Environment})
	}
	if q.Policy != "" {
		d.SchedulingPolicyArn = &q.Policy
	}
	made, err := Queue(place, d)
	q.Revise(&made)
	q.Type = cmp.Or(q.Type, made.Type, batch.QueueECS)
	return err
}

func rereadPolicy(p *batch.Policy) error {
	d, err := OfPolicy(p)
	if err != nil {
		return err
	}
	made, err := Policy(d)
	p.Revise(&made)
	return err
}
