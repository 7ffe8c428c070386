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

// sender sends events to one sink. It belongs to one goroutine, but for its counters, which others read.
type sender struct {
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
func (s *sender) run(ctx context.Context) {
	defer s.settle(ctx)
	s.move(ctx)
	for ctx.Err() == nil {
		_, more := s.options.Source.Last()
		page, ok := s.read(ctx)
		if !ok {
			return
		}
		if page.Lost > 0 {
			s.lost.Add(page.Lost)
			s.log.Error("the sink has fallen so far behind that events are lost: their lines are not kept any more", "lines", page.Lost, "after", s.position.Load())
		}
		for told := range slices.Chunk(page.Events, s.batch) {
			if !s.deliver(ctx, told) {
				return
			}
		}
		idle := page.Next == s.position.Load()
		s.position.Store(page.Next)
		if page.Next-s.moved >= cursorLines || time.Since(s.movedAt) >= cursorPause {
			s.move(ctx)
		}
		if idle {
			s.await(ctx, more)
		}
	}
}

// read reads the next page, again until that succeeds. It returns false when ctx has ended.
func (s *sender) read(ctx context.Context) (wire.EventPage, bool) {
	for failures := 1; ; failures++ {
		page, err := s.options.Source.Read(ctx, s.position.Load(), s.filter)
		if err == nil {
			return page, true
		}
		if ctx.Err() != nil {
			return page, false
		}
		s.log.Warn("events cannot be read and are read again", "error", err)
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
func (s *sender) deliver(ctx context.Context, told []wire.Event) bool {
	failures := 0
	for most := len(told); len(told) > 0; most = min(most, len(told)) {
		n, err := s.to.deliver(ctx, told[:most])
		if err == nil {
			failures, told = 0, told[n:]
			s.delivered.Add(int64(n))
			if s.down.Swap(false) {
				s.log.Info("the sink takes events again")
			}
			continue
		}
		if ctx.Err() != nil {
			return false
		}
		failures++
		s.failures.Add(1)
		refused := &refusal{error: err}
		errors.As(err, &refused)
		switch {
		case refused.tooLarge && n > 1:
			most = n / 2
		case refused.tooLarge:
			failures = 0
			s.leaveOut(&told[0], err)
			told = told[1:]
		default:
			if !s.down.Swap(true) {
				s.log.Warn("the sink does not take events and is tried again until it does", "error", err)
			}
			if retry.Pause(ctx, max(backoff.Jittered(failures), min(refused.after, maxBackoff))) != nil {
				return false
			}
		}
	}
	return true
}

// leaveOut gives up an event that the sink will never take. Only the first is told of.
func (s *sender) leaveOut(e *wire.Event, err error) {
	s.lost.Add(1)
	if !s.refused {
		s.refused = true
		s.log.Error("the sink refuses an event as too large, and never gets it; others like it are only counted", "event", e.ID, "job", e.Detail.JobID, "error", err)
	}
}

// await waits for more lines, or until the cursor is to be moved.
func (s *sender) await(ctx context.Context, more <-chan struct{}) {
	var due <-chan time.Time
	if s.position.Load() != s.moved || s.isNew {
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
func (s *sender) move(ctx context.Context) {
	at := s.position.Load()
	if at == s.moved && !s.isNew {
		return
	}
	if err := s.options.Move(ctx, cursorPrefix+s.name, at); err != nil {
		if !s.stuck && !errors.Is(err, context.Canceled) {
			s.stuck = true
			s.log.Warn("how far the sink has come cannot be kept and is tried again; some events may be told twice", "error", err)
		}
		return
	}
	s.moved, s.movedAt, s.isNew, s.stuck = at, time.Now(), false, false
}

// settle moves the cursor a last time.
func (s *sender) settle(ctx context.Context) {
	last, done := context.WithTimeout(context.WithoutCancel(ctx), lastCursor)
	defer done()
	s.move(last)
}
