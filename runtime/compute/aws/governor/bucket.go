package governor

import (
	"context"
	"slices"
	"sync"
	"time"
)

// bucket is a token bucket with those that wait for it.
type bucket struct {
	mu       sync.Mutex
	budget   Budget
	tokens   float64 // less than 0 after a call for more than the burst
	at       time.Time
	waiting  [lanes][]*waiter
	wake     *time.Timer // rings when the next waiter can be served; nil if none waits
	slowed   float64     // the part of the rate that was left by the last refusal
	slowedAt time.Time
}

type waiter struct {
	tokens float64
	served chan struct{}
}

func newBucket(b Budget) *bucket {
	return &bucket{budget: b, tokens: b.Burst, at: time.Now(), slowed: 1}
}

// take waits for n tokens, or for the end of ctx.
func (b *bucket) take(ctx context.Context, lane Lane, n float64) error {
	w := &waiter{tokens: n, served: make(chan struct{})}
	b.mu.Lock()
	b.waiting[lane] = append(b.waiting[lane], w)
	b.serve()
	b.mu.Unlock()
	select {
	case <-w.served:
		return nil
	case <-ctx.Done():
		b.leave(lane, w)
		return context.Cause(ctx)
	}
}

// leave takes w out of its lane. If it was served meanwhile, its tokens go back.
func (b *bucket) leave(lane Lane, w *waiter) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i := slices.Index(b.waiting[lane], w); i >= 0 {
		b.waiting[lane] = slices.Delete(b.waiting[lane], i, i+1)
	} else {
		b.tokens += w.tokens
	}
	b.serve()
}

// serve gives tokens to those that wait, the most urgent first, and sets the alarm for the next.
func (b *bucket) serve() {
	b.refill()
	for {
		lane := slices.IndexFunc(b.waiting[:], func(line []*waiter) bool { return len(line) > 0 })
		if lane < 0 {
			return
		}
		first := b.waiting[lane][0]
		need := min(first.tokens, b.budget.Burst) - b.tokens
		if need > 0 {
			b.alarm(time.Duration(need / b.rate() * float64(time.Second)))
			return
		}
		b.tokens -= first.tokens
		b.waiting[lane] = b.waiting[lane][1:]
		close(first.served)
	}
}

func (b *bucket) alarm(in time.Duration) {
	if b.wake != nil {
		b.wake.Stop()
	}
	b.wake = time.AfterFunc(max(in, time.Millisecond), func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.serve()
	})
}

func (b *bucket) refill() {
	now := time.Now()
	b.tokens = min(b.budget.Burst, b.tokens+now.Sub(b.at).Seconds()*b.rate())
	b.at = now
}

// rate is how many tokens come in a second, fewer after a refusal.
func (b *bucket) rate() float64 {
	part := min(1, b.slowed+time.Since(b.slowedAt).Seconds()/recovery.Seconds())
	return b.budget.PerSecond * part
}

// refused halves the rate, because a call that began at a time was refused by AWS. Calls that began before the last halving
// say nothing new.
func (b *bucket) refused(began time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !began.After(b.slowedAt) {
		return
	}
	b.refill()
	b.tokens = min(b.tokens, 0)
	b.slowed = max(slowest, b.rate()/b.budget.PerSecond/2)
	b.slowedAt = time.Now()
	b.serve()
}
