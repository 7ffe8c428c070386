package engine

import (
	"sync"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// Observer is told how the engine fares. It is called between rounds by the engine's goroutine, so it must be
// quick and must not call the engine.
type Observer interface {
	// Decided: a round of so many commands and facts took so long to decide.
	Decided(events int, took time.Duration)
	// Committed: making the rows of a round durable took so long, and failed if err is not nil.
	Committed(took time.Duration, err error)
	// Kept: this is what was made durable. Nothing of it may be changed or kept.
	Kept(delta *batch.Delta, notes []sched.Note)
}

// unobserved is the Observer of an engine that is given none.
type unobserved struct{}

func (unobserved) Decided(int, time.Duration)      {}
func (unobserved) Committed(time.Duration, error)  {}
func (unobserved) Kept(*batch.Delta, []sched.Note) {}

// watermark tells readers of the transition log how far it goes.
type watermark struct {
	mu    sync.Mutex
	last  int64
	grown chan struct{} // closed when last grows; nil if nobody waits
}

// advance notes the last line that is durable.
func (t *watermark) advance(last int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if last <= t.last {
		return
	}
	t.last = last
	if t.grown != nil {
		close(t.grown)
		t.grown = nil
	}
}

// LastTransition returns the number of the last line of the transition log that is durable, 0 if there is none,
// and a channel that is closed when there is a later one.
func (e *Engine) LastTransition() (last int64, more <-chan struct{}) {
	t := &e.watermark
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.grown == nil {
		t.grown = make(chan struct{})
	}
	return t.last, t.grown
}
