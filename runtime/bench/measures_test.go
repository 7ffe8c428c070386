package bench

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

const (
	arraySize     = 10_000
	arrayWorkers  = 4
	submitFor     = 3 * time.Second
	latencyRounds = 50
	queuedArrays  = 100
	queuedSingles = 10_000
	queuedMany    = 100_000
)

// benchStart measures how soon an empty runtime answers.
func benchStart(t *testing.T) {
	var all []time.Duration
	for range 5 {
		s := serve(t, t.TempDir())
		all = append(all, s.ready)
		s.stop()
	}
	report("start-empty-to-first-answer", percentile(all, 50), "ms", 0)
}

// benchLatency measures submit to running on an idle runtime.
func benchLatency(t *testing.T) {
	s := serve(t, t.TempDir())
	s.setUp(4, wire.Enabled, "/bin/true")
	var all []time.Duration
	for range latencyRounds {
		begin := time.Now()
		id, err := s.submit(t.Context(), 0)
		s.must(err)
		j, err := s.Wait(t.Context(), id, nil)
		s.must(err)
		all = append(all, time.UnixMilli(j.StartedAt).Sub(begin.Truncate(time.Millisecond)))
	}
	report("submit-to-start-p50", percentile(all, 50), "ms", 0)
	report("submit-to-start-p99", percentile(all, 99), "ms", 0)
}

// benchSubmit measures durable submits per second against a bare sync loop.
func benchSubmit(t *testing.T) {
	for _, connections := range []int{1, 8, 64} {
		limit := syncLoop(t, connections, submitFor/2)
		s := serve(t, t.TempDir())
		s.setUp(1, wire.Disabled, "/bin/true")
		var accepted atomic.Int64
		var all sync.WaitGroup
		begin := time.Now()
		for range connections {
			all.Go(func() {
				for time.Since(begin) < submitFor {
					if _, err := s.submit(t.Context(), 0); err != nil {
						t.Error(err)
						return
					}
					accepted.Add(1)
				}
			})
		}
		all.Wait()
		rate := float64(accepted.Load()) / time.Since(begin).Seconds()
		report(fmt.Sprintf("submits-durable-%d-connections", connections), rate, "1/s", rate/limit)
		report(fmt.Sprintf("  reference-sync-loop-%d", connections), limit, "1/s", 1)
		s.stop()
	}
}

// benchArray measures an array of processes that do nothing, end to end, against a bare os/exec loop.
func benchArray(t *testing.T) {
	s := serve(t, t.TempDir())
	s.setUp(arrayWorkers, wire.Enabled, "/bin/true")
	before := execLoop(t, arraySize, arrayWorkers, "/bin/true")
	begin := time.Now()
	id, err := s.submit(t.Context(), arraySize)
	s.must(err)
	j, err := s.Wait(t.Context(), id, nil)
	s.must(err)
	rate := arraySize / time.Since(begin).Seconds()
	if n := j.ArrayProperties.StatusSummary[wire.StatusSucceeded]; n != arraySize {
		t.Fatalf("%d of %d children succeeded", n, arraySize)
	}
	after := execLoop(t, arraySize, arrayWorkers, "/bin/true")
	limit := (before + after) / 2
	report("array-10000-end-to-end", rate, "jobs/s", rate/limit)
	report("  reference-exec-loop", limit, "jobs/s", 1)
}

// benchMemory measures resident memory and restart with work queued.
func benchMemory(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, dir)
	s.setUp(1, wire.Disabled, "/bin/true")
	report("memory-idle", s.resident(), "MiB", 0)
	for range queuedArrays {
		_, err := s.submit(t.Context(), arraySize)
		s.must(err)
	}
	report("memory-100-arrays-of-10000", s.resident(), "MiB", 0)
	s.fill(queuedSingles)
	report("memory-and-10000-singles", s.resident(), "MiB", 0)
	s.stop()
	s = serve(t, dir)
	report("restart-with-them", float64(s.ready.Milliseconds()), "ms", 0)
	report("memory-after-restart", s.resident(), "MiB", 0)
}

// benchQueued measures how soon a runtime answers that has many jobs queued.
func benchQueued(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, dir)
	s.setUp(1, wire.Disabled, "/bin/true")
	s.fill(queuedMany)
	report("memory-100000-singles", s.resident(), "MiB", 0)
	report("memory-100000-singles-at-rest", s.atRest(), "MiB", 0)
	s.stop()
	s = serve(t, dir)
	report("restart-with-100000-singles", float64(s.ready.Milliseconds()), "ms", 0)
}

// fill queues n single jobs over 64 connections.
func (s *service) fill(n int) {
	s.t.Helper()
	var left atomic.Int64
	left.Store(int64(n))
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for left.Add(-1) >= 0 {
				if _, err := s.submit(s.t.Context(), 0); err != nil {
					s.t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}
