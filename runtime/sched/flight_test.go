package sched_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
)

// do has the world do what lines of a scenario say.
func (w *world) do(t *testing.T, lines ...string) {
	t.Helper()
	for _, line := range lines {
		cmd, args, err := datadriven.ParseLine(line)
		if err != nil {
			t.Fatal(err)
		}
		w.run(t, &datadriven.TestData{Cmd: cmd, CmdArgs: args})
	}
}

// flying is a world with room for two, in which job a of point x runs.
func flying(t *testing.T) *world {
	t.Helper()
	w := newWorld()
	w.do(t, "host", "env e vcpus=2", "queue q envs=e", "define d", "submit id=a point=x reuse=yes")
	return w
}

// read is a submission of point x with what the store says now.
func (w *world) read(id batch.JobID) sched.SubmitJob {
	c := sched.SubmitJob{
		Request: submit.Request{ID: id, Name: string(id), Queue: "q", Definition: batch.DefinitionRef{Name: "d"}, Parameters: map[string]string{"point": "x"}, Reuse: true},
	}
	given := w.given(c.Needs())
	w.identify(&c, &given)
	c.Given = given
	return c
}

// late applies a submission that was read before, and returns what became of it.
func (w *world) late(t *testing.T, c sched.SubmitJob) batch.Job {
	t.Helper()
	if _, err := w.m.Apply(w.now, c); err != nil {
		t.Fatal(err)
	}
	w.settle(&strings.Builder{})
	return *w.rows.Job(c.ID)
}

// TestAResultThatCameAfterTheStoreWasRead: a submission is read before a result is there and applied after the job that
// left it has ended. It takes the result all the same.
func TestAResultThatCameAfterTheStoreWasRead(t *testing.T) {
	w := flying(t)
	c := w.read("b")
	w.do(t, "exit a/1")
	if j := w.late(t, c); j.Status != batch.Succeeded || j.ReusedFrom != "a" {
		t.Errorf("b is %s with the result of %q, want that of a", j.Status, j.ReusedFrom)
	}
}

// TestResultsThatCameAreRememberedWithinBounds: the oldest are forgotten, and what is forgotten runs.
func TestResultsThatCameAreRememberedWithinBounds(t *testing.T) {
	w := flying(t)
	c := w.read("b")
	w.do(t, "exit a/1")
	for i := range 1100 {
		id := fmt.Sprint("more", i)
		w.do(t, "submit id="+id+" point="+id+" reuse=yes", "exit "+id+"/1")
	}
	if j := w.late(t, c); j.ReusedFrom != "" {
		t.Errorf("b has the result of %q, which came 1100 results ago", j.ReusedFrom)
	}
}

// TestManyPointsThatAreTheSame: one point of a sweep runs and all others wait for it, until one of them succeeds.
// Each step is one pass over them.
func TestManyPointsThatAreTheSame(t *testing.T) {
	const n = 10_000
	w := newWorld()
	w.do(t, "host", "env e vcpus=1", "queue q envs=e", "define d")
	c := sched.SubmitJob{
		Request: submit.Request{
			ID: "a", Name: "a", Queue: "q", Definition: batch.DefinitionRef{Name: "d"}, Reuse: true,
			Points: slices.Repeat([]map[string]string{{"point": "x"}}, n),
		},
	}
	given := w.given(c.Needs())
	w.identify(&c, &given)
	c.Given = given
	w.tell(t, c)
	if joined := w.placed(); joined != n-1 {
		t.Fatalf("%d points wait for the one that runs, want %d", joined, n-1)
	}
	one := int32(1)
	w.tell(t, w.exitOf("a:0", &one))
	if joined := w.placed(); joined != n-2 {
		t.Fatalf("%d points wait for the second one, want %d", joined, n-2)
	}
	zero := int32(0)
	w.tell(t, w.exitOf("a:1", &zero))
	rows := w.m.Take().Delta.Jobs
	array := rows[slices.IndexFunc(rows, func(j batch.Job) bool { return j.ID == "a" })]
	if counts := array.Array.Counts; counts[batch.Failed] != 1 || counts[batch.Succeeded] != n-1 {
		t.Errorf("of the points %d have failed and %d have succeeded, want 1 and %d", counts[batch.Failed], counts[batch.Succeeded], n-1)
	}
}

// tell tells the machine one event.
func (w *world) tell(t *testing.T, ev sched.Event) {
	t.Helper()
	if _, err := w.m.Apply(w.now, ev); err != nil {
		t.Fatal(err)
	}
}

// placed has the machine place until nothing changes, and returns how many jobs have joined another one.
func (w *world) placed() int {
	waits := map[batch.JobID]bool{}
	for {
		w.m.Dispatch(w.now)
		rows := w.m.Take().Delta.Jobs
		for _, j := range rows {
			if delete(waits, j.ID); j.Joined != "" {
				waits[j.ID] = true
			}
		}
		if len(rows) == 0 {
			return len(waits)
		}
	}
}

// exitOf is the end of the first attempt of a job with an exit code.
func (w *world) exitOf(id batch.JobID, code *int32) sched.Event {
	at := batch.At(w.now)
	return sched.Reported{Report: batch.AttemptExited{Exit: batch.Exit{
		Attempt: batch.AttemptID{Job: id, Number: 1}, Kind: batch.Exited, Code: code, StartedAt: at, StoppedAt: at, BaseKey: w.baseKeys[id],
	}}}
}
