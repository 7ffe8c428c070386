package fleet

import (
	"cmp"
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/heap"
)

// Ends is when attempts are expected to end. The first of them are kept sorted, because the places of blocked heads
// are looked for among them again and again; the rest is a heap. Of each attempt the last entry counts, also when an earlier
// one says the same; the others are dropped when they come up, or when they are too many.
type Ends struct {
	near []End // sorted; none is later than one in far
	far  heap.Heap[End]
	live int // attempts that are expected to end
}

// End is when an attempt is expected to end.
type End struct {
	At         batch.Time
	Allocation *Allocation
	order      int64 // of the start, see [batch.Run.Order]
	guess      int32 // how often the attempt had been given an expected end
}

// counts reports whether the entry is still true.
func (e End) counts() bool {
	a := e.Allocation
	return a.Host != nil && a.Run.Order == e.order && a.guesses == e.guess && !a.Run.Ahead
}

// Compare orders ends by time, then by the start of their attempts.
func (e End) Compare(other End) int {
	return cmp.Or(cmp.Compare(e.At, other.At), cmp.Compare(e.order, other.order))
}

// Before implements [heap.Item].
func (e End) Before(other End) bool { return e.Compare(other) < 0 }

// Moved implements [heap.Item].
func (End) Moved(int) {}

// add puts entry where it belongs.
func (e *Ends) add(entry End) {
	if n := len(e.near); n == 0 || entry.Compare(e.near[n-1]) > 0 {
		e.far.Push(entry)
	} else {
		i, _ := slices.BinarySearchFunc(e.near, entry, End.Compare)
		e.near = slices.Insert(e.near, i, entry)
	}
	for len(e.near) > 2*MaxEnds {
		last := len(e.near) - 1
		e.far.Push(e.near[last])
		e.near = slices.Delete(e.near, last, last+1)
	}
	if len(e.near)+len(e.far) > 2*e.live+minStaleEnds {
		e.compact()
	}
}

// draw moves the next end that counts from far to near, if there is one.
func (e *Ends) draw() bool {
	for len(e.far) > 0 {
		if entry := e.far.Pop(); entry.counts() {
			e.near = append(e.near, entry)
			return true
		}
	}
	return false
}

// compact drops the entries that do not count any longer.
func (e *Ends) compact() { e.drop(func(entry End) bool { return !entry.counts() }) }

// leave drops what ends on h.
func (e *Ends) leave(h *Host) { e.drop(func(entry End) bool { return entry.Allocation.Host == h }) }

func (e *Ends) drop(is func(End) bool) {
	e.near, e.far = slices.DeleteFunc(e.near, is), slices.DeleteFunc(e.far, is)
	e.far.Init()
}

// Overdue gives attempts that have run for longer than they were expected to a new expected end: twice the time,
// as often as it takes. What has run for long is likely to go on for long.
func (p *Pool) Overdue(at batch.Time) {
	var late []End
	for entry := range p.Ends.Ascending {
		if entry.At > at {
			break
		}
		late = append(late, entry)
	}
	for _, entry := range late {
		run := entry.Allocation.Run
		expected := max(run.Expected, time.Millisecond)
		for run.Began().Add(expected) <= at {
			expected *= 2
		}
		entry.Allocation.expect(run.Began().Add(expected))
	}
}

// Ascending yields the entries of e that count by rising time. None may be added meanwhile.
func (e *Ends) Ascending(yield func(End) bool) {
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
		e.near = slices.DeleteFunc(e.near, func(entry End) bool { return !entry.counts() })
	}
}
