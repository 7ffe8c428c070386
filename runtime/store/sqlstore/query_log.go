package sqlstore

import (
	"context"
	"database/sql"
	"math"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// Transitions implements store.Reader.
func (s reader) Transitions(ctx context.Context, after int64, n int) (lines []batch.Transition, err error) {
	if n <= 0 {
		return nil, nil
	}
	rows := limit(n + 1) // each holds one line or more, and the first one may hold none of those wanted
	err = s.read(ctx, "read transitions from", func(r *session) error {
		lines = nil
		return r.each(ctx, linesAfter, []any{after + 1, rows}, func(rows *sql.Rows) (err error) {
			var first int64
			from := len(lines)
			if lines, first, err = scanLines(rows, lines); err != nil {
				return err
			}
			if skip := after + 1 - first; skip > 0 {
				lines = slices.Delete(lines, from, from+int(min(skip, int64(len(lines)-from))))
			}
			if len(lines) >= n {
				lines = lines[:n]
				return errEnough
			}
			return nil
		})
	})
	return lines, err
}

// FirstTransition implements store.Reader.
func (s reader) FirstTransition(ctx context.Context) (seq int64, err error) {
	err = s.read(ctx, "read the first transition from", func(r *session) error {
		_, err := r.one(ctx, firstLine, nil, &seq)
		return err
	})
	return seq, err
}

// Audits implements store.Reader.
func (s reader) Audits(ctx context.Context, q store.AuditQuery) (lines []store.AuditLine, err error) {
	query, args := auditStatement(q)
	err = s.read(ctx, "read audits from", func(r *session) error {
		lines = nil
		return r.each(ctx, query, args, func(rows *sql.Rows) error {
			var line store.AuditLine
			err := rows.Scan(&line.Seq, &line.At, &line.Who, &line.Denied, &line.Action, &line.Resource, &line.Source)
			lines = append(lines, line)
			return err
		})
	})
	return lines, err
}

// auditStatement makes the statement of a query. That a line was denied must be literal, or the index of those
// that were is not used.
func auditStatement(q store.AuditQuery) (query string, args []any) {
	query, args = audits, []any{q.Before}
	if q.Before <= 0 {
		args = []any{int64(math.MaxInt64)}
	}
	if q.Who != "" {
		query, args = query+" AND who = ?", append(args, q.Who)
	}
	if q.Action != "" {
		query, args = query+" AND action = ?", append(args, q.Action)
	}
	if q.Denied != nil && *q.Denied {
		query += " AND denied = 1"
	} else if q.Denied != nil {
		query += " AND denied = 0"
	}
	return query + newestFirst, append(args, limit(q.Limit))
}
