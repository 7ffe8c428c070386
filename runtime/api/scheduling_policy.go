package api

import (
	"context"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/document"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

func (s *server) createSchedulingPolicy(ctx context.Context, c call, q *wire.CreateSchedulingPolicyRequest) (wire.CreateSchedulingPolicyResponse, error) {
	answer := wire.CreateSchedulingPolicyResponse{Name: q.Name, Arn: s.Place.ARN(batch.ResourcePolicy, q.Name)}
	var d wire.SchedulingPolicyDetail
	q.ApplyTo(&d)
	row, err := document.Policy(d)
	if err != nil {
		return answer, err
	}
	_, err = engine.Do(ctx, s.Engine, sched.CreatePolicy{Caller: c.caller, Tags: q.Tags, Policy: row})
	return answer, err
}

func (s *server) updateSchedulingPolicy(ctx context.Context, c call, q *wire.UpdateSchedulingPolicyRequest) (wire.Empty, error) {
	name := s.Place.NameOf(batch.ResourcePolicy, q.Arn)
	return wire.Empty{}, revise("scheduling policy "+name, func() error {
		found, err := s.Store.Policies(ctx, store.NameQuery{Names: []string{name}})
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return batch.Errorf(batch.NotFound, "scheduling policy %s does not exist", name)
		}
		if q.FairsharePolicy == nil && q.QuotaSharePolicy == nil { // it changes nothing
			return nil
		}
		row := found[0]
		d, err := document.OfPolicy(&row)
		if err != nil {
			return err
		}
		q.ApplyTo(&d)
		next, err := document.Policy(d)
		if err != nil {
			return err
		}
		next.CreatedAt, next.Revision = row.CreatedAt, row.Revision
		_, err = engine.Do(ctx, s.Engine, sched.UpdatePolicy{Caller: c.caller, Policy: next})
		return err
	})
}

func (s *server) deleteSchedulingPolicy(ctx context.Context, c call, q *wire.DeleteSchedulingPolicyRequest) (wire.Empty, error) {
	_, err := engine.Do(ctx, s.Engine, sched.DeletePolicy{Caller: c.caller, Name: s.Place.NameOf(batch.ResourcePolicy, q.Arn)})
	return wire.Empty{}, err
}

func (s *server) describeSchedulingPolicies(ctx context.Context, _ call, q *wire.DescribeSchedulingPoliciesRequest) (wire.DescribeSchedulingPoliciesResponse, error) {
	return store.OfOneMoment(ctx, s.Store, q, s.readPolicies)
}

func (s *server) readPolicies(ctx context.Context, r store.Reader, q *wire.DescribeSchedulingPoliciesRequest) (wire.DescribeSchedulingPoliciesResponse, error) {
	answer := wire.DescribeSchedulingPoliciesResponse{SchedulingPolicies: []wire.SchedulingPolicyDetail{}}
	query, err := s.nameQuery(batch.ResourcePolicy, q.Arns, "", nil)
	if err != nil {
		return answer, err
	}
	found, err := r.Policies(ctx, query)
	if err != nil {
		return answer, err
	}
	resource := func(p batch.Policy) string { return batch.ResourcePolicy + "/" + p.Name }
	tags, err := r.Tags(ctx, resources(found, resource))
	if err != nil {
		return answer, err
	}
	for _, p := range found {
		d, err := document.OfPolicy(&p)
		if err != nil {
			return answer, err
		}
		if f := d.FairsharePolicy; f != nil {
			f.FillDefaults()
		}
		d.Arn, d.Tags = s.Place.ARN(batch.ResourcePolicy, p.Name), wire.ShownTags(tags[resource(p)])
		answer.SchedulingPolicies = append(answer.SchedulingPolicies, d)
	}
	return answer, nil
}

func (s *server) listSchedulingPolicies(ctx context.Context, _ call, q *wire.ListSchedulingPoliciesRequest) (wire.ListSchedulingPoliciesResponse, error) {
	answer := wire.ListSchedulingPoliciesResponse{SchedulingPolicies: []wire.SchedulingPolicyListing{}}
	query, err := s.nameQuery(batch.ResourcePolicy, nil, q.NextToken, q.MaxResults)
	if err != nil {
		return answer, err
	}
	found, err := s.Store.Policies(ctx, query)
	if err != nil {
		return answer, err
	}
	found, answer.NextToken = nextName(query, found, func(p batch.Policy) string { return p.Name })
	for _, p := range found {
		answer.SchedulingPolicies = append(answer.SchedulingPolicies, wire.SchedulingPolicyListing{Arn: s.Place.ARN(batch.ResourcePolicy, p.Name)})
	}
	return answer, nil
}

// policyExists reports whether there is a scheduling policy with that name.
func (s *server) policyExists(ctx context.Context, r store.Reader, name string) (bool, error) {
	found, err := r.Policies(ctx, store.NameQuery{Names: []string{name}})
	return len(found) > 0, err
}
