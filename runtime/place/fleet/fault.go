package fleet

import (
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// A host that refuses an attempt is at fault, and not the attempt: the attempt leaves its number to the next one of its
// job, which waits at its old place. While a runner of a host is at fault it gets one start at a time: in the place of an
// attempt that ends, which it is known to have room for, or beyond that after a back-off. A start beyond what it is known
// to hold ends the fault; then as many may follow as have succeeded, twice as many after each, so that a host whose room
// for processes is small and unknown is not sent a whole queue.

// News is what has become of a runner for those who watch it.
type News uint8

// The news.
const (
	NoNews News = iota
	Failed      // it is known to start nothing from now on
	Well        // it is no longer known to start nothing
)

// Blame notes that r starts nothing, after what was ordered as the last.
func (r *Runner) Blame(at batch.Time, last int64, reason string) (news News) {
	if r.Fault == nil {
		r.Fault = &batch.Fault{Runner: r.Kind}
	}
	f := r.Fault
	if f.Reason == "" {
		f.Since, f.Order, f.Allow, f.Grown = at, last, r.Running(), 0
		f.RetryAt, r.Due = at.Add(backOff(f.Tries)), false
		news = Failed
	}
	f.Reason = reason
	return news
}

// Excuse notes that r is said to be well, after what was ordered as the last. The next start shows whether it is.
func (r *Runner) Excuse(at batch.Time, last int64) News {
	r.Fault.Order, r.Fault.RetryAt = last, at
	return r.believeWell()
}

// believeWell notes that r is no longer known to be at fault.
func (r *Runner) believeWell() (news News) {
	if r.Fault.Reason != "" {
		news = Well
	}
	r.Fault.Reason, r.Fault.Since, r.Due = "", 0, false
	return news
}

// backOff is the time until the next try after that many in a row have failed: 1, 2, 4, … 60 seconds.
func backOff(tries int32) (pause time.Duration) {
	return min(firstRetry<<min(tries, maxRetryDoublings), lastRetry)
}

// Refused notes that r refused an attempt that was ordered as the order-th. Attempts that were on their way together, up to
// the last that was ordered, are one try.
func (r *Runner) Refused(at batch.Time, order, last int64, reason string) News {
	if f := r.Fault; f != nil && order > f.Order {
		f.Order, f.Tries = last, min(f.Tries+1, maxRetryDoublings)
		f.RetryAt, r.Due = at.Add(backOff(f.Tries)), false
	}
	news := r.Blame(at, last, reason)
	f := r.Fault
	f.Allow, f.Grown, f.Ended = min(f.Allow, r.Running()), 0, false
	return news
}

// Started notes that an attempt that was ordered as the order-th runs on r. It reports whether the fault of r has changed.
func (r *Runner) Started(order int64) (news News, changed bool) {
	f := r.Fault
	if f == nil {
		return NoNews, false
	}
	switch running := r.Running(); {
	case running <= f.Allow:
		return NoNews, false
	case order <= f.Order: // it was on its way when the fault began
		f.Allow = running
	default:
		news = r.believeWell()
		f.Tries, f.RetryAt, f.Allow = 0, 0, running+1<<f.Grown
		if f.Grown++; f.Grown > maxGrowth {
			r.Fault = nil
		}
	}
	return news, true
}

// Ended notes that an attempt of r that ran has ended: others may find room now, whoever was refused before. It reports whether
// the fault of r has changed.
func (r *Runner) Ended() bool {
	if r.Fault == nil || r.Fault.Ended {
		return false
	}
	r.Fault.Ended = true
	return true
}

// RetryNow lets others be tried at once, because what was refused last was refused for a cause of its own. It reports whether
// r has a fault.
func (r *Runner) RetryNow(at batch.Time) bool {
	if r.Fault == nil {
		return false
	}
	r.Fault.Tries, r.Fault.RetryAt = 0, at
	return true
}

// Save puts the faults of the runners of h into its row.
func (h *Host) Save() {
	h.Row.Faults = nil
	for i := range h.Runners {
		if f := h.Runners[i].Fault; f != nil {
			h.Row.Faults = append(h.Row.Faults, *f)
		}
	}
}
