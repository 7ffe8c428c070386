// Package deadline keeps what is due when. A deadline is not taken out when it is changed or over: it stays and does not count any longer,
// so that a deadline costs no more than to be put in.
//
// For example, a claim that is renewed every minute leaves a deadline behind each time. Those that do not count are dropped when they come
// first, and all of them before the heap grows, so that their number stays within a factor of those that count.
package deadline

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/heap"
)

// growth is by how many entries a heap grows at least.
const growth = 64

// Entry is something that is due.
type Entry[E any] interface {
	comparable
	heap.Item[E]
	// Due is when; it never changes.
	Due() batch.Time
	// Counts reports whether it is still due then.
	Counts() bool
	// Compare orders entries as Before of [heap.Item] does. Entries that compare equal are the same.
	Compare(other E) int
}

// Heap is what is due, the earliest first. The zero Heap is empty.
type Heap[E Entry[E]] struct{ entries heap.Heap[E] }

// Push adds an entry.
func (h *Heap[E]) Push(entry E) {
	if len(h.entries) == cap(h.entries) {
		h.entries = slices.DeleteFunc(h.entries, func(entry E) bool { return !entry.Counts() })
		slices.SortFunc(h.entries, E.Compare) // a sorted slice is a heap
		h.entries = slices.Compact(h.entries)
		h.entries = slices.Grow(h.entries, max(len(h.entries), growth))
	}
	h.entries.Push(entry)
}

// Next is when the earliest entry that counts is due; 0 if there is none.
func (h *Heap[E]) Next() batch.Time {
	for len(h.entries) > 0 && !h.entries[0].Counts() {
		h.entries.Pop()
	}
	if len(h.entries) == 0 {
		return 0
	}
	return h.entries[0].Due()
}

// PopDue takes out the earliest entry that counts, if it is due at that time.
func (h *Heap[E]) PopDue(at batch.Time) (entry E, ok bool) {
	if due := h.Next(); due == 0 || due > at {
		return entry, false
	}
	return h.entries.Pop(), true
}

// Len is how many entries there are, with those that do not count.
func (h *Heap[E]) Len() int { return len(h.entries) }
