package engine

import (
	"context"
	"errors"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// trouble is how the calls of one verb have failed since the last that did not.
type trouble struct {
	failures int
	cause    string // logged once
	until    time.Time
}

// rests reports whether at that time a call of v is not to be tried yet, because the last one failed.
func (m *mailbox) rests(v verb, at time.Time) bool {
	t := m.troubles[v]
	return t != nil && at.Before(t.until)
}

// nextTry is when the first of kept may be given again; zero if nothing is kept.
func (m *mailbox) nextTry(kept []letter) (at time.Time) {
	for _, l := range kept {
		if t := m.troubles[l.verb()]; t != nil && (at.IsZero() || t.until.Before(at)) {
			at = t.until
		}
	}
	return at
}

// worked notes how a call of v went, and reports whether it did.
func (m *mailbox) worked(ctx context.Context, v verb, err error) bool {
	if err != nil {
		m.failed(ctx, v, err)
		return false
	}
	if m.troubles[v] != nil {
		m.log.Info("the driver works again", "doing", string(v))
		delete(m.troubles, v)
	}
	return true
}

// failed notes that a call of v failed: it is repeated, after a longer wait each time, or when a refusal says that it is of use again.
func (m *mailbox) failed(ctx context.Context, v verb, err error) {
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return // the engine stops
	}
	t := m.troubles[v]
	if t == nil {
		t = &trouble{}
		m.troubles[v] = t
	}
	t.failures++
	now := time.Now()
	t.until = now.Add(backoff.After(t.failures))
	var refusal *compute.Refusal
	if errors.As(err, &refusal) && refusal.Until.After(t.until) {
		t.until = refusal.Until
		if latest := now.Add(maxRefusal); t.until.After(latest) {
			t.until = latest
		}
	}
	if err.Error() != t.cause {
		t.cause = err.Error()
		m.log.Warn("the driver failed and is tried again", "doing", string(v), "error", err)
	}
}
