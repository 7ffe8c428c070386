package sched

import (
	"container/heap"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// ends is a heap of when attempts are expected to end. Of each attempt the last entry counts, also when an earlier one
// says the same; the others are dropped when they come up, or when they are too many.
type ends struct {
	heap []end
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

func (e *ends) Len() int { return len(e.heap) }

// Less implements [heap.Interface].
func (e *ends) Less(i, k int) bool {
	a, b := e.heap[i], e.heap[k]
	if a.at != b.at {
		return a.at < b.at
	}
	return compareJobs(a.job, b.job) < 0
}

// Swap implements [heap.Interface].
func (e *ends) Swap(i, k int) { e.heap[i], e.heap[k] = e.heap[k], e.heap[i] }

// Push implements [heap.Interface].
func (e *ends) Push(x any) {
	entry, _ := x.(end)
	e.heap = append(e.heap, entry)
}

// Pop implements [heap.Interface].
func (e *ends) Pop() any {
	last := len(e.heap) - 1
	entry := e.heap[last]
	e.heap[last] = end{}
	e.heap = e.heap[:last]
	return entry
}

// expect notes when the attempt of j, which holds a place, is expected to end.
func (m *Machine) expect(j *job) {
	j.awaitEnd(j.row.Run.Began().Add(j.row.Run.Expected))
}

// awaitEnd puts the expected end of j's attempt into the pools of its host.
func (j *job) awaitEnd(at batch.Time) {
	j.guesses++
	for _, s := range j.host.stand {
		e := &s.pool.ends
		heap.Push(e, end{at: at, order: j.row.Run.Order, guess: j.guesses, job: j})
		if e.Len() > 2*e.live+minStaleEnds {
			e.compact()
		}
	}
}

// compact drops what does not count any more.
func (e *ends) compact() {
	kept := e.heap[:0]
	for _, entry := range e.heap {
		if entry.counts() {
			kept = append(kept, entry)
		}
	}
	clear(e.heap[len(kept):])
	e.heap = kept
	heap.Init(e)
}

// overdue gives attempts that have run for longer than they were expected to a new expected end: twice the time,
// as often as it takes. What has run for long is likely to go on for long.
func (p *pool) overdue(at batch.Time) {
	e := &p.ends
	for len(e.heap) > 0 && (e.heap[0].at <= at || !e.heap[0].counts()) {
		entry, _ := heap.Pop(e).(end)
		if !entry.counts() {
			continue
		}
		run := entry.job.row.Run
		expected := max(run.Expected, time.Millisecond)
		for run.Began().Add(expected) <= at {
			expected *= 2
		}
		entry.job.awaitEnd(run.Began().Add(expected))
	}
}

// ascending yields the entries of e that count by rising time, without changing e: a walk of the heap along the
// border of what has been seen.
func (e *ends) ascending(yield func(end) bool) {
	border := frontier{of: e}
	if len(e.heap) > 0 {
		border.at = append(border.at, 0)
	}
	for len(border.at) > 0 {
		i, _ := heap.Pop(&border).(int)
		for _, child := range []int{2*i + 1, 2*i + 2} {
			if child < len(e.heap) {
				heap.Push(&border, child)
			}
		}
		if entry := e.heap[i]; entry.counts() && !yield(entry) {
			return
		}
	}
}

// frontier is a heap of places in another heap.
type frontier struct {
	of *ends
	at []int
}

func (f *frontier) Len() int           { return len(f.at) }
func (f *frontier) Less(i, k int) bool { return f.of.Less(f.at[i], f.at[k]) }
func (f *frontier) Swap(i, k int)      { f.at[i], f.at[k] = f.at[k], f.at[i] }

// Push implements [heap.Interface].
func (f *frontier) Push(x any) {
	i, _ := x.(int)
	f.at = append(f.at, i)
}

// Pop implements [heap.Interface].
func (f *frontier) Pop() any {
	last := len(f.at) - 1
	i := f.at[last]
	f.at = f.at[:last]
	return i
}
