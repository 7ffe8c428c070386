package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// Load implements store.Writer.
func (s *Store) Load(ctx context.Context) (snapshot batch.Snapshot, err error) {
	if err := s.Check(ctx); err != nil {
		return snapshot, err
	}
	err = s.read(ctx, "load", func(r *session) error {
		snapshot = batch.Snapshot{Revisions: map[string]int32{}}
		return firstError(
			func() error { return r.loadRecords(ctx, &snapshot) },
			documents(ctx, r, loadQueues, &snapshot.Queues, queueBody),
			documents[batch.ShareUsage](ctx, r, loadShares, &snapshot.Shares, nil),
			func() error { return r.loadRevisions(ctx, snapshot.Revisions) },
			func() error { return r.loadJobs(ctx, &snapshot) },
			func() error { return r.loadPointKeys(ctx, &snapshot) },
			func() error {
				_, err := r.one(ctx, lastOfAll, nil, &snapshot.LastSeq)
				return err
			},
			func() error {
				_, err := r.one(ctx, lastLine, nil, &snapshot.LastTransition)
				return err
			},
		)
	})
	if err != nil {
		return batch.Snapshot{}, err
	}
	slices.SortFunc(snapshot.Keys, batch.CompareKeys)
	return snapshot, nil
}

func (s *session) loadRecords(ctx context.Context, snapshot *batch.Snapshot) error {
	var of string
	var add func(fill func(batch.Recorded) error) error
	return s.each(ctx, loadRecords, nil, func(rows *sql.Rows) error {
		var kind string
		var data sql.RawBytes
		var body []byte
		if err := rows.Scan(&kind, &data, &body); err != nil {
			return err
		}
		if kind != of {
			of, add = kind, snapshot.AddRecord(kind)
		}
		if add == nil {
			return fmt.Errorf("%w: there is a record of kind %q, which is not known", store.ErrCorrupt, kind)
		}
		return add(func(row batch.Recorded) error { return fillRecord(row, data, body) })
	})
}

func (s *session) loadRevisions(ctx context.Context, into map[string]int32) error {
	return s.each(ctx, loadRevisions, nil, func(rows *sql.Rows) error {
		var name string
		var revision int32
		err := rows.Scan(&name, &revision)
		into[name] = revision
		return err
	})
}

// loadJobs reads the submissions that are not terminal and puts after each its parts. A connection answers one query at a time, so
// the parts are read when all submissions have been.
func (s *session) loadJobs(ctx context.Context, snapshot *batch.Snapshot) error {
	var live int64
	if _, err := s.one(ctx, countLive, nil, &live); err != nil {
		return err
	}
	roots := make([]batch.Job, 0, live)
	known := words{}
	err := s.each(ctx, loadJobs, nil, func(rows *sql.Rows) error {
		// Read where it stays: a job is large, and there may be very many.
		roots = append(roots, batch.Job{})
		return readJob(rows, &roots[len(roots)-1], known)
	})
	if err != nil {
		return err
	}
	var parts []batch.Job // of all roots, in their order
	for i := range roots {
		if partCount(&roots[i]) > 0 {
			if err := s.loadParts(ctx, &roots[i], snapshot, &parts, known); err != nil {
				return err
			}
		}
	}
	snapshot.Jobs = withParts(roots, parts)
	return nil
}

// withParts puts parts, which are in the order of their roots, behind these. It works from the end, so that only the jobs behind
// the first root that has parts are moved.
func withParts(roots, parts []batch.Job) []batch.Job {
	jobs := append(roots, parts...)
	root, to := len(roots)-1, len(jobs)-1
	for part := len(parts) - 1; part >= 0; to-- {
		if parts[part].Seq == jobs[root].Seq {
			jobs[to] = parts[part]
			part--
		} else {
			jobs[to] = jobs[root]
			root--
		}
	}
	return jobs
}

func (s *session) loadPointKeys(ctx context.Context, snapshot *batch.Snapshot) error {
	return s.each(ctx, loadPointKeys, nil, func(rows *sql.Rows) error {
		var k batch.PointKeys
		err := rows.Scan(&k.Job, &k.Keys)
		snapshot.PointKeys = append(snapshot.PointKeys, k)
		return err
	})
}

// loadParts reads which parts of a submission ended, and appends the others to parts.
func (s *session) loadParts(ctx context.Context, root *batch.Job, snapshot *batch.Snapshot, parts *[]batch.Job, known words) error {
	if a := root.Array; a != nil && !a.Unborn.Status.Terminal() {
		snapshot.Ended = slices.Grow(snapshot.Ended, int(a.Counts[batch.Succeeded]+a.Counts[batch.Failed]))
	}
	var live []any
	err := s.each(ctx, loadParts, []any{submissionKey(root.Seq), submissionKey(root.Seq + 1)}, func(rows *sql.Rows) error {
		var k key
		var statuses int64
		if err := rows.Scan(&k, &statuses); err != nil {
			return err
		}
		for ; statuses > 0; k, statuses = k+1, statuses>>3 {
			_, index := splitKey(k)
			switch status := batch.Status(statuses&7) - 1; {
			case statuses&7 == 0: // there is no such row
			case status.Terminal():
				snapshot.Ended = append(snapshot.Ended, batch.EndedChild{Array: root.ID, Index: index, Status: status})
			default:
				live = append(live, k)
			}
		}
		return nil
	})
	if err != nil || len(live) == 0 {
		return err
	}
	all := families{root.Seq: familyOf(root)}
	return s.eachIn(ctx, childrenByID+" ORDER BY job", live, func(rows *sql.Rows) error {
		part, err := all.scan(rows, known)
		*parts = append(*parts, part)
		return err
	})
}

// scanJob reads a submission from its columns seq, id, status and data.
func scanJob(rows *sql.Rows, known words) (j batch.Job, err error) {
	err = readJob(rows, &j, known)
	return j, err
}

// readJob is scanJob into j, which is zero.
func readJob(rows *sql.Rows, j *batch.Job, known words) error {
	var data sql.RawBytes
	if err := rows.Scan(&j.Seq, &j.ID, &j.Status, &data); err != nil {
		return err
	}
	if err := unpackJob(data, j, &noBase, known); err != nil {
		return fmt.Errorf("job %s: %w", j.ID, err)
	}
	return nil
}

// scanDocument reads a row of JSON documents: its last columns are data and, if body is
// not nil, the client's own.
func scanDocument[T any](rows *sql.Rows, body func(*T) *[]byte, columns ...any) (T, error) {
	var row T
	var data sql.RawBytes
	columns = append(columns, &data)
	var own []byte
	if body != nil {
		columns = append(columns, &own)
	}
	if err := rows.Scan(columns...); err != nil {
		return row, err
	}
	if err := unmarshal(data, &row); err != nil {
		return row, err
	}
	if body != nil {
		*body(&row) = own
	}
	return row, nil
}

// unmarshal reads a row from its JSON document.
func unmarshal(data []byte, row any) error {
	if err := json.Unmarshal(data, row); err != nil {
		return fmt.Errorf("%w: a row of %T: %w", store.ErrCorrupt, row, err)
	}
	return nil
}

// documents returns a step that appends the rows of a query to into.
func documents[T any](ctx context.Context, r *session, query string, into *[]T, body func(*T) *[]byte, args ...any) func() error {
	return func() error {
		return r.each(ctx, query, args, func(rows *sql.Rows) error {
			row, err := scanDocument(rows, body)
			*into = append(*into, row)
			return err
		})
	}
}

func queueBody(q *batch.Queue) *[]byte { return &q.Body }

func definitionBody(d *batch.Definition) *[]byte { return &d.Body }

func specBody(s *batch.Spec) *[]byte { return &s.Body }
