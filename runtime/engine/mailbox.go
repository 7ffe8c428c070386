package engine

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// mailbox is where the orders of one driver wait, in the order in which they were decided. Putting never
// blocks. What waits is bounded by what the machine has live: an order names an attempt, and at most one census is asked
// for at a time.
type mailbox struct {
	driver   compute.Driver
	kinds    []batch.Kind // that the driver serves
	resolver *resolver
	log      *slog.Logger

	mu      sync.Mutex
	waiting []letter
	busy    bool          // letters are with the driver
	emptied chan struct{} // closed when nothing waits and nothing is with the driver; nil if nobody asked
	signal  chan struct{} // holds one when letters wait
}

// letter is an order, or the request for a census as of a moment.
type letter struct {
	order  sched.Order
	census time.Time
}

// delivery is what came from a driver.
type delivery struct {
	from   *mailbox
	facts  []sched.Fact
	census bool // it answers the request for a census
}

func newMailbox(driver compute.Driver, r *resolver, log *slog.Logger) *mailbox {
	kinds := driver.Kinds()
	return &mailbox{driver: driver, kinds: kinds, resolver: r, log: log.With("driver", kinds), signal: make(chan struct{}, 1)}
}

// put adds letters behind those that wait.
func (m *mailbox) put(letters ...letter) {
	if len(letters) == 0 {
		return
	}
	m.mu.Lock()
	m.waiting = append(m.waiting, letters...)
	m.mu.Unlock()
	select {
	case m.signal <- struct{}{}:
	default:
	}
}

// take returns all that waits; with nothing it says so to who waits for that.
func (m *mailbox) take() []letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	letters := m.waiting
	m.waiting = nil
	m.busy = len(letters) > 0
	if !m.busy && m.emptied != nil {
		close(m.emptied)
		m.emptied = nil
	}
	return letters
}

// flush waits until the driver has taken every order, or ctx ends.
func (m *mailbox) flush(ctx context.Context) {
	m.mu.Lock()
	if !m.busy && len(m.waiting) == 0 {
		m.mu.Unlock()
		return
	}
	if m.emptied == nil {
		m.emptied = make(chan struct{})
	}
	emptied := m.emptied
	m.mu.Unlock()
	select {
	case <-emptied:
	case <-ctx.Done():
	}
}

// run hands what waits to the driver until ctx ends.
func (m *mailbox) run(ctx context.Context, reports chan<- delivery) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.signal:
		}
		for letters := m.take(); len(letters) > 0; letters = m.take() {
			m.deliver(ctx, letters, reports)
		}
	}
}

// deliver gives letters to the driver, neighbours of one kind in one call.
func (m *mailbox) deliver(ctx context.Context, letters []letter, reports chan<- delivery) {
	for len(letters) > 0 && ctx.Err() == nil {
		n := sameKind(letters)
		m.call(ctx, letters[:n], reports)
		letters = letters[n:]
	}
}

// forward moves what the driver reports into the inbox until ctx ends.
func (m *mailbox) forward(ctx context.Context, reports chan<- delivery) {
	for {
		select {
		case <-ctx.Done():
			return
		case said, open := <-m.driver.Reports():
			if !open {
				return
			}
			facts := make([]sched.Fact, len(said))
			for i, r := range said {
				facts[i] = sched.Reported{Report: r}
			}
			send(ctx, reports, delivery{from: m, facts: facts})
		}
	}
}

func send(ctx context.Context, reports chan<- delivery, d delivery) {
	select {
	case reports <- d:
	case <-ctx.Done():
	}
}
