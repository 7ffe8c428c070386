package provider

import (
	"context"
	"time"
)

// How long to wait between two looks: a tenth of the time waited so far, within these
// bounds, so that a short wait is seen to end soon and a long one costs little.
const (
	minPollInterval = 25 * time.Millisecond
	maxPollInterval = 2 * time.Second
)

// until calls look until it says done, fails or ctx ends. The error of ctx is
// [context.Cause].
func until(ctx context.Context, look func(context.Context) (done bool, err error)) error {
	began := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-timer.C:
		}
		done, err := look(ctx)
		if done || err != nil {
			return err
		}
		timer.Reset(min(max(time.Since(began)/10, minPollInterval), maxPollInterval))
	}
}
