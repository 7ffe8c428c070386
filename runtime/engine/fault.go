package engine

import (
	"context"
	"errors"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Error makes a fault an error.
func (f *fault) Error() string { return f.text }

// afterFault deals with a broken law of the machine: nothing of the round was kept, so the machine is made
// anew from its records. The same law broken twice in a short while would break again, so the engine halts
// and goes on serving reads. It returns false when the engine has to halt.
func (l *loop) afterFault(ctx context.Context, t turn, broken *fault) bool {
	now := l.clock.now()
	l.log.Error("a law of the scheduler was broken", "law", broken.text, "stack", string(broken.stack))
	again := broken.text == l.lastFault && now.Sub(l.faultAt) < repeatWindow
	l.lastFault, l.faultAt = broken.text, now
	if again {
		l.setHealth(now, Halted, haltText(broken.text))
		refuseAll(t.asks, l.errHalted())
		return false
	}
	return l.afterFailure(ctx, t, &batch.Delta{}, broken)
}

func haltText(law string) string {
	return "the scheduler stopped because it broke the same law twice: " + law + "; running jobs go on and reads are served; please report this, and start the runtime again to try once more"
}

// unloadable says why the engine halts without its records: they break a law, cannot be trusted, or are gone.
func (e *Engine) unloadable(cause error) string {
	var broken *fault
	if !errors.As(cause, &broken) {
		return "the scheduler stopped because " + e.trouble(cause)
	}
	return "the scheduler stopped because its records break a law: " + broken.text + "; running jobs go on; please report this"
}

// halted refuses commands and queries and drops reports until the engine stops. Drivers keep what they report until
// they are told to forget it, so nothing is lost.
func (l *loop) halted() {
	if h := l.Health(); h.State != Halted {
		l.setHealth(l.clock.now(), Halted, h.Cause)
	}
	l.log.Error("the scheduler has stopped", "cause", l.Health().Cause)
	for {
		select {
		case <-l.stopping:
			return
		case a := <-l.commands:
			a.refuse(l.errHalted())
		case q := <-l.queries:
			q.refuse(l.errHalted())
		case <-l.reports:
		}
	}
}

func (l *loop) errHalted() *batch.Error {
	return batch.Errorf(batch.Unavailable, "%s; nothing was accepted", l.Health().Cause)
}

// refuseWaiting refuses the commands and queries that came too late.
func (l *loop) refuseWaiting(err error) {
	for {
		select {
		case a := <-l.commands:
			a.refuse(err)
		case q := <-l.queries:
			q.refuse(err)
		default:
			return
		}
	}
}
