package sched_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/why"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
)

// explained asks the machine about a job.
func (s *scene) explained(id batch.JobID) sched.Explanation {
	s.t.Helper()
	answer, err := s.m.Answer(s.now, sched.ExplainJob{ID: id})
	if err != nil {
		s.t.Fatal(err)
	}
	x, _ := answer.(sched.Explanation)
	return x
}

func (s *scene) status(id batch.JobID) batch.Status { return s.explained(id).Status }

func lasting(d time.Duration) func(*sched.SubmitJob) {
	return func(c *sched.SubmitJob) { c.Timeout = &d }
}

// TestGangThatIsOverTheBudgetIsNotForgotten: what has room and was not placed because a round starts only so much is
// placed in the next one, although nothing has changed.
func TestGangThatIsOverTheBudgetIsNotForgotten(t *testing.T) {
	for _, head := range []bool{true, false} {
		s := newScene(t)
		s.do(s.updated(func(e *batch.Environment) { e.Max = batch.Shape{MilliCPU: 6_000_000} }))
		gang := job("gang", "q")
		gang.Given.Definition.Container = batch.Container{}
		gang.Given.Definition.Nodes = &batch.DefinitionNodes{Count: 1000, Open: -1, Ranges: []batch.NodeContainer{
			{From: 0, To: 999, Container: batch.Container{Shape: batch.Shape{MilliCPU: 1000}}},
		}}
		tall := job("tall", "q", size(2), memory(600)) // the second child of it has to wait
		many := job("many", "q", size(3500))
		jobs := []sched.SubmitJob{many, gang}
		if !head {
			jobs = []sched.SubmitJob{many, tall, gang}
		}
		for _, j := range jobs {
			if _, err := s.m.Apply(s.now, j); err != nil {
				t.Fatal(err)
			}
		}
		s.m.Dispatch(s.now)
		if r := s.m.Take(); r.WakeAt.IsZero() || r.WakeAt.After(s.now) {
			t.Errorf("head: %t: the next round is to be at %v, now it is %v", head, r.WakeAt, s.now)
		}
		s.advance(0)
		if status := s.status("gang"); status != batch.Starting {
			t.Errorf("head: %t: there is room for the multi-node job, and it is %s", head, status)
		}
	}
}

// TestLateAttemptHoldsNothingBack: when an attempt outlasts what was expected of it, the head that waits for it starts
// later, and what ends before that may start, although nothing has changed.
func TestLateAttemptHoldsNothingBack(t *testing.T) {
	s := newScene(t)
	s.submit(job("late", "q", func(c *sched.SubmitJob) { c.Timeout = nil }), job("head", "q", vcpus(2)))
	s.now = s.now.Add(6 * time.Minute)
	s.submit(job("short", "q", lasting(5*time.Minute)))
	if status := s.status("short"); status != batch.Runnable {
		t.Fatalf("it would delay the head, and is %s", status)
	}
	for range 100 {
		s.m.Dispatch(s.now)
		wake := s.m.Take().WakeAt
		if wake.IsZero() || s.status("short") != batch.Runnable {
			break
		}
		s.now = wake
	}
	if status := s.status("short"); status != batch.Starting || s.now.After(time.UnixMilli(1_000_000).Add(15*time.Minute)) {
		t.Errorf("at %v the head cannot start before 20 minutes have passed, and what takes 5 is %s", s.now, status)
	}
}

// TestEqualQueuesAreServedByAge: the scheduling priority of a job says nothing to another queue.
func TestEqualQueuesAreServedByAge(t *testing.T) {
	s := newScene(t)
	s.do(sched.CreatePolicy{Policy: batch.Policy{Name: "fair", FairShare: &batch.FairShare{}}})
	s.queue("other", 1, "fair")
	priority := int32(9)
	s.submit(
		job("running", "q", vcpus(2)), job("older", "q", vcpus(2)),
		job("younger", "other", vcpus(2), share("a"), func(c *sched.SubmitJob) { c.Priority = &priority }),
	)
	s.end("running")
	if status := s.status("older"); status != batch.Starting {
		t.Errorf("the older job of a queue of equal priority is %s", status)
	}
}

func (s *scene) end(id batch.JobID) {
	s.t.Helper()
	s.do(exitOf(id, s.now))
}

// TestForesightHasNoOverflow: large arrays of long jobs end in a far future, and not in the past.
func TestForesightHasNoOverflow(t *testing.T) {
	const year, children = 365 * 24 * time.Hour, 10_000
	s := newScene(t) // two at a time
	s.submit(job("running", "q", vcpus(2), lasting(year)), job("before", "q", lasting(year), size(children)))
	answer, err := s.m.Answer(s.now, sched.PlanJob{Submit: job("new", "q", lasting(year), size(children))})
	if err != nil {
		t.Fatal(err)
	}
	plan, _ := answer.(sched.Plan)
	if want := batch.Time(children / 2 * year.Milliseconds()); plan.ExpectedStart < want || plan.ExpectedEnd.Std().Year() != 9999 {
		t.Errorf("it is to start at %d and to end at %v, want %d, and as late as can be said", plan.ExpectedStart, plan.ExpectedEnd.Std(), want)
	}
}

// TestNeedsHaveNoOverflow: what the nodes of a job need together is never so much that it cannot be counted.
func TestNeedsHaveNoOverflow(t *testing.T) {
	s := newScene(t)
	s.do(sched.CreateConsumable{Consumable: batch.Consumable{Name: "licence", Total: 5}})
	gang := job("gang", "q")
	gang.Given.Definition.Container = batch.Container{}
	gang.Given.Definition.Nodes = &batch.DefinitionNodes{Count: 2, Open: -1, Ranges: []batch.NodeContainer{
		{From: 0, To: 1, Container: batch.Container{Shape: batch.Shape{MilliCPU: 1000}}, Needs: []batch.Need{{Resource: "licence", Quantity: 1 << 62}}},
	}}
	_, err := s.m.Apply(s.now, gang)
	if err == nil || !strings.Contains(err.Error(), "licence") {
		t.Errorf("the error is %v, want one about the quantity", err)
	}
	s.advance(0)
	if err := s.m.Check(); err != nil {
		t.Error(err)
	}
}

// TestReasonOfWhatIsSetAsideIsTrue: work that cannot be placed for another reason than before says the new one.
func TestReasonOfWhatIsSetAsideIsTrue(t *testing.T) {
	s := newScene(t)
	s.submit(job("tall", "q", vcpus(3), memory(2000)))
	if code := s.explained("tall").Code; code != why.MaxResource {
		t.Errorf("the code is %s", code)
	}
	rows := s.round(s.updated(func(e *batch.Environment) { e.Max.MilliCPU = 8000 }))
	if code := s.explained("tall").Code; code != why.Requirement {
		t.Errorf("only the host is too small, and the code is %s", code)
	}
	if reason := rows["tall"].StatusReason; !strings.HasPrefix(reason, string(why.Requirement)) {
		t.Errorf("the row says %q", reason)
	}
}

// TestHostThatGoesIsLookedAt: work that fits on no host that is left is set aside when the one it would fit on goes.
func TestHostThatGoesIsLookedAt(t *testing.T) {
	s := newScene(t)
	large := batch.Host{ID: "large", Kind: batch.Local, Capacity: batch.Shape{MilliCPU: 4000, MemoryMiB: 4000, GPUs: 1}}
	s.do(sched.Reported{Report: batch.HostReady{Host: large}})
	s.submit(job("running", "q", vcpus(2)), job("tall", "q", memory(2000)))
	rows := s.round(sched.Reported{Report: batch.HostGone{ID: "large"}})
	if reason := rows["tall"].StatusReason; !strings.HasPrefix(reason, string(why.Requirement)) {
		t.Errorf("no host that is left is large enough, and the job says %q", reason)
	}
}

// TestBlockedHeadIsKnownAfterARestart: the first round after a restart takes back what was said of a head that is one no
// more.
func TestBlockedHeadIsKnownAfterARestart(t *testing.T) {
	w := newWorld()
	var out strings.Builder
	give := func(ev sched.Event) {
		w.apply(&out, ev)
		w.m.Dispatch(w.now)
		w.settle(&out)
	}
	prioritised := func(id batch.JobID, priority int32) sched.SubmitJob {
		return sched.SubmitJob{Request: submit.Request{ID: id, Name: "n", Queue: "q", Definition: batch.DefinitionRef{Name: "d"}, Share: "s", Priority: &priority}}
	}
	give(sched.Reported{Report: batch.HostReady{Host: batch.Host{ID: batch.LocalHost, Kind: batch.Local}}})
	give(sched.CreateEnvironment{Environment: batch.Environment{Name: "e", UUID: "e", Kind: batch.Local, Max: batch.Shape{MilliCPU: 1000}}})
	give(sched.CreatePolicy{Policy: batch.Policy{Name: "fair", FairShare: &batch.FairShare{}}})
	give(sched.CreateQueue{Queue: batch.Queue{Name: "q", UUID: "q", Policy: "fair", Environments: []batch.EnvironmentOrder{{Order: 1, Environment: "e"}}}})
	give(sched.RegisterDefinition{Definition: batch.Definition{Name: "d", Runs: true, Container: batch.Container{Shape: batch.Shape{MilliCPU: 1000}}}})
	give(prioritised("running", 0))
	give(prioritised("head", 0))
	w.now = w.now.Add(time.Minute)
	give(sched.Tick{})
	w.now = w.now.Add(time.Minute)
	give(sched.Tick{})
	if row := w.rows.Job("head"); !strings.HasPrefix(row.StatusReason, "BUSY") {
		t.Fatalf("the head says %q", row.StatusReason)
	}
	w.m = w.load()
	give(prioritised("urgent", 9))
	if row := w.rows.Job("head"); row.StatusReason != "" || row.BlockedAt != 0 {
		t.Errorf("it is not the head and says %q", row.StatusReason)
	}
}

// TestNothingIsKeptOfWhatHasEnded: timeouts, and what waited for a job that lives on, do not pile up.
func TestNothingIsKeptOfWhatHasEnded(t *testing.T) {
	const n = 20_000
	waits := func(c *sched.SubmitJob) { after("first", batch.DependOnSuccess)(c) }
	for name, story := range map[string]func(*scene, sched.SubmitJob){
		"timeouts":     func(s *scene, j sched.SubmitJob) { s.play(j); s.play(exitOf(j.ID, s.now)) },
		"dependencies": func(s *scene, j sched.SubmitJob) { waits(&j); s.play(j); s.play(sched.CancelJob{ID: j.ID}) },
	} {
		s := newScene(t)
		s.submit(job("first", "q", lasting(24*time.Hour)))
		s.play(sched.Reported{Report: batch.AttemptStarted{Attempt: batch.AttemptID{Job: "first", Number: 1}, At: batch.At(s.now)}})
		bytes := growth(n, func() any {
			for i := range n {
				story(s, job(fmt.Sprint("j", i), "q", lasting(24*time.Hour)))
			}
			return s
		})
		if bytes > 200 {
			t.Errorf("%s: a job that has ended takes %.0f bytes", name, bytes)
		}
	}
}

func exitOf(id batch.JobID, at time.Time) sched.Event {
	code := int32(0)
	return sched.Reported{Report: batch.AttemptExited{Exit: batch.Exit{
		Attempt: batch.AttemptID{Job: id, Number: 1}, Kind: batch.Exited, StartedAt: batch.At(at), StoppedAt: batch.At(at), Code: &code,
	}}}
}

// play is do without looking at everything.
func (s *scene) play(ev sched.Event) {
	s.t.Helper()
	if _, err := s.m.Apply(s.now, ev); err != nil {
		s.t.Fatalf("%T: %v", ev, err)
	}
	s.m.Dispatch(s.now)
	s.m.Take()
}
