package sched

import (
	"container/heap"
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// ends is a heap of when attempts are expected to end. Of each attempt the last entry counts, also when an earlier one
// says the same; the others are dropped when they come up, or when they are too many.
type ends struct {
	heap []end
	live int // attempts that are expected to end
	// border is room for the walk of ascending.
	border []int
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
	return a.order < b.order
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
func (e *ends) compact() { e.drop(func(entry end) bool { return !entry.counts() }) }

// leave drops what ends on h.
func (e *ends) leave(h *host) { e.drop(func(entry end) bool { return entry.job.host == h }) }

func (e *ends) drop(is func(end) bool) {
	e.heap = slices.DeleteFunc(e.heap, is)
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
// border of what has been seen. One walk is under way at a time.
func (e *ends) ascending(yield func(end) bool) {
	border := frontier{of: e, at: e.border[:0]}
	defer func() { e.border = border.at }()
	if len(e.heap) > 0 {
		border.push(0)
	}
	for len(border.at) > 0 {
		i := border.pop()
		for child := 2*i + 1; child <= 2*i+2 && child < len(e.heap); child++ {
			border.push(child)
		}
		if entry := e.heap[i]; entry.counts() && !yield(entry) {
			return
		}
	}
}

// frontier is a heap of places in another heap. It is not a [heap.Interface], which would allocate for every place.
type frontier struct {
	of *ends
	at []int
}

func (f *frontier) push(place int) {
	f.at = append(f.at, place)
	i := len(f.at) - 1
	for above := (i - 1) / 2; i > 0 && f.of.Less(f.at[i], f.at[above]); above = (i - 1) / 2 {
		f.at[i], f.at[above] = f.at[above], f.at[i]
		i = above
	}
}

func (f *frontier) pop() int {
	first, last := f.at[0], len(f.at)-1
	f.at[0] = f.at[last]
	f.at = f.at[:last]
	for i := 0; ; {
		least := i
		for below := 2*i + 1; below <= 2*i+2 && below < last; below++ {
			if f.of.Less(f.at[below], f.at[least]) {
				least = below
			}
		}
		if least == i {
			return first
		}
		f.at[i], f.at[least] = f.at[least], f.at[i]
		i = least
	}
}
