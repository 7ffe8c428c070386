package engine

import (
	"errors"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// State is whether an engine accepts commands.
type State string

// The states of an engine. Reads are served in all of them.
const (
	// Working: commands are accepted.
	Working State = "WORKING"
	// Recovering: the store could not be written or read; the engine tries again by itself.
	Recovering State = "RECOVERING"
	// Halted: nothing is scheduled until the runtime is started again; running attempts go on.
	Halted State = "HALTED"
)

// Health is the state of an engine, and why.
type Health struct {
	State State
	Cause string // empty while Working; safe to show to clients
	Since time.Time
}

// setHealth publishes a state; the moment of an unchanged one is kept.
func (e *Engine) setHealth(at time.Time, state State, cause string) {
	if was := e.health.Load(); was.State != state || was.Cause != cause {
		e.health.Store(&Health{State: state, Cause: cause, Since: at})
	}
}

// unavailable says to a client that nothing was accepted because of a failure of the store.
func (e *Engine) unavailable(err error) *batch.Error {
	return batch.Errorf(batch.Unavailable, "%s; nothing was accepted", e.storeTrouble(err))
}

// storeTrouble words a failure of the store so that a client may see it.
func (e *Engine) storeTrouble(err error) string {
	switch {
	case errors.Is(err, store.ErrFull):
		place := e.options.Home
		if place == "" {
			place = "the disk of the store"
		}
		return "no space left on " + place + ": free some and try again"
	case errors.Is(err, store.ErrCorrupt):
		return "the store is corrupt: stop the runtime and put back a good copy of the state directory"
	default:
		return "the store cannot be used now: try again, and see the log of the runtime"
	}
}

// errStopping answers commands that come while the engine stops.
func errStopping() *batch.Error {
	return batch.Errorf(batch.Unavailable, "the runtime is stopping; start it again and repeat the request")
}
