package aws

import (
	"context"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/retry"
)

// begin has do called in a goroutine of its own, with a context that ends when the driver is closed. It never blocks.
func (d *Driver) begin(do func(context.Context)) { d.work.Put(do) }

// beginAll starts what is begun until ctx ends.
func (d *Driver) beginAll(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.work.Bell():
		}
		for _, do := range d.work.Take() {
			d.run.Go(func() { do(ctx) })
		}
	}
}

// bell wakes one goroutine that waits, or the next one that will.
type bell chan struct{}

func newBell() bell { return make(bell, 1) }

func (b bell) ring() {
	select {
	case b <- struct{}{}:
	default:
	}
}

// wait waits until b rings or d has passed. It reports false if ctx ends first.
func (b bell) wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-b:
	case <-timer.C:
	}
	return ctx.Err() == nil
}

// pause waits for d. It reports false if ctx ends first.
func pause(ctx context.Context, d time.Duration) bool { return retry.Pause(ctx, d) == nil }

// backoff is how long what failed waits.
var backoff = retry.Backoff{First: firstBackoff, Longest: longestBackoff}
