package sqlstore

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// PruneTransitions implements store.Keeper.
func (s *Store) PruneTransitions(ctx context.Context, r store.Retention) (gone int64, err error) {
	return s.prune(ctx, func(ctx context.Context, w *session) (int64, bool, error) { return w.pruneLines(ctx, r.WithDefaults()) })
}

// PruneAudits implements store.Keeper.
func (s *Store) PruneAudits(ctx context.Context, r store.Retention) (gone int64, err error) {
	return s.prune(ctx, func(ctx context.Context, w *session) (int64, bool, error) {
		return w.pruneAudits(ctx, r.WithDefaults())
	})
}

// some forgets some of the oldest lines of a log; more if it stopped because they were many.
type some func(ctx context.Context, w *session) (gone int64, more bool, err error)

// prune works in short transactions, between which others commit.
func (s *Store) prune(ctx context.Context, drop some) (gone int64, err error) {
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return gone, s.explain("prune", err)
		}
		var n int64
		if n, more, err = s.pruneSome(ctx, drop); err != nil {
			return gone, s.explain("prune", err)
		}
		gone += n
	}
	return gone, nil
}

func (s *Store) pruneSome(ctx context.Context, drop some) (gone int64, more bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, false, errClosed
	}
	err = s.write(context.WithoutCancel(ctx), func(w *session) error {
		gone, more, err = drop(context.WithoutCancel(ctx), w)
		return err
	})
	if err == nil && gone > 0 {
		s.changed()
	}
	return gone, more, err
}

// pruneLines is some of the transition log.
func (s *session) pruneLines(ctx context.Context, r store.Retention) (gone int64, more bool, err error) {
	goes, err := s.prunable(ctx, r)
	if err != nil || goes == nil {
		return 0, false, err
	}
	var next int64                     // the first line that stays
	var kept, lines []batch.Transition // kept is what stays of a row that does not go whole
	err = s.each(ctx, oldestLines, []any{maxPrunedLines}, func(rows *sql.Rows) (err error) {
		if lines, next, err = scanLines(rows, lines[:0]); err != nil {
			return err
		}
		stays := slices.IndexFunc(lines, func(line batch.Transition) bool { return !goes(&line) })
		if stays < 0 {
			next += int64(len(lines))
			gone += int64(len(lines))
			if more = gone >= maxPrunedLines; more {
				return errEnough
			}
			return nil
		}
		next += int64(stays)
		gone += int64(stays)
		if stays > 0 {
			kept = lines[stays:]
		}
		return errEnough
	})
	if err != nil || gone == 0 {
		return 0, false, err
	}
	if _, err := s.exec(ctx, dropLines, next); err != nil {
		return 0, false, err
	}
	if len(kept) > 0 {
		_, err = s.exec(ctx, putLines, next, len(kept), packLines(kept))
	}
	return gone, more, err
}

// pruneAudits is some of the audit log.
func (s *session) pruneAudits(ctx context.Context, r store.Retention) (gone int64, more bool, err error) {
	var newest batch.Time
	if found, err := s.one(ctx, newestAudit, nil, &newest); err != nil || !found {
		return 0, false, err
	}
	var next int64 // the first line that stays
	err = s.each(ctx, oldestAudits, []any{maxPrunedAudits + 1}, func(rows *sql.Rows) error {
		var at batch.Time
		if err := rows.Scan(&next, &at); err != nil {
			return err
		}
		if more = gone >= maxPrunedAudits; more || at >= newest.Add(-r.AuditAge) {
			return errEnough
		}
		gone++
		return nil
	})
	if err != nil || gone == 0 {
		return 0, false, err
	}
	_, err = s.exec(ctx, dropAudits, next)
	return gone, more, err
}

// prunable returns what tells whether the oldest line may go; nil if the log is empty.
func (s *session) prunable(ctx context.Context, r store.Retention) (func(*batch.Transition) bool, error) {
	var newest []batch.Transition
	err := s.each(ctx, newestLines, nil, func(rows *sql.Rows) (err error) {
		newest, _, err = scanLines(rows, nil)
		return err
	})
	if err != nil || len(newest) == 0 {
		return nil, err
	}
	cursors, err := s.records(ctx, store.RecordQuery{New: func() batch.Recorded { return new(batch.Cursor) }})
	if err != nil {
		return nil, err
	}
	last := newest[len(newest)-1]
	passed := last.Seq // by every cursor
	for _, row := range cursors {
		if c, ok := row.(*batch.Cursor); ok {
			passed = min(passed, c.Seq)
		}
	}
	oldest := last.At.Add(-r.Age)
	return func(line *batch.Transition) bool {
		return line.Seq < last.Seq && (line.Seq <= last.Seq-r.Lines || line.Seq <= passed && line.At < oldest)
	}, nil
}

// scanLines appends the lines of a stored row to into and returns the number of its first one.
func scanLines(rows *sql.Rows, into []batch.Transition) (lines []batch.Transition, first int64, err error) {
	var count int
	var data sql.RawBytes
	if err := rows.Scan(&first, &count, &data); err != nil {
		return into, 0, err
	}
	lines, err = unpackLines(into, first, count, data)
	return lines, first, err
}

// pruneIfDue prunes the logs now and then, and at once if the transition log has become too long. It returns when it
// last did.
func (s *Store) pruneIfDue(ctx context.Context, r store.Retention, last time.Time) (time.Time, error) {
	if time.Since(last) < pruneInterval {
		var long bool
		err := s.read(ctx, "look at the log of", func(reader *session) (err error) {
			long, err = reader.tooLong(ctx, r)
			return err
		})
		if err != nil || !long {
			return last, err
		}
	}
	_, err := s.PruneTransitions(ctx, r)
	if err == nil {
		_, err = s.PruneAudits(ctx, r)
	}
	return time.Now(), err
}

// tooLong reports whether the transition log has more lines than it may have.
func (s *session) tooLong(ctx context.Context, r store.Retention) (bool, error) {
	var first, last int64
	if _, err := s.one(ctx, firstLine, nil, &first); err != nil {
		return false, err
	}
	_, err := s.one(ctx, lastLine, nil, &last)
	return last-first >= r.Lines, err
}
