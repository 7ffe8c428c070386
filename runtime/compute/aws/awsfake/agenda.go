package awsfake

import (
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/heap"
)

// agenda is what will happen in the world, in order of time. One timer serves it, so that what happens at one instant happens in the order in
// which it was planned, and before any call of that instant.
type agenda struct {
	events  heap.Heap[*event]
	planned int
	timer   *time.Timer
}

// event is something that will happen unless it is cancelled.
type event struct {
	at    time.Time
	order int
	do    func()
	index int
}

// Before reports whether e happens before other.
func (e *event) Before(other *event) bool {
	if !e.at.Equal(other.at) {
		return e.at.Before(other.at)
	}
	return e.order < other.order
}

// Moved notes where e is in the heap.
func (e *event) Moved(to int) { e.index = to }

// after plans do, which is called with the world locked. The function returned cancels it, and may be called at any time.
func (w *World) after(delay time.Duration, do func()) (cancel func()) {
	w.agenda.planned++
	e := &event{at: time.Now().Add(delay), order: w.agenda.planned, do: do}
	w.agenda.events.Push(e)
	w.wind()
	return func() {
		if e.index >= 0 {
			w.agenda.events.Remove(e.index)
		}
	}
}

// wind sets the timer to the first event.
func (w *World) wind() {
	if w.closed || len(w.agenda.events) == 0 {
		return
	}
	delay := time.Until(w.agenda.events[0].at)
	if w.agenda.timer == nil {
		w.agenda.timer = time.AfterFunc(delay, w.catchUp)
		return
	}
	w.agenda.timer.Reset(delay)
}

// catchUp lets happen what is due.
func (w *World) catchUp() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.happen()
}

// happen lets happen what is due. The world is locked.
func (w *World) happen() {
	for len(w.agenda.events) > 0 && !w.closed {
		first := w.agenda.events[0]
		if first.at.After(time.Now()) {
			break
		}
		w.agenda.events.Pop()
		first.do()
	}
	w.wind()
}
