package awsfake

import "time"

// history is what a thing was like, for reads that lag. It forgets what no read can see any more.
type history[T any] struct{ versions []version[T] }

type version[T any] struct {
	since time.Time
	value T
}

// put notes that the thing is like value since now, and forgets versions that were replaced longer than keep ago.
func (h *history[T]) put(now time.Time, value T, keep time.Duration) {
	h.versions = append(h.versions, version[T]{now, value})
	old := 0
	for old+1 < len(h.versions) && h.versions[old+1].since.Before(now.Add(-keep)) {
		old++
	}
	if old > 0 {
		h.versions = append([]version[T](nil), h.versions[old:]...)
	}
}

// at is what the thing was like at a time; nothing if it was not there.
func (h *history[T]) at(seen time.Time) (value T, was bool) {
	for i := len(h.versions) - 1; i >= 0; i-- {
		if !h.versions[i].since.After(seen) {
			return h.versions[i].value, true
		}
	}
	return value, false
}
