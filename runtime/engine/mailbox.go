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
// blocks. What waits is bounded by what the machine has live: an order names an environment, a group of hosts, a host or an attempt, and at most one census is asked
// for at a time.
//
// An order that the driver fails to take stays and is given again later. What is behind it goes on, for example stops
// while starts fail, but for what must not overtake it; see [held].
type mailbox struct {
	driver   compute.Driver
	kinds    []batch.Kind // that the driver serves
	resolver *resolver
	log      *slog.Logger

	troubles map[verb]*trouble // of verbs whose last call failed; the goroutine of run owns them

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
	return &mailbox{driver: driver, kinds: kinds, resolver: r, log: log.With("driver", kinds), troubles: map[verb]*trouble{}, signal: make(chan struct{}, 1)}
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

// take returns all that waits.
func (m *mailbox) take() []letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	letters := m.waiting
	m.waiting = nil
	m.busy = len(letters) > 0
	return letters
}

// keep puts back what was taken and not given, before all that has come meanwhile. When nothing waits, it wakes whoever waits
// for that.
func (m *mailbox) keep(letters []letter) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.waiting = append(letters, m.waiting...)
	m.busy = false
	if len(m.waiting) == 0 && m.emptied != nil {
		close(m.emptied)
		m.emptied = nil
	}
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
	again := time.NewTimer(0) // fires when what failed is due again
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.signal:
		case <-again.C:
		}
		kept := m.deliver(ctx, m.take(), reports)
		m.keep(kept)
		if due := m.nextTry(kept); !due.IsZero() {
			again.Reset(max(time.Until(due), 0))
		}
	}
}

// deliver gives letters to the driver, neighbours of one kind in one call, and returns those that it has not taken. A verb whose call
// fails is not tried again within one delivery, however long that takes: a later call that works would end the trouble by which
// [mailbox.nextTry] knows when the earlier letters are due.
func (m *mailbox) deliver(ctx context.Context, letters []letter, reports chan<- delivery) []letter {
	begun := time.Now()
	kept := held{last: map[any]int{}}
	for len(letters) > 0 {
		n := sameKind(letters)
		v, next := letters[0].verb(), letters[:n]
		letters = letters[n:]
		if ctx.Err() != nil || m.rests(v, begun) {
			kept.add(next...)
			continue
		}
		next = kept.pass(next)
		if len(next) > 0 {
			kept.add(m.call(ctx, next, kept.letters, reports)...)
		}
	}
	return kept.letters
}

// held are letters that the driver has not taken, in their order, and what must not overtake them.
type held struct {
	letters []letter
	last    map[any]int // by what it is about, where the last of them is in letters
	starts  bool        // there is one among them
}

// add holds letters. Nothing about the same attempt, host or environment may overtake them. Starts do not overtake each other, because
// attempts of one lane run in the order of their starts. Of an order that was given again while it is held the later one is held.
func (h *held) add(letters ...letter) {
	for _, l := range letters {
		about := l.about()
		if i, known := h.last[about]; known && about != nil && repeats(l.order, h.letters[i].order) {
			h.letters[i] = l
			continue
		}
		if about != nil {
			h.last[about] = len(h.letters)
		}
		h.letters = append(h.letters, l)
		h.starts = h.starts || l.verb() == verbStart
	}
}

// pass returns those of letters that overtake nothing that they must not, and holds the others.
func (h *held) pass(letters []letter) []letter {
	if len(h.letters) == 0 {
		return letters
	}
	free := make([]letter, 0, len(letters))
	for _, l := range letters {
		if _, waits := h.last[l.about()]; waits || h.starts && l.verb() == verbStart {
			h.add(l)
		} else {
			free = append(free, l)
		}
	}
	return free
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
