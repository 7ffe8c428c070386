package client_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// TestSchedulingOperations asks every operation once and checks where it went and what came back.
func TestSchedulingOperations(t *testing.T) {
	s := start(t)
	c := s.client(t, time.Second)
	ctx := t.Context()
	calls := map[string]func() error{
		wire.PathCreateSchedulingPolicy: only(func() (any, error) { return c.CreateSchedulingPolicy(ctx, &wire.CreateSchedulingPolicyRequest{}) }),
		wire.PathDescribeSchedulingPolicies: only(func() (any, error) {
			return c.DescribeSchedulingPolicies(ctx, &wire.DescribeSchedulingPoliciesRequest{})
		}),
		wire.PathListSchedulingPolicies:   only(func() (any, error) { return c.AllSchedulingPolicies(ctx) }),
		wire.PathUpdateSchedulingPolicy:   func() error { return c.UpdateSchedulingPolicy(ctx, &wire.UpdateSchedulingPolicyRequest{}) },
		wire.PathDeleteSchedulingPolicy:   func() error { return c.DeleteSchedulingPolicy(ctx, &wire.DeleteSchedulingPolicyRequest{}) },
		wire.PathCreateConsumableResource: only(func() (any, error) { return c.CreateConsumableResource(ctx, &wire.CreateConsumableResourceRequest{}) }),
		wire.PathDescribeConsumableResource: only(func() (any, error) {
			return c.DescribeConsumableResource(ctx, &wire.DescribeConsumableResourceRequest{})
		}),
		wire.PathListConsumableResources:  only(func() (any, error) { return c.AllConsumableResources(ctx, wire.ListConsumableResourcesRequest{}) }),
		wire.PathDeleteConsumableResource: func() error { return c.DeleteConsumableResource(ctx, &wire.DeleteConsumableResourceRequest{}) },
		wire.PathListJobsByConsumableResource: only(func() (any, error) {
			return c.ListJobsByConsumableResource(ctx, &wire.ListJobsByConsumableResourceRequest{})
		}),
		wire.PathGetJobQueueSnapshot: only(func() (any, error) { return c.GetJobQueueSnapshot(ctx, &wire.GetJobQueueSnapshotRequest{}) }),
		wire.PathListHosts:           only(func() (any, error) { return c.ListHosts(ctx, &wire.ListHostsRequest{}) }),
		wire.PathExplainJob:          only(func() (any, error) { return c.ExplainJob(ctx, &wire.ExplainJobRequest{}) }),
		wire.PathPlanJob:             only(func() (any, error) { return c.PlanJob(ctx, &wire.SubmitJobRequest{}) }),
		wire.PathRetryJob:            only(func() (any, error) { return c.RetryJob(ctx, &wire.RetryJobRequest{}) }),
		wire.PathClaimJob:            only(func() (any, error) { return c.ClaimJob(ctx, &wire.ClaimJobRequest{}) }),
		wire.PathReleaseJob:          func() error { return c.ReleaseJob(ctx, &wire.ReleaseJobRequest{}) },
	}
	for path, call := range calls {
		asked := 0
		s.on(path, func(w http.ResponseWriter, _ *http.Request) { asked++; answer(w, wire.Empty{}) })
		if err := call(); err != nil || asked != 1 {
			t.Errorf("%s was asked %d times, %v", path, asked, err)
		}
	}
}

// only drops what a call returns beside its error.
func only(call func() (any, error)) func() error {
	return func() error { _, err := call(); return err }
}

func TestUpdateConsumableResourceAlwaysHasAToken(t *testing.T) {
	s := start(t)
	var tokens []string
	s.on(wire.PathUpdateConsumableResource, func(w http.ResponseWriter, r *http.Request) {
		in := read[wire.UpdateConsumableResourceRequest](t, r)
		if in.ClientToken == nil {
			t.Fatal("an update without a token")
		}
		if tokens = append(tokens, *in.ClientToken); len(tokens) < 2 {
			(&wire.Error{Code: wire.CodeServer, StatusCode: 500}).Write(w)
			return
		}
		answer(w, wire.UpdateConsumableResourceResponse{TotalQuantity: 3})
	})
	in := &wire.UpdateConsumableResourceRequest{ConsumableResource: "licence"}
	out, err := s.client(t, time.Minute).UpdateConsumableResource(t.Context(), in)
	if err != nil || out.TotalQuantity != 3 || tokens[0] == "" || tokens[0] != tokens[1] || in.ClientToken != nil {
		t.Errorf("%+v, %v; tokens %q; the request became %+v", out, err, tokens, in)
	}
}

func TestExplainJob(t *testing.T) {
	s := start(t)
	s.on(wire.PathExplainJob, func(w http.ResponseWriter, r *http.Request) {
		answer(w, wire.ExplainJobResponse{JobID: read[wire.ExplainJobRequest](t, r).JobID, Code: "DEPENDENCY", WaitsFor: []string{"a"}})
	})
	c := s.client(t, time.Second)
	if out, err := c.ExplainJob(t.Context(), &wire.ExplainJobRequest{JobID: "j"}); err != nil || out.JobID != "j" || out.WaitsFor[0] != "a" {
		t.Errorf("%+v, %v", out, err)
	}
}
