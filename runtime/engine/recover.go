package engine

import (
	"context"
	"errors"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// afterFailure rebuilds the machine after a commit that failed, the same way as after a crash, and answers
// the callers by what the store says has become of their round. It returns false when the engine has to halt.
func (l *loop) afterFailure(ctx context.Context, t turn, delta *batch.Delta, cause error) bool {
	l.failures++
	l.log.Error("a round was not kept; the machine is made anew from the store", "error", cause, "failures", l.failures)
	l.setHealth(l.clock.now(), Recovering, l.trouble(cause))
	if errors.Is(cause, store.ErrCorrupt) || errors.Is(cause, store.ErrDeposed) {
		refuseAll(t.asks, l.unavailable(cause))
		return false
	}
	if errors.Is(cause, store.ErrGone) {
		refuseAll(t.asks, errUnknown())
		return false
	}
	waiting := t.asks
	deadline := l.clock.now().Add(answerPatience)
	for tries := 1; ; tries++ {
		landed, err := l.reload(ctx, delta)
		broken := (*fault)(nil)
		if err == nil {
			if errors.As(cause, &broken) {
				l.setHealth(l.clock.now(), Working, "") // nothing is wrong with the store
			}
			l.answerBy(waiting, landed, cause)
			l.breathe(l.failures-1, cause)
			return true
		}
		l.log.Error("the store cannot be loaded", "error", err)
		if errors.As(err, &broken) || errors.Is(err, store.ErrCorrupt) || errors.Is(err, store.ErrGone) || errors.Is(err, store.ErrDeposed) {
			refuseAll(waiting, errUnknown())
			l.setHealth(l.clock.now(), Halted, l.unloadable(err))
			return false
		}
		if len(waiting) > 0 && l.clock.now().After(deadline) {
			refuseAll(waiting, errUnknown())
			waiting = nil
		}
		if !l.breathe(tries, cause) {
			refuseAll(waiting, errUnknown())
			return true // the engine stops; the loop finds out by itself
		}
	}
}

// reload makes the machine anew and reports whether delta is in the store. A commit is whole or not there at
// all, so one row of it that nobody else can have written tells.
func (l *loop) reload(ctx context.Context, delta *batch.Delta) (landed bool, err error) {
	snapshot, err := l.options.Store.Load(ctx)
	if err != nil {
		return false, err
	}
	if landed, err = l.landed(ctx, snapshot, delta); err != nil {
		return false, err
	}
	if broken := l.rebuild(snapshot); broken != nil {
		return false, broken
	}
	l.askCensuses()
	return landed, nil
}

func (l *loop) landed(ctx context.Context, s batch.Snapshot, delta *batch.Delta) (bool, error) {
	if n := len(delta.Transitions); n > 0 {
		return s.LastTransition >= delta.Transitions[n-1].Seq, nil
	}
	n := len(delta.Audits)
	if n == 0 {
		return false, nil
	}
	newest, err := l.options.Store.Audits(ctx, store.AuditQuery{Limit: 1})
	if err != nil {
		return false, err
	}
	return len(newest) > 0 && newest[0].Audit == delta.Audits[n-1], nil
}

// answerBy answers the callers of a round whose commit failed. When it did not land, refusals do not count
// either: they may rest on what the same round had accepted.
func (l *loop) answerBy(asks []*ask, landed bool, cause error) {
	if !landed {
		refuseAll(asks, l.unavailable(cause))
		return
	}
	for _, a := range asks {
		a.settle()
	}
}

func refuseAll(asks []*ask, err error) {
	for _, a := range asks {
		a.refuse(err)
	}
}

func errUnknown() *batch.Error {
	return batch.Errorf(batch.Unavailable, "the store failed while the request was written, and whether it was accepted is not known; look before you repeat it, or repeat it with the same client token")
}

// breathe waits after so many failures in a row, refusing the commands and queries that come. It returns false when the
// engine is stopping.
func (l *loop) breathe(failures int, cause error) bool {
	if failures <= 0 {
		return true
	}
	timer := time.NewTimer(backoff.After(failures))
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			return true
		case <-l.stopping:
			return false
		case a := <-l.commands:
			a.refuse(l.unavailable(cause))
		case q := <-l.queries:
			q.refuse(l.unavailable(cause))
		}
	}
}
