// Package retry says how long to wait before something that failed is tried again, and waits.
package retry

import (
	"context"
	"math/rand/v2"
	"time"
)

// Backoff is an exponential back-off: First after one failure, twice as long after each further one, at most Longest. With
// 50 ms and 5 s, the waits are 50, 100, 200 … 3200 and then always 5000 ms.
type Backoff struct{ First, Longest time.Duration }

// After returns how long to wait after so many failures in a row; 0 after none.
func (b Backoff) After(failures int) time.Duration {
	if failures <= 0 {
		return 0
	}
	wait := min(b.First, b.Longest)
	for ; failures > 1 && wait < b.Longest; failures-- {
		wait = min(2*wait, b.Longest)
	}
	return wait
}

// Jittered is After with up to half of it left out by chance, so that many who failed at once do not come again at once.
func (b Backoff) Jittered(failures int) time.Duration {
	wait := b.After(failures)
	if wait < 2 {
		return wait
	}
	return wait/2 + rand.N(wait/2)
}

// Pause waits for d. It returns the cause of the end of ctx if that comes first.
func Pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
