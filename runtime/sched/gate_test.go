package sched_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
)

// fullWorld is a machine with no room, that takes arrays of a million.
func fullWorld(t *testing.T) (*sched.Machine, func(sched.Event) sched.Round) {
	t.Helper()
	m := sched.Load(batch.Snapshot{}, sched.Config{MaxArraySize: batch.MaxMaxArraySize})
	now := time.UnixMilli(1_000_000)
	tell := func(ev sched.Event) sched.Round {
		t.Helper()
		if submit, ok := ev.(sched.SubmitJob); ok {
			submit.Given.Definition = &batch.Definition{Name: "d", Runs: true, Active: true, Container: batch.Container{Shape: batch.Shape{MilliCPU: 1000}}}
			ev = submit
		}
		if _, err := m.Apply(now, ev); err != nil {
			t.Fatal(err)
		}
		m.Dispatch(now)
		return m.Take()
	}
	tell(sched.Reported{Report: batch.HostReady{Host: batch.Host{ID: batch.LocalHost, Kind: batch.Local, Capacity: batch.Shape{MilliCPU: 1000, MemoryMiB: 1000}}}})
	tell(sched.CreateEnvironment{Environment: batch.Environment{Name: "e", UUID: "e", Kind: batch.Local, Max: batch.Shape{MilliCPU: 1000}}})
	tell(sched.CreateQueue{Queue: batch.Queue{Name: "q", UUID: "q", Environments: []batch.EnvironmentOrder{{Order: 1, Environment: "e"}}}})
	tell(sched.SubmitJob{Request: submit.Request{ID: "first", Queue: "q"}})
	return m, tell
}

// TestMillionUnbornEndInOneRow cancels a million children of which none has started, with another million behind each.
func TestMillionUnbornEndInOneRow(t *testing.T) {
	for _, kind := range []batch.DependencyKind{batch.DependSequential, batch.DependNToN, batch.DependOnSuccess} {
		_, tell := fullWorld(t)
		tell(sched.SubmitJob{Request: submit.Request{ID: "a", Queue: "q", Size: batch.MaxMaxArraySize}})
		depends := batch.Dependency{Job: "a", Kind: kind}
		rows := 2
		if kind == batch.DependSequential {
			depends.Job, rows = "", 1
		}
		tell(sched.SubmitJob{Request: submit.Request{ID: "b", Queue: "q", Size: batch.MaxMaxArraySize, DependsOn: []batch.Dependency{depends}}})
		d := tell(sched.CancelJob{ID: "a"}).Delta
		if len(d.Jobs) != rows {
			t.Errorf("type %q: %d rows were written, not %d", kind, len(d.Jobs), rows)
		}
		d = tell(sched.TerminateJob{ID: "b"}).Delta
		if kind == batch.DependSequential && len(d.Jobs) != 2 { // its first child is RUNNABLE and has a row
			t.Errorf("type %q: %d rows were written, not 2", kind, len(d.Jobs))
		}
	}
}

// TestUnstartedArrayIsSmall holds the memory of an array none of whose children has started against its limit.
func TestUnstartedArrayIsSmall(t *testing.T) {
	long.Only(t, "measures memory")
	const arrays, limit = 500, 4 << 10
	for _, kind := range []batch.DependencyKind{"none", batch.DependSequential, batch.DependNToN} {
		m, tell := fullWorld(t)
		tell(sched.SubmitJob{Request: submit.Request{ID: "first-array", Queue: "q", Size: batch.MaxMaxArraySize}})
		before := heap()
		for i := range arrays {
			c := sched.SubmitJob{Request: submit.Request{ID: batch.JobID(fmt.Sprintf("00000000-0000-0000-0000-%012d", i)), Queue: "q", Size: batch.MaxMaxArraySize}}
			switch kind {
			case batch.DependSequential:
				c.DependsOn = []batch.Dependency{{Kind: kind}}
			case batch.DependNToN:
				c.DependsOn = []batch.Dependency{{Kind: kind, Job: "first-array"}}
			default:
			}
			tell(c)
		}
		per := (heap() - before) / arrays
		t.Logf("type %q: %d bytes each", kind, per)
		if per >= limit {
			t.Errorf("type %q: an array takes %d bytes, the limit is %d", kind, per, limit)
		}
		runtime.KeepAlive(m)
	}
}

// heap is how many bytes are reachable.
func heap() int64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc)
}
