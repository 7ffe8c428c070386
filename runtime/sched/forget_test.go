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

// TestWatchedOnce has job after job wait for the same child of an array that runs on.
func TestWatchedOnce(t *testing.T) {
	s := newScene(t)
	s.submit(job("first", "q"), job("array", "q", size(2), after("first", batch.DependOnSuccess)))
	for i := range 20 {
		id := fmt.Sprintf("next%d", i)
		s.submit(job(id, "q", after("array:1", batch.DependOnSuccess))) // looks whether what is kept is as much as it should be
		if i%2 == 0 {
			s.do(sched.TerminateJob{ID: batch.JobID(id), Reason: "enough"})
		}
	}
	s.do(sched.TerminateJob{ID: "array", Reason: "enough"})
	if v := s.m.View(); v.Unfinished != 1 {
		t.Errorf("%d submissions are left, want the first alone", v.Unfinished)
	}
}

// TestHostsAreForgotten: a host that has been gone for an hour is no row any more, and who has no hosts of its own
// left may use those of its kind.
func TestHostsAreForgotten(t *testing.T) {
	w := newWorld()
	var out strings.Builder
	give := func(ev sched.Event) {
		out.Reset()
		w.apply(&out, ev)
		w.m.Dispatch(w.now)
		w.settle(&out)
		if live, loaded := w.m.Dump(), w.load().Dump(); live != loaded {
			t.Fatalf("the machine is not the one its rows make\nlive:   %s\nloaded: %s", live, loaded)
		}
	}
	hosts := func(want ...string) {
		t.Helper()
		if len(w.rows.Hosts) != len(want) {
			t.Errorf("rows of %d hosts, want %v", len(w.rows.Hosts), want)
		}
		for _, id := range want {
			if _, ok := w.rows.Hosts[id]; !ok {
				t.Errorf("no row of host %s", id)
			}
		}
	}
	own := batch.Host{ID: "own", Kind: batch.EC2, Capacity: batch.Shape{MilliCPU: 4000, MemoryMiB: 1000}, Environments: []string{"e"}}
	common := batch.Host{ID: "common", Kind: batch.EC2, Capacity: own.Capacity}
	give(sched.Reported{Report: batch.HostReady{Host: own}})
	give(sched.Reported{Report: batch.HostReady{Host: common}})
	give(sched.CreateEnvironment{Environment: batch.Environment{Name: "e", UUID: "e", Kind: batch.EC2, Max: batch.Shape{MilliCPU: 2000}}})
	give(sched.CreateQueue{Queue: batch.Queue{Name: "q", UUID: "q", Environments: []batch.EnvironmentOrder{{Order: 1, Environment: "e"}}}})
	give(sched.RegisterDefinition{Definition: batch.Definition{Name: "d", Runs: true, Container: batch.Container{Shape: batch.Shape{MilliCPU: 1000}}}})
	give(sched.Reported{Report: batch.HostGone{ID: "own"}})
	give(sched.SubmitJob{Request: submit.Request{ID: "j", Name: "j", Queue: "q", Definition: batch.DefinitionRef{Name: "d"}}})
	census := func() { give(sched.Census{AsOf: batch.At(w.now), Hosts: []batch.Host{common}}) }
	w.now = w.now.Add(time.Hour - time.Millisecond)
	census()
	hosts("own", "common")
	w.now = w.now.Add(time.Millisecond)
	census()
	hosts("common")
	if run := w.rows.Jobs["j"].Run; run == nil || run.Host != "common" {
		t.Errorf("the job that waited has the attempt %+v, want one on the host of its kind", run)
	}
	give(sched.Reported{Report: batch.HostGone{ID: "own"}})
	hosts("common")
	give(sched.Reported{Report: batch.HostReady{Host: own}})
	hosts("own", "common")
}
