package holder

import "sync"

// queue takes items from any goroutine for one that waits for its bell. It has no bound: what
// it holds is kept elsewhere anyway.
type queue[T any] struct {
	bell chan struct{} // holds a token while there are items

	mu    sync.Mutex
	items []T
}

func newQueue[T any]() *queue[T] { return &queue[T]{bell: make(chan struct{}, 1)} }

// put adds items and rings; without any it only rings.
func (q *queue[T]) put(items ...T) {
	q.mu.Lock()
	q.items = append(q.items, items...)
	q.mu.Unlock()
	select {
	case q.bell <- struct{}{}:
	default:
	}
}

// take empties the queue.
func (q *queue[T]) take() []T {
	q.mu.Lock()
	defer q.mu.Unlock()
	items := q.items
	q.items = nil
	return items
}
