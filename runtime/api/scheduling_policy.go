package api

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

func (s *server) createSchedulingPolicy(ctx context.Context, c call, q *wire.CreateSchedulingPolicyRequest) (wire.CreateSchedulingPolicyResponse, error) {
	answer := wire.CreateSchedulingPolicyResponse{Name: q.Name, Arn: s.Place.ARN(batch.ResourcePolicy, q.Name)}
	stored := *q
	stored.Tags = nil
	body, err := json.Marshal(stored)
	if err != nil {
		return answer, fmt.Errorf("storing the scheduling policy: %w", err)
	}
	fairShare := fairShareOf(q.FairsharePolicy)
	if q.QuotaSharePolicy == nil && fairShare == nil {
		fairShare = &batch.FairShare{} // one that has only a name
	}
	_, err = engine.Do(ctx, s.Engine, sched.CreatePolicy{Caller: c.caller, Tags: q.Tags, Policy: batch.Policy{
		Name: q.Name, FairShare: fairShare, Body: body,
	}})
	return answer, err
}

// fairShareOf returns nil for a policy of another kind.
func fairShareOf(p *wire.FairsharePolicy) *batch.FairShare {
	if p == nil {
		return nil
	}
	f := &batch.FairShare{
		Decay: time.Duration(wire.Or(p.ShareDecaySeconds, 0)) * time.Second, ReservationPercent: wire.Or(p.ComputeReservation, 0),
	}
	for _, s := range p.ShareDistribution {
		f.Weights = append(f.Weights, batch.ShareWeight{Identifier: s.ShareIdentifier, Weight: s.Weight()})
	}
	return f
}

func (s *server) updateSchedulingPolicy(ctx context.Context, c call, q *wire.UpdateSchedulingPolicyRequest) (wire.Empty, error) {
	name := s.Place.NameOf(batch.ResourcePolicy, q.Arn)
	if q.FairsharePolicy == nil && q.QuotaSharePolicy == nil { // it changes nothing
		found, err := s.policyExists(ctx, s.Store, name)
		if err == nil && !found {
			err = batch.Errorf(batch.NotFound, "scheduling policy %s does not exist", name)
		}
		return wire.Empty{}, err
	}
	patch, err := policyPatch(q)
	if err != nil {
		return wire.Empty{}, err
	}
	_, err = engine.Do(ctx, s.Engine, sched.UpdatePolicy{
		Caller: c.caller, Name: name, FairShare: fairShareOf(q.FairsharePolicy), Patch: patch,
	})
	return wire.Empty{}, err
}

// policyPatch returns an update as a patch of the stored document. An update replaces the policy, so what it
// leaves out is removed.
func policyPatch(q *wire.UpdateSchedulingPolicyRequest) ([]byte, error) {
	patch := map[string]any{}
	if p := q.FairsharePolicy; p != nil {
		patch["fairsharePolicy"] = map[string]any{
			"shareDecaySeconds": p.ShareDecaySeconds, "computeReservation": p.ComputeReservation, "shareDistribution": p.ShareDistribution,
		}
	}
	if q.QuotaSharePolicy != nil {
		patch["quotaSharePolicy"] = q.QuotaSharePolicy
	}
	body, err := json.Marshal(patch)
	if err != nil {
		return nil, fmt.Errorf("storing the update: %w", err)
	}
	return body, nil
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
		var d wire.SchedulingPolicyDetail
		if err := json.Unmarshal(p.Body, &d); err != nil {
			return answer, fmt.Errorf("stored scheduling policy %s: %w", p.Name, err)
		}
		if f := d.FairsharePolicy; f != nil {
			f.FillDefaults()
		}
		d.Name, d.Arn, d.Tags = p.Name, s.Place.ARN(batch.ResourcePolicy, p.Name), wire.ShownTags(tags[resource(p)])
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
