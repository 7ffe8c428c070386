package engine

import (
	"cmp"
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
	// Recovering: the last commit failed. The engine loads again by itself and tries what comes next, less
	// often while that fails too; the next commit that succeeds ends this state.
	Recovering State = "RECOVERING"
	// Halted: nothing is scheduled until the runtime is started again; running attempts go on.
	Halted State = "HALTED"
)

// Health is the state of an engine, and why.
type Health struct {
	State State
	// Cause is empty while Working. Readers may see it: of what failed it tells the kind, the law that was broken or the state
	// directory, which they know; errors of the store and the machine, with the paths in them, are for the log.
	Cause string
	Since time.Time
}

// setHealth publishes a state; the moment of an unchanged one is kept.
func (e *Engine) setHealth(at time.Time, state State, cause string) {
	if was := e.health.Load(); was.State != state || was.Cause != cause {
		e.health.Store(&Health{State: state, Cause: cause, Since: at})
	}
}

// unavailable says to a client that nothing was accepted because of a failure.
func (e *Engine) unavailable(cause error) *batch.Error {
	return batch.Errorf(batch.Unavailable, "%s; nothing was accepted", e.trouble(cause))
}

// trouble words a failure so that a client may see it.
func (e *Engine) trouble(cause error) string {
	var broken *fault
	switch {
	case errors.As(cause, &broken):
		return "a law of the scheduler was broken (" + broken.text + ") and it starts anew from its records: try again"
	case errors.Is(cause, store.ErrFull):
		return "no space left on " + cmp.Or(e.options.Home, "the disk of the store") + ": free some and try again"
	case errors.Is(cause, store.ErrDeposed):
		return store.ErrDeposed.Error()
	case errors.Is(cause, store.ErrGone):
		return store.ErrGone.Error()
	case errors.Is(cause, store.ErrCorrupt):
		return corruptText
	default:
		return "the store cannot be written now: try again, and see the log of the runtime"
	}
}

const corruptText = "the store is corrupt: stop the runtime and put back a good copy of the state directory"

// errStopping answers commands that come while the engine stops.
func errStopping() *batch.Error {
	return batch.Errorf(batch.Unavailable, "the runtime is stopping; start it again and repeat the request")
}
