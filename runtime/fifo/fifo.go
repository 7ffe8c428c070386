// Package fifo is an unbounded queue between goroutines: putting never blocks, and one goroutine takes all that waits. It
// is for what is kept elsewhere anyway, or bounded by who puts it.
package fifo

import "sync"

// Queue holds items in the order in which they were put. [New] makes one.
type Queue[T any] struct {
	bell chan struct{} // holds a token while there may be items

	mu    sync.Mutex
	items []T
}

// New returns an empty queue.
func New[T any]() *Queue[T] { return &Queue[T]{bell: make(chan struct{}, 1)} }

// Put adds items and rings the bell; without any it only rings.
func (q *Queue[T]) Put(items ...T) {
	q.mu.Lock()
	q.items = append(q.items, items...)
	q.mu.Unlock()
	select {
	case q.bell <- struct{}{}:
	default:
	}
}

// Bell can be received from once after one or more calls of Put. What was put before that is among what Take returns after
// it, unless an earlier Take returned it.
func (q *Queue[T]) Bell() <-chan struct{} { return q.bell }

// Take empties the queue and returns what was in it; nil if there was nothing.
func (q *Queue[T]) Take() []T {
	q.mu.Lock()
	defer q.mu.Unlock()
	items := q.items
	q.items = nil
	return items
}

// Forward sends what is put to out, as much at a time as waits, until done is closed. It is the queue's only taker.
func (q *Queue[T]) Forward(done <-chan struct{}, out chan<- []T) {
	for {
		select {
		case <-done:
			return
		case <-q.bell:
		}
		items := q.Take()
		if len(items) == 0 {
			continue
		}
		select {
		case <-done:
			return
		case out <- items:
		}
	}
}
