package sched

import (
	"cmp"
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/heap"
)

// ends is when attempts are expected to end. The first of them are kept sorted, because the places of blocked heads
// are looked for among them again and again; the rest is a heap. Of each attempt the last entry counts, also when an earlier
// one says the same; the others are dropped when they come up, or when they are too many.
type ends struct {
	near []end // sorted; none is later than one in far
	far  heap.Heap[end]
	live int // attempts that are expected to end
}

type end struct {
	at    batch.Time
	order int64 // of the attempt, see [batch.Run.Order]
	guess int32 // how often the job had been given an expected end
	job   *job
}

// counts reports whether the entry is still true.
func (e end) counts() bool {
	run := e.job.row.Run
	return run != nil && run.Order == e.order && e.job.guesses == e.guess && !run.Ahead
}

func (e end) compare(other end) int {
	return cmp.Or(cmp.Compare(e.at, other.at), cmp.Compare(e.order, other.order))
}

// Before implements [heap.Item].
func (e end) Before(other end) bool { return e.compare(other) < 0 }

// Moved implements [heap.Item].
func (end) Moved(int) {}

// add puts entry where it belongs.
func (e *ends) add(entry end) {
	if n := len(e.near); n == 0 || entry.compare(e.near[n-1]) > 0 {
		e.far.Push(entry)
	} else {
		i, _ := slices.BinarySearchFunc(e.near, entry, end.compare)
		e.near = slices.Insert(e.near, i, entry)
	}
	for len(e.near) > 2*maxEnds {
		last := len(e.near) - 1
		e.far.Push(e.near[last])
		e.near = slices.Delete(e.near, last, last+1)
	}
	if len(e.near)+len(e.far) > 2*e.live+minStaleEnds {
		e.compact()
	}
}

// draw moves the next end that counts from far to near, if there is one.
func (e *ends) draw() bool {
	for len(e.far) > 0 {
		if entry := e.far.Pop(); entry.counts() {
			e.near = append(e.near, entry)
			return true
		}
	}
	return false
}

// expect notes when the attempt of j, which holds a place, is expected to end.
func (m *Machine) expect(j *job) {
	j.awaitEnd(j.row.Run.Began().Add(j.row.Run.Expected))
}

// awaitEnd puts the expected end of j's attempt into the pools of its host.
func (j *job) awaitEnd(at batch.Time) {
	j.guesses++
	for _, s := range j.host.stand {
		s.pool.ends.add(end{at: at, order: j.row.Run.Order, guess: j.guesses, job: j})
	}
}

// compact drops what does not count any more.
func (e *ends) compact() { e.drop(func(entry end) bool { return !entry.counts() }) }

// leave drops what ends on h.
func (e *ends) leave(h *host) { e.drop(func(entry end) bool { return entry.job.host == h }) }

func (e *ends) drop(is func(end) bool) {
	e.near, e.far = slices.DeleteFunc(e.near, is), slices.DeleteFunc(e.far, is)
	e.far.Init()
}

// overdue gives attempts that have run for longer than they were expected to a new expected end: twice the time,
// as often as it takes. What has run for long is likely to go on for long.
func (p *pool) overdue(at batch.Time) {
	var late []end
	for entry := range p.ends.ascending {
		if entry.at > at {
			break
		}
		late = append(late, entry)
	}
	for _, entry := range late {
		run := entry.job.row.Run
		expected := max(run.Expected, time.Millisecond)
		for run.Began().Add(expected) <= at {
			expected *= 2
		}
		entry.job.awaitEnd(run.Began().Add(expected))
	}
}

// ascending yields the entries of e that count by rising time. None may be added meanwhile.
func (e *ends) ascending(yield func(end) bool) {
	stale := 0
	for i := 0; i < len(e.near) || e.draw(); i++ {
		entry := e.near[i]
		if !entry.counts() {
			stale++
			continue
		}
		if !yield(entry) {
			break
		}
	}
	if stale > minStaleEnds {
		e.near = slices.DeleteFunc(e.near, func(entry end) bool { return !entry.counts() })
	}
}
