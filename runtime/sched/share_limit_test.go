package sched_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// TestOneShareTooMany: as many share identifiers as are allowed may be active in a queue. A new one is refused until the
// jobs of another have ended and its use is forgotten; each queue counts its own.
func TestOneShareTooMany(t *testing.T) {
	w := newWorld()
	var out strings.Builder
	give := func(ev sched.Event) string {
		out.Reset()
		w.apply(&out, ev)
		w.m.Dispatch(w.now)
		said := out.String()
		w.settle(&out)
		return said
	}
	submit := func(queue, share string) string {
		id := batch.JobID(queue + "-" + share)
		return give(sched.SubmitJob{ID: id, Name: share, Queue: queue, Definition: batch.DefinitionRef{Name: "d"}, Share: share})
	}
	give(sched.Reported{Report: batch.HostReady{Host: batch.Host{ID: batch.LocalHost, Kind: batch.Local}}})
	give(sched.CreateEnvironment{Environment: batch.Environment{Name: "e", UUID: "e", Kind: batch.Local, Max: batch.Shape{MilliCPU: 2000}}})
	give(sched.CreatePolicy{Policy: batch.Policy{Name: "fair", FairShare: &batch.FairShare{Decay: time.Minute}}})
	for _, name := range []string{"q", "other"} {
		give(sched.CreateQueue{Queue: batch.Queue{Name: name, UUID: name, Policy: "fair", Environments: []batch.EnvironmentOrder{{Order: 1, Environment: "e"}}}})
	}
	give(sched.RegisterDefinition{Definition: batch.Definition{Name: "d", Runs: true, Container: batch.Container{Shape: batch.Shape{MilliCPU: 1000}}}})

	for i := range batch.MaxShares {
		if said := submit("q", fmt.Sprintf("s%d", i)); !strings.HasPrefix(said, "reply") {
			t.Fatalf("share %d: %s", i, said)
		}
	}
	want := func(what, said, prefix string) {
		t.Helper()
		if !strings.HasPrefix(said, prefix) {
			t.Errorf("%s: %s, want %s", what, said, prefix)
		}
	}
	want("one more", submit("q", "more"), "refused: shareIdentifier: \"more\" would be one too many")
	want("another queue", submit("other", "more"), "reply")
	w.m = w.load()
	want("one more after a restart", submit("q", "more"), "refused")

	w.now = w.now.Add(time.Second)
	code := int32(0)
	give(sched.Reported{Report: batch.AttemptExited{Exit: batch.Exit{
		Attempt: batch.AttemptID{Job: "q-s0", Number: 1}, Kind: batch.Exited, Code: &code, StoppedAt: batch.At(w.now),
	}}})
	want("one has ended, and its use still counts", submit("q", "more"), "refused")
	w.now = w.now.Add(time.Minute)
	want("its use is forgotten", submit("q", "more"), "reply")
	want("the other is now the one too many", submit("q", "s0"), "refused")
}
