package events

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// Outbox sends events to sinks: to each sink in order, and each event at least once. It keeps no events but reads them from the
// log in the store, and for each sink a cursor in the store says how far the sink has come. No event is lost while a sink or
// the runtime is down, as long as the store keeps the lines. A slow sink holds up neither the scheduler nor other sinks.
type Outbox struct {
	options OutboxOptions
	senders []*sender

	cancel context.CancelFunc
	run    sync.WaitGroup
}

// OutboxOptions are what an outbox is made of.
type OutboxOptions struct {
	Source *Source
	Sinks  []SinkConfig
	// Cursors tells where sinks are.
	Cursors store.Reader
	// Move makes durable how far a cursor has come, and Drop forgets one.
	Move func(ctx context.Context, cursor string, seq int64) error
	Drop func(ctx context.Context, cursor string) error
	// ReadSecret reads a file with a secret, and refuses one that others can read.
	ReadSecret func(path string) (string, error)
	Logger     *slog.Logger // nil discards
}

// sink is where events are carried to.
type sink interface {
	// deliver takes events over, one at least, and returns how many, from the first on. With an error it is how many it tried, and
	// they are not taken, or may be: it may be given again what it has taken. The error may be a [refusal].
	deliver(ctx context.Context, told []wire.Event) (int, error)
	close() error
}

// SinkStats is how a sink fares.
type SinkStats struct {
	Name string
	// Lag is how many lines of the log it is behind.
	Lag int64
	// Delivered counts events, Failures deliveries that failed, and Lost lines of the log that were gone before the sink
	// had read them and events that are too large for it: all since the runtime was started.
	Delivered, Failures, Lost int64
	// Down reports whether the last delivery failed.
	Down bool
}

// NewOutbox checks the sinks and reads their secrets. It opens nothing else.
func NewOutbox(o OutboxOptions) (*Outbox, error) {
	o.Logger = cmp.Or(o.Logger, slog.New(slog.DiscardHandler))
	if err := CheckSinks(o.Sinks); err != nil {
		return nil, err
	}
	b := &Outbox{options: o}
	for i := range o.Sinks {
		c, err := b.sender(&o.Sinks[i])
		if err != nil {
			return nil, fmt.Errorf("sink %s: %w", o.Sinks[i].Name, err)
		}
		b.senders = append(b.senders, c)
	}
	return b, nil
}

func (b *Outbox) sender(config *SinkConfig) (*sender, error) {
	c := &sender{
		options: &b.options, name: config.Name, filter: config.filter(), batch: cmp.Or(config.BatchSize, defaultBatch),
		log: b.options.Logger.With("sink", config.Name),
	}
	if config.Type == TypeJSONLines {
		c.to = newJSONLines(config)
		return c, nil
	}
	hook, err := newWebhook(config, b.options.ReadSecret)
	c.to = hook
	return c, err
}

// Start begins to carry. A sink that is new begins with what happens from now on, and one that is not configured any more
// is forgotten. The values of ctx are kept, its end is not: the outbox carries until Stop.
func (b *Outbox) Start(ctx context.Context) error {
	cursors, err := b.options.Cursors.Cursors(ctx)
	if err != nil {
		return fmt.Errorf("events: reading how far sinks have come: %w", err)
	}
	b.forget(ctx, cursors)
	at := map[string]int64{}
	for _, c := range cursors {
		at[c.Name] = c.Seq
	}
	last, _ := b.options.Source.Last()
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	b.cancel = cancel
	for _, c := range b.senders {
		from, known := at[cursorPrefix+c.name]
		if !known {
			from = last
		}
		c.position.Store(from)
		c.moved, c.isNew = from, !known
		b.run.Go(func() { c.run(running) })
	}
	return nil
}

// forget drops the cursors of sinks that are not configured any more: they would hold back lines that nobody will read. One
// that cannot be dropped stays until the next start.
func (b *Outbox) forget(ctx context.Context, cursors []batch.Cursor) {
	for _, c := range cursors {
		name, ofSink := strings.CutPrefix(c.Name, cursorPrefix)
		if !ofSink || slices.ContainsFunc(b.senders, func(c *sender) bool { return c.name == name }) {
			continue
		}
		if err := b.options.Drop(ctx, c.Name); err != nil {
			b.options.Logger.Warn("a sink that is not configured any more could not be forgotten; it holds back the log of transitions", "sink", name, "error", err)
			continue
		}
		b.options.Logger.Info("a sink that is not configured any more was forgotten", "sink", name, "after", c.Seq)
	}
}

// Stop gives up what is under way, which is told again by the next start, and waits for every goroutine. The engine must
// still be there.
func (b *Outbox) Stop(context.Context) error {
	if b.cancel != nil {
		b.cancel()
	}
	b.run.Wait()
	var failures []error
	for _, c := range b.senders {
		failures = append(failures, c.to.close())
	}
	return errors.Join(failures...)
}

// Stats returns how each sink fares.
func (b *Outbox) Stats() []SinkStats {
	last, _ := b.options.Source.Last()
	all := make([]SinkStats, len(b.senders))
	for i, c := range b.senders {
		all[i] = SinkStats{
			Name: c.name, Lag: max(last-c.position.Load(), 0), Delivered: c.delivered.Load(), Failures: c.failures.Load(),
			Lost: c.lost.Load(), Down: c.down.Load(),
		}
	}
	return all
}
