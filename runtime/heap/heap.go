// Package heap is a binary heap of values of one type: container/heap without its five methods for each of them.
package heap

// Item is what a heap holds.
type Item[T any] interface {
	// Before reports whether the item leaves the heap before other. It must be a strict weak order, and must not change
	// for an item in a heap unless [Heap.Fix] is called.
	Before(other T) bool
	// Moved tells the item its index in the heap; -1 when it has left. An item that is never fixed or removed by its
	// index may ignore it.
	Moved(to int)
}

// Heap is a heap with the first item at index 0; the items below the one at i are at 2i+1 and 2i+2. It may be read as the
// slice that it is. The zero Heap is empty.
type Heap[T Item[T]] []T

// Init makes a heap of items in any order, in linear time.
func (h Heap[T]) Init() {
	for i, item := range h {
		item.Moved(i)
	}
	for i := len(h)/2 - 1; i >= 0; i-- {
		h.down(i)
	}
}

// Push adds item.
func (h *Heap[T]) Push(item T) {
	*h = append(*h, item)
	item.Moved(len(*h) - 1)
	h.up(len(*h) - 1)
}

// Pop takes out the first item. The heap must not be empty.
func (h *Heap[T]) Pop() T { return h.Remove(0) }

// Remove takes out the item at index i.
func (h *Heap[T]) Remove(i int) T {
	last := len(*h) - 1
	if i != last {
		h.swap(i, last)
	}
	item := (*h)[last]
	var none T
	(*h)[last] = none // so that it can be collected
	*h = (*h)[:last]
	if i != last {
		h.Fix(i)
	}
	item.Moved(-1)
	return item
}

// Fix restores the order after the item at index i has changed.
func (h Heap[T]) Fix(i int) {
	if !h.down(i) {
		h.up(i)
	}
}

func (h Heap[T]) swap(i, k int) {
	h[i], h[k] = h[k], h[i]
	h[i].Moved(i)
	h[k].Moved(k)
}

func (h Heap[T]) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if !h[i].Before(h[parent]) {
			return
		}
		h.swap(i, parent)
		i = parent
	}
}

// down reports whether the item has moved.
func (h Heap[T]) down(i int) bool {
	from := i
	for {
		first := 2*i + 1
		if first >= len(h) {
			return i > from
		}
		if right := first + 1; right < len(h) && h[right].Before(h[first]) {
			first = right
		}
		if !h[first].Before(h[i]) {
			return i > from
		}
		h.swap(i, first)
		i = first
	}
}
