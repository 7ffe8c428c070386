package sched_test

import (
	"slices"
	"testing"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

const (
	easyLogs    = 90
	jobsPerLog  = 250
	deepestLogs = 200 // so many jobs that wait at once are looked at whole, see maxBackfill
)

// simulated is what a slow simulation of a log on a cluster says.
type simulated struct {
	starts []batch.Time // by place in the log
	// promised is when a job was expected to start when it became the blocked head; -1 if it never was.
	promised []batch.Time
	deepest  int // jobs that waited at once
}

// simulate runs log on one cluster, first come first served, and with EASY backfilling if asked: when the first job does
// not fit, its shadow time is when enough processors will be free for it, and the extra ones are those it leaves then.
// A job behind it starts if it fits and either ends by the shadow time or needs no more than the extra ones.
func simulate(log []logged, processors int64, backfill bool) simulated {
	type running struct {
		end   batch.Time
		width int64
	}
	s := simulated{starts: make([]batch.Time, len(log)), promised: make([]batch.Time, len(log))}
	for i := range log {
		s.starts[i], s.promised[i] = -1, -1
	}
	width := func(i int) int64 { return log[i].shape.MilliCPU / 1000 }
	var waiting []int
	var run []running
	free, next := processors, 0
	start := func(now batch.Time, i int) {
		s.starts[i] = now
		free -= width(i)
		run = append(run, running{now.Add(log[i].runs), width(i)})
	}
	for next < len(log) || len(run) > 0 {
		now := batch.Time(1) << 60
		if next < len(log) {
			now = log[next].at
		}
		for _, r := range run {
			now = min(now, r.end)
		}
		run = slices.DeleteFunc(run, func(r running) bool {
			if r.end == now {
				free += r.width
			}
			return r.end == now
		})
		for ; next < len(log) && log[next].at == now; next++ {
			waiting = append(waiting, next)
		}
		for len(waiting) > 0 && width(waiting[0]) <= free {
			start(now, waiting[0])
			waiting = waiting[1:]
		}
		s.deepest = max(s.deepest, len(waiting))
		if len(waiting) == 0 {
			continue
		}
		head := waiting[0]
		ends := slices.Clone(run)
		slices.SortFunc(ends, func(a, b running) int { return int(a.end - b.end) })
		shadow, extra := batch.Time(0), free-width(head)
		for _, r := range ends {
			if extra >= 0 && r.end > shadow {
				break
			}
			shadow, extra = r.end, extra+r.width
		}
		if s.promised[head] < 0 {
			s.promised[head] = shadow
		}
		if !backfill {
			continue
		}
		left := []int{head}
		for _, i := range waiting[1:] {
			inTime := now.Add(log[i].runs) <= shadow
			if width(i) > free || !inTime && width(i) > extra {
				left = append(left, i)
				continue
			}
			start(now, i)
			if !inTime {
				extra -= width(i)
			}
		}
		waiting = left
	}
	return s
}

// TestEasyBackfilling holds the machine against the slow simulation, job by job, and both against the promise of EASY
// backfilling: no job starts later than was expected of it when it became the blocked head, so no head starts later
// than it would if nothing behind it were started.
//
// That is all that EASY promises. A job that is not the head yet may be delayed by what is started before it, so against a
// whole run without backfilling some jobs start later; the test says how many, and by how much.
func TestEasyBackfilling(t *testing.T) {
	var against comparison
	logs, heads, deepest := long.Sample(easyLogs), 0, 0
	for seed := range uint64(logs) {
		log, processors := generate(seed, jobsPerLog)
		twin := simulate(log, processors, true)
		if twin.deepest > deepestLogs {
			t.Fatalf("seed %d: %d jobs wait at once, more than the machine looks at", seed, twin.deepest)
		}
		real := play(t, cluster(processors, false), log, nil)
		for i := range log {
			if real.starts[i] != twin.starts[i] {
				t.Fatalf("seed %d: job %d of %d processors starts at %d, in the slow simulation at %d", seed, i, processors, real.starts[i], twin.starts[i])
			}
			if promised := twin.promised[i]; promised >= 0 {
				heads++
				if real.starts[i] > promised {
					t.Fatalf("seed %d: job %d was expected to start at %d when it became the head, and starts at %d", seed, i, promised, real.starts[i])
				}
			}
		}
		deepest = max(deepest, twin.deepest)
		against.add(log, simulate(log, processors, false).starts, real.starts)
	}
	t.Logf("%d jobs, %d of them blocked heads, up to %d waiting: all starts as in the slow simulation, no head later than promised", logs*jobsPerLog, heads, deepest)
	against.report(t)
}

// TestStrictQueueIsFirstComeFirstServed holds a strict queue against the slow simulation without backfilling.
func TestStrictQueueIsFirstComeFirstServed(t *testing.T) {
	for seed := range uint64(long.Sample(easyLogs / 2)) {
		log, processors := generate(seed, jobsPerLog)
		twin, real := simulate(log, processors, false), play(t, cluster(processors, true), log, nil)
		for i := range log {
			if real.starts[i] != twin.starts[i] {
				t.Fatalf("seed %d: job %d of %d processors starts at %d, first come first served at %d", seed, i, processors, real.starts[i], twin.starts[i])
			}
		}
	}
}

// TestJobsOfOneProcessorAreNotBackfilled: where all ask for the same, nothing behind the head fits either.
func TestJobsOfOneProcessorAreNotBackfilled(t *testing.T) {
	for seed := range uint64(long.Sample(easyLogs / 6)) {
		log, processors := generate(seed, jobsPerLog)
		for i := range log {
			log[i].shape.MilliCPU = 1000
		}
		strict, filled := play(t, cluster(processors, true), log, nil), play(t, cluster(processors, false), log, nil)
		if !slices.Equal(strict.starts, filled.starts) {
			t.Fatalf("seed %d: backfilling changes when jobs of one processor start", seed)
		}
	}
}

// comparison is what backfilling did to whole runs.
type comparison struct {
	jobs, earlier, later int
	delays               []int64 // of those that start later, in ms
	waited, waits        int64   // mean wait sums without and with, in ms
}

func (c *comparison) add(log []logged, without, with []batch.Time) {
	for i := range log {
		c.jobs++
		c.waited += int64(without[i] - log[i].at)
		c.waits += int64(with[i] - log[i].at)
		switch {
		case with[i] < without[i]:
			c.earlier++
		case with[i] > without[i]:
			c.later++
			c.delays = append(c.delays, int64(with[i]-without[i]))
		}
	}
}

func (c *comparison) report(t *testing.T) {
	slices.Sort(c.delays)
	at := func(p int) float64 {
		if len(c.delays) == 0 {
			return 0
		}
		return float64(c.delays[min(len(c.delays)*p/100, len(c.delays)-1)]) / 1000
	}
	n := float64(c.jobs)
	t.Logf("against whole runs without backfilling: mean wait %.0f s instead of %.0f s; %.1f %% of jobs start earlier, %.1f %% later, these by %.0f s (p50), %.0f s (p90), %.0f s (most)",
		float64(c.waits)/n/1000, float64(c.waited)/n/1000, 100*float64(c.earlier)/n, 100*float64(c.later)/n, at(50), at(90), at(100))
}
