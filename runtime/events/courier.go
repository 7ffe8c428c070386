package events

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/retry"
)

// cursorPrefix leads the names of the cursors of sinks.
const cursorPrefix = "sink/"

// courier carries events to one sink. Its goroutine owns it, but for the counters.
type courier struct {
	options *OutboxOptions
	name    string
	filter  wire.EventFilter
	batch   int
	to      sink
	log     *slog.Logger

	moved   int64     // where the cursor is
	movedAt time.Time // when it got there
	isNew   bool      // it has no cursor yet
	stuck   bool      // the cursor could not be moved the last time
	refused bool      // it was told that an event is too large

	position, delivered, failures, lost atomic.Int64
	down                                atomic.Bool
}

// run carries until ctx ends.
func (c *courier) run(ctx context.Context) {
	defer c.settle(ctx)
	c.move(ctx)
	for ctx.Err() == nil {
		_, more := c.options.Source.Last()
		page, ok := c.read(ctx)
		if !ok {
			return
		}
		if page.Lost > 0 {
			c.lost.Add(page.Lost)
			c.log.Error("the sink has fallen so far behind that events are lost: their lines are not kept any more", "lines", page.Lost, "after", c.position.Load())
		}
		for told := range slices.Chunk(page.Events, c.batch) {
			if !c.deliver(ctx, told) {
				return
			}
		}
		idle := page.Next == c.position.Load()
		c.position.Store(page.Next)
		if page.Next-c.moved >= cursorLines || time.Since(c.movedAt) >= cursorPause {
			c.move(ctx)
		}
		if idle {
			c.await(ctx, more)
		}
	}
}

// read reads the next page, again until that succeeds. It returns false when ctx has ended.
func (c *courier) read(ctx context.Context) (wire.EventPage, bool) {
	for failures := 1; ; failures++ {
		page, err := c.options.Source.Read(ctx, c.position.Load(), c.filter)
		if err == nil {
			return page, true
		}
		if ctx.Err() != nil {
			return page, false
		}
		c.log.Warn("events cannot be read and are read again", "error", err)
		if retry.Pause(ctx, backoff.Jittered(failures)) != nil {
			return page, false
		}
	}
}

// refusal is why a sink does not take events.
type refusal struct {
	error
	// tooLarge says that they are too much at once.
	tooLarge bool
	// after is how long it is to be left alone; 0: it does not say.
	after time.Duration
}

func (r *refusal) Unwrap() error { return r.error }

// deliver gives events to the sink, again until it takes them. Those that are too much at once it gives half by half, and it leaves out one
// that is too large alone. It returns false when ctx has ended.
func (c *courier) deliver(ctx context.Context, told []wire.Event) bool {
	failures := 0
	for most := len(told); len(told) > 0; most = min(most, len(told)) {
		n, err := c.to.deliver(ctx, told[:most])
		if err == nil {
			failures, told = 0, told[n:]
			c.delivered.Add(int64(n))
			if c.down.Swap(false) {
				c.log.Info("the sink takes events again")
			}
			continue
		}
		if ctx.Err() != nil {
			return false
		}
		failures++
		c.failures.Add(1)
		refused := &refusal{error: err}
		errors.As(err, &refused)
		switch {
		case refused.tooLarge && n > 1:
			most = n / 2
		case refused.tooLarge:
			failures = 0
			c.leaveOut(&told[0], err)
			told = told[1:]
		default:
			if !c.down.Swap(true) {
				c.log.Warn("the sink does not take events and is tried again until it does", "error", err)
			}
			if retry.Pause(ctx, max(backoff.Jittered(failures), min(refused.after, maxBackoff))) != nil {
				return false
			}
		}
	}
	return true
}

// leaveOut gives up an event that the sink will never take. Only the first is told of.
func (c *courier) leaveOut(e *wire.Event, err error) {
	c.lost.Add(1)
	if !c.refused {
		c.refused = true
		c.log.Error("the sink refuses an event as too large, and never gets it; others like it are only counted", "event", e.ID, "job", e.Detail.JobID, "error", err)
	}
}

// await waits for more lines, or until the cursor is to be moved.
func (c *courier) await(ctx context.Context, more <-chan struct{}) {
	var due <-chan time.Time
	if c.position.Load() != c.moved || c.isNew {
		timer := time.NewTimer(cursorPause)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-more:
	case <-due:
	case <-ctx.Done():
	}
}

// move makes durable how far the sink has come. If that fails it is tried again with what comes next: until then a
// restart tells some events twice.
func (c *courier) move(ctx context.Context) {
	at := c.position.Load()
	if at == c.moved && !c.isNew {
		return
	}
	if err := c.options.Move(ctx, cursorPrefix+c.name, at); err != nil {
		if !c.stuck && !errors.Is(err, context.Canceled) {
			c.stuck = true
			c.log.Warn("how far the sink has come cannot be kept and is tried again; some events may be told twice", "error", err)
		}
		return
	}
	c.moved, c.movedAt, c.isNew, c.stuck = at, time.Now(), false, false
}

// settle moves the cursor a last time.
func (c *courier) settle(ctx context.Context) {
	last, done := context.WithTimeout(context.WithoutCancel(ctx), lastCursor)
	defer done()
	c.move(last)
}
