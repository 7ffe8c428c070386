package sched_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
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
	try := func(queue, share string) string {
		id := batch.JobID(queue + "-" + share)
		return give(sched.SubmitJob{Request: submit.Request{ID: id, Name: share, Queue: queue, Definition: batch.DefinitionRef{Name: "d"}, Share: share}})
	}
	give(sched.Reported{Report: batch.HostReady{Host: batch.Host{ID: batch.LocalHost, Kind: batch.Local}}})
	give(sched.CreateEnvironment{Environment: batch.Environment{Name: "e", UUID: "e", Kind: batch.Local, Max: batch.Shape{MilliCPU: 2000}}})
	give(sched.CreatePolicy{Policy: batch.Policy{Name: "fair", FairShare: &batch.FairShare{Decay: time.Minute}}})
	for _, name := range []string{"q", "other"} {
		give(sched.CreateQueue{Queue: batch.Queue{Name: name, UUID: name, Policy: "fair", Environments: []batch.EnvironmentOrder{{Order: 1, Environment: "e"}}}})
	}
	give(sched.RegisterDefinition{Definition: batch.Definition{Name: "d", Runs: true, Container: batch.Container{Shape: batch.Shape{MilliCPU: 1000}}}})

	for i := range batch.MaxShares {
		if said := try("q", fmt.Sprintf("s%d", i)); !strings.HasPrefix(said, "reply") {
			t.Fatalf("share %d: %s", i, said)
		}
	}
	want := func(what, said, prefix string) {
		t.Helper()
		if !strings.HasPrefix(said, prefix) {
			t.Errorf("%s: %s, want %s", what, said, prefix)
		}
	}
	want("one more", try("q", "more"), "refused: shareIdentifier: \"more\" would be one too many")
	want("another queue", try("other", "more"), "reply")
	w.m = w.load()
	want("one more after a restart", try("q", "more"), "refused")

	w.now = w.now.Add(time.Second)
	code := int32(0)
	give(sched.Reported{Report: batch.AttemptExited{Exit: batch.Exit{
		Attempt: batch.AttemptID{Job: "q-s0", Number: 1}, Kind: batch.Exited, Code: &code, StoppedAt: batch.At(w.now),
	}}})
	want("one has ended, and its use still counts", try("q", "more"), "refused")
	w.now = w.now.Add(time.Minute)
	want("its use is forgotten", try("q", "more"), "reply")
	want("the other is now the one too many", try("q", "s0"), "refused")
}

// TestSharesAreForgotten submits under one share after another, as a CI does with one for each commit: what has no jobs and
// no use that counts is no row any more, before a restart and after one.
func TestSharesAreForgotten(t *testing.T) {
	w := newWorld()
	var out strings.Builder
	give := func(ev sched.Event) {
		out.Reset()
		w.apply(&out, ev)
		w.m.Dispatch(w.now)
		if strings.HasPrefix(out.String(), "refused") {
			t.Fatal(out.String())
		}
		w.settle(&out)
	}
	give(sched.Reported{Report: batch.HostReady{Host: batch.Host{ID: batch.LocalHost, Kind: batch.Local}}})
	give(sched.CreateEnvironment{Environment: batch.Environment{Name: "e", UUID: "e", Kind: batch.Local, Max: batch.Shape{MilliCPU: 2000}}})
	give(sched.CreatePolicy{Policy: batch.Policy{Name: "fair", FairShare: &batch.FairShare{Decay: time.Minute}}})
	give(sched.CreateQueue{Queue: batch.Queue{Name: "q", UUID: "q", Policy: "fair", Environments: []batch.EnvironmentOrder{{Order: 1, Environment: "e"}}}})
	give(sched.RegisterDefinition{Definition: batch.Definition{Name: "d", Runs: true, Container: batch.Container{Shape: batch.Shape{MilliCPU: 1000}}}})
	commit := func(i int) {
		id := batch.JobID(fmt.Sprintf("j%d", i))
		give(sched.SubmitJob{Request: submit.Request{ID: id, Name: "j", Queue: "q", Definition: batch.DefinitionRef{Name: "d"}, Share: fmt.Sprintf("commit-%d", i)}})
		w.now = w.now.Add(time.Second)
		code := int32(0)
		give(sched.Reported{Report: batch.AttemptExited{Exit: batch.Exit{
			Attempt: batch.AttemptID{Job: id, Number: 1}, Kind: batch.Exited, Code: &code, StoppedAt: batch.At(w.now),
		}}})
	}
	rows := func() int { return len(w.rows.Snapshot().Shares) }
	for i := range 300 {
		commit(i)
		if i%50 == 49 {
			w.m = w.load()
		}
		if n := rows(); n > 62 {
			t.Fatalf("after %d commits there are rows of %d shares; those of the last minute count", i+1, n)
		}
	}
	for i := range 400 { // a burst under new shares, all at once
		id := batch.JobID(fmt.Sprintf("burst%d", i))
		give(sched.SubmitJob{Request: submit.Request{ID: id, Name: "j", Queue: "q", Definition: batch.DefinitionRef{Name: "d"}, Share: string(id)}})
		give(sched.TerminateJob{ID: id, Reason: "enough"})
	}
	w.now = w.now.Add(2 * time.Minute)
	before := rows()
	commit(1000)
	if gone := before + 1 - rows(); gone < 1 || gone > 64 {
		t.Errorf("%d of %d rows of shares went at once, at most 64 may", gone, before)
	}
	for i := range 10 {
		commit(1001 + i)
	}
	if n := rows(); n > 20 {
		t.Errorf("rows of %d shares are left", n)
	}
}
