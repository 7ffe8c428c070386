package app

import (
	"context"
	"sync"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/engine"
)

// idle knows for how long nobody has needed the runtime: no lease is held and no job is unfinished.
type idle struct {
	engine  *engine.Engine
	timeout time.Duration // 0: for ever

	mu     sync.Mutex
	leases int
	since  time.Time // when it was last needed
}

func newIdle(e *engine.Engine, timeout time.Duration) *idle {
	return &idle{engine: e, timeout: timeout, since: time.Now()}
}

// lease notes that somebody needs the runtime until release is called.
func (i *idle) lease() (release func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.leases++
	return sync.OnceFunc(func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.leases--
		i.since = time.Now()
	})
}

// expired reports whether nobody has needed the runtime for the whole timeout.
func (i *idle) expired(now time.Time) bool {
	// A scheduler that has halted gets no job any further.
	busy := i.engine.View().Unfinished > 0 && i.engine.Health().State != engine.Halted
	i.mu.Lock()
	defer i.mu.Unlock()
	if busy || i.leases > 0 {
		i.since = now
	}
	return now.Sub(i.since) >= i.timeout
}

// watch calls end once the timeout has passed, and returns then or when ctx ends.
func (i *idle) watch(ctx context.Context, end func()) {
	if i.timeout == 0 {
		return
	}
	look := time.NewTicker(min(max(i.timeout/4, minIdleCheck), maxIdleCheck))
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-look.C:
			if i.expired(now) {
				end()
				return
			}
		}
	}
}
