package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// jobWith is the model of a job with these values of x, of which nothing else is known but its name.
func jobWith(t *testing.T, values ...string) *jobModel {
	t.Helper()
	var m jobModel
	emptyModel(t, newJobResource(), &m)
	elements := make([]attr.Value, len(values))
	for i, value := range values {
		elements[i] = types.StringValue(value)
	}
	m.Name, m.JobQueue, m.JobDefinition = types.StringValue("j"), newReference("q"), types.StringValue("d:1")
	m.Matrix = types.MapValueMust(types.ListType{ElemType: types.StringType}, map[string]attr.Value{"x": types.ListValueMust(types.StringType, elements)})
	return &m
}

// TestAHandoverReachesTheSuccessor has two jobs of one name replaced at once, each with an attribute that is not known in
// the plan: each successor gets what its own predecessor left, once.
func TestAHandoverReachesTheSuccessor(t *testing.T) {
	var h handovers
	for _, x := range []string{"1", "2"} {
		planned := jobWith(t, x)
		planned.JobDefinition, planned.DependsOnJobs = types.StringUnknown(), types.ListUnknown(types.StringType)
		h.leave(handover{planned: planned.fingerprint(t.Context()), jobID: "job of " + x})
	}
	for _, x := range []string{"2", "1"} {
		successor := jobWith(t, x).fingerprint(t.Context())
		if have := h.take(successor, ""); have.jobID != "job of "+x {
			t.Errorf("the successor of %s got %q", x, have.jobID)
		}
		if again := h.take(successor, ""); again.jobID != "" {
			t.Errorf("the successor of %s got %q, too", x, again.jobID)
		}
	}
	if have := h.take(jobWith(t, "3").fingerprint(t.Context()), ""); have.planned != nil {
		t.Errorf("a job that replaces none got %q", have.jobID)
	}
}

// TestAHandoverOfTheSameWorkComesFirst has two jobs replaced of whose successors the plan knew the names alone.
func TestAHandoverOfTheSameWorkComesFirst(t *testing.T) {
	var h handovers
	for _, x := range []string{"1", "2"} {
		planned := jobWith(t, x)
		planned.Matrix = types.MapUnknown(planned.Matrix.ElementType(t.Context()))
		h.leave(handover{planned: planned.fingerprint(t.Context()), key: "key of " + x, jobID: "job of " + x})
	}
	if have := h.take(jobWith(t, "2").fingerprint(t.Context()), "key of 2"); have.jobID != "job of 2" {
		t.Errorf("the successor of 2 got %q", have.jobID)
	}
	if have := h.take(jobWith(t, "3").fingerprint(t.Context()), "key of 3"); have.jobID != "job of 1" {
		t.Errorf("the successor of 1, which is other work now, got %q", have.jobID)
	}
}

// TestWhoAsksForAll is the table of causes and of what the last apply saw.
func TestWhoAsksForAll(t *testing.T) {
	for _, c := range []struct {
		cause, status string
		rerun, failed bool // rerun, wait_failed
		want          bool
	}{
		{cause: causeTaint, status: wire.StatusSucceeded, want: true},
		{cause: causeTaint, status: wire.StatusSucceeded, failed: true},
		{cause: causeTaint, status: wire.StatusFailed},
		{cause: causeTaint, status: wire.StatusFailed, rerun: true, want: true},
		{cause: causeTaint, status: wire.StatusRunning, failed: true},
		{cause: causeTaint, status: wire.StatusRunning, rerun: true},
		{cause: causeRequest, status: wire.StatusSucceeded, want: true},
		{cause: causeRequest, status: wire.StatusFailed, want: true},
		{cause: causeRequest, status: wire.StatusRunning, failed: true, want: true},
		{cause: causeReplacement, status: wire.StatusSucceeded},
		{cause: causeReplacement, status: wire.StatusRunning},
		{cause: causeReplacement, status: wire.StatusFailed, rerun: true, want: true},
	} {
		m := jobWith(t, "1")
		m.Status, m.Rerun, m.WaitFailed = types.StringValue(c.status), types.BoolValue(c.rerun), types.BoolValue(c.failed)
		if have := (intent{Cause: c.cause}).asksForAll(m); have != c.want {
			t.Errorf("%+v: %v", c, have)
		}
	}
}
