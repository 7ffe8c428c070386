package document

import (
	"cmp"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Reread returns those rows of a snapshot that an earlier version of the service stored, which have no revision, with all that is made
// from their documents today.
func Reread(place batch.Place, s *batch.Snapshot) (batch.Delta, error) {
	var d batch.Delta
	for _, e := range s.Environments {
		if e.Revision > 0 {
			continue
		}
		if err := rereadEnvironment(&e); err != nil {
			return batch.Delta{}, err
		}
		d.Environments = append(d.Environments, e)
	}
	for _, q := range s.Queues {
		if q.Revision > 0 {
			continue
		}
		if err := rereadQueue(place, &q); err != nil {
			return batch.Delta{}, err
		}
		d.Queues = append(d.Queues, q)
	}
	for _, p := range s.Policies {
		if p.Revision > 0 {
			continue
		}
		if err := rereadPolicy(&p); err != nil {
			return batch.Delta{}, err
		}
		d.Policies = append(d.Policies, p)
	}
	return d, nil
}

func rereadPolicy(p *batch.Policy) error {
	d, err := OfPolicy(p)
	if err != nil {
		return err
	}
	made, err := Policy(d)
	if err != nil {
		return err
	}
	p.Revise(&made)
	return nil
}

func rereadEnvironment(e *batch.Environment) error {
	d, err := OfEnvironment(e)
	if err != nil {
		return err
	}
	made, err := Environment(d)
	if err != nil {
		return err
	}
	e.Revise(&made)
	return nil
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
	if d.SchedulingPolicyArn = nil; q.Policy != "" {
		d.SchedulingPolicyArn = &q.Policy
	}
	made, err := Queue(place, d)
	if err != nil {
		return err
	}
	q.Revise(&made)
	q.Type = cmp.Or(made.Type, batch.QueueECS)
	return nil
}
