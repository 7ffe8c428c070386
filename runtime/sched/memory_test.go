package sched_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
)

// What a machine may keep in memory, in bytes.
const (
	arrayLimit  = 4 << 10 // of an array none of whose children has started, whatever its size
	singleLimit = 1 << 10 // of a single job that waits
	endedLimit  = 8       // of a child that has ended while its array lives
)

// growth is how much what is reachable grows, for each of n things, by what make returns.
func growth(n int, make func() any) float64 {
	before := heap()
	kept := make()
	grown := heap() - before
	runtime.KeepAlive(kept)
	return float64(grown) / float64(n)
}

// fresh is s in memory of its own, as it comes from the wire or from a database.
func fresh(s string) string { return strings.Clone(s) }

func uuidOf(i int) string { return fmt.Sprintf("%08x-5d1e-4c47-9a0f-%012x", i*2654435761, i) }

// emptyQueue is a machine with one queue over an environment without hosts.
func emptyQueue() batch.Snapshot {
	s := batch.Snapshot{Environments: []batch.Environment{environmentOf("production", 64_000)}}
	q := queueOf("simulations", 1, false, "production")
	q.UUID = uuidOf(0)
	s.Queues = []batch.Queue{q}
	return s
}

// definition is one that jobs usually have: attempts, rules for their retry, a timeout.
func definition() *batch.Definition {
	return &batch.Definition{
		Name: fresh("simulate-weather"), Revision: 7, Active: true, Runs: true, Timeout: time.Hour,
		Container: batch.Container{Image: "registry/image:tag", Shape: batch.Shape{MilliCPU: 2000, MemoryMiB: 4096}},
		Retry: batch.Retry{Attempts: 3, Rules: []batch.RetryRule{
			{Retry: true, OnStatusReason: fresh("Host EC2*")}, {OnReason: fresh("*")},
		}},
	}
}

// submitTo submits a job, or an array, with everything of it in memory of its own.
func submitTo(t testing.TB, m *sched.Machine, i int, size int32) {
	t.Helper()
	d := definition()
	c := sched.SubmitJob{
		Request: submit.Request{
			ID: batch.JobID(uuidOf(i)), Name: fmt.Sprintf("simulate-%06d", i), Queue: fresh("simulations"),
			Definition: d.Ref(), Size: size,
			Body: []byte(`{"jobName":"simulate","jobQueue":"simulations","jobDefinition":"simulate-weather:7"}`),
		},
		Given: sched.Given{Definition: d},
	}
	if _, err := m.Apply(time.UnixMilli(1000), c); err != nil {
		t.Fatal(err)
	}
}

// queued returns a machine in which n submissions of that size wait, and their rows if they are to be kept.
func queued(t testing.TB, n int, size int32, kept *batch.Rows) *sched.Machine {
	t.Helper()
	m := sched.Load(emptyQueue(), sched.Config{MaxArraySize: batch.MaxMaxArraySize})
	for i := range n {
		submitTo(t, m, i+1, size)
		if i%1000 == 999 || i == n-1 {
			m.Dispatch(time.UnixMilli(1000))
			if r := m.Take(); kept != nil {
				kept.Fold(&r.Delta)
			}
		}
	}
	return m
}

// stored returns the rows of n submissions of that size as a store reads them: every string is in memory of its own.
func stored(t testing.TB, n int, size int32) batch.Snapshot {
	t.Helper()
	var kept batch.Rows
	queued(t, n, size, &kept)
	s := emptyQueue()
	s.Jobs, s.LastSeq = kept.Snapshot().Jobs, int64(n)
	for i := range s.Jobs {
		j := &s.Jobs[i]
		d := definition()
		j.ID, j.Name, j.QueueID, j.QueueName = batch.JobID(fresh(string(j.ID))), fresh(j.Name), fresh(j.QueueID), fresh(j.QueueName)
		j.Definition.Name, j.Retry.Rules, j.StatusReason = d.Name, d.Retry.Rules, fresh(j.StatusReason)
	}
	return s
}

// runToEnd starts and ends the children of an array until all have but one, which runs on.
func runToEnd(t testing.TB, f *fleet, size int) {
	t.Helper()
	for ended := 0; ended < size-1; {
		f.place()
		f.report()
		exits := f.some(min(len(f.running)-1, size-1-ended))
		if len(exits) == 0 {
			t.Fatalf("nothing runs, %d of %d children have ended", ended, size)
		}
		for _, x := range exits {
			f.apply(batch.AttemptExited{Exit: x})
		}
		ended += len(exits)
	}
	f.place()
	f.report()
}

const manyQueued = 100_000

// measureMemory measures what things take.
func measureMemory(t testing.TB) (arrays map[int32]float64, ended, applied, loaded float64) {
	arrays = map[int32]float64{}
	for _, size := range []int32{10, 10_000, 1_000_000} {
		arrays[size] = growth(1000, func() any { return queued(t, 1000, size, nil) })
	}
	f := newFleet(t, 100, 1)
	f.submit("q00", manyQueued, 0)
	ended = growth(manyQueued, func() any { runToEnd(t, f, manyQueued); return f })
	applied = growth(manyQueued, func() any { return queued(t, manyQueued, 0, nil) })
	loaded = growth(manyQueued, func() any { return sched.Load(stored(t, manyQueued, 0), sched.Config{}) })
	return arrays, ended, applied, loaded
}

// TestMemory holds what a machine keeps in memory against its limits.
func TestMemory(t *testing.T) {
	long.Only(t, "measures what hundreds of thousands of jobs take")
	arrays, ended, applied, loaded := measureMemory(t)
	t.Logf("arrays %v, ended child %.2f, single job %.0f by Apply, %.0f by Load", arrays, ended, applied, loaded)
	for size, bytes := range arrays {
		if bytes > arrayLimit {
			t.Errorf("an array of %d that has not started takes %.0f bytes, the limit is %d", size, bytes, arrayLimit)
		}
	}
	if ended > endedLimit {
		t.Errorf("a child that has ended takes %.2f bytes, the limit is %d", ended, endedLimit)
	}
	if applied > singleLimit || loaded > singleLimit {
		t.Errorf("a single job takes %.0f bytes when submitted and %.0f when loaded, the limit is %d", applied, loaded, singleLimit)
	}
}
