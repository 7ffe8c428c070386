package sqlstore

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Specs implements store.Reader.
func (s reader) Specs(ctx context.Context, ids []batch.JobID) (map[batch.JobID]batch.Spec, error) {
	specs := make(map[batch.JobID]batch.Spec, len(ids))
	err := s.read(ctx, "read specs from", func(r *session) error {
		found, err := r.originsOf(ctx, ids)
		if err != nil {
			return err
		}
		seqs := make([]any, 0, len(found))
		for _, o := range found {
			seqs = append(seqs, o.seq)
		}
		return r.eachIn(ctx, specsBySeq, seqs, func(rows *sql.Rows) error {
			spec, err := scanDocument(rows, specBody)
			specs[spec.Job] = spec
			return err
		})
	})
	return specs, err
}

// PointKeys implements store.Reader.
func (s reader) PointKeys(ctx context.Context, ids []batch.JobID) (map[batch.JobID][]byte, error) {
	keys := make(map[batch.JobID][]byte, len(ids))
	err := s.read(ctx, "read keys of points from", func(r *session) error {
		clear(keys)
		found, err := r.originsOf(ctx, ids)
		if err != nil {
			return err
		}
		of := make(map[int64]batch.JobID, len(found))
		seqs := make([]any, 0, len(found))
		for id, o := range found {
			of[o.seq] = id
			seqs = append(seqs, o.seq)
		}
		return r.eachIn(ctx, pointKeysBySeq, seqs, func(rows *sql.Rows) error {
			var seq int64
			var data []byte
			err := rows.Scan(&seq, &data)
			keys[of[seq]] = data
			return err
		})
	})
	return keys, err
}

// Points implements store.Reader.
func (s reader) Points(ctx context.Context, array batch.JobID, from int32, n int) (points []map[string]string, err error) {
	if n <= 0 {
		return nil, nil
	}
	err = s.read(ctx, "read points from", func(r *session) error {
		points = nil
		next, end := int64(from), int64(from)+int64(n)
		return r.each(ctx, pointsOfArray, []any{string(array), next - pointsPerRow, end}, func(rows *sql.Rows) error {
			var first int64
			var data sql.RawBytes
			if err := rows.Scan(&first, &data); err != nil {
				return err
			}
			if first > next {
				return errEnough // a gap: what comes after it is not the next
			}
			some, err := unpackPoints(data, int(next-first), int(end-next))
			if err != nil {
				return fmt.Errorf("points of job %s: %w", array, err)
			}
			points = append(points, some...)
			next += int64(len(some))
			return nil
		})
	})
	return points, err
}

// Attempts implements store.Reader.
func (s reader) Attempts(ctx context.Context, jobs []batch.JobID) (map[batch.JobID][]batch.Attempt, error) {
	attempts := make(map[batch.JobID][]batch.Attempt, len(jobs))
	err := s.read(ctx, "read attempts from", func(r *session) error {
		ids, err := r.keysOf(ctx, jobs)
		if err != nil {
			return err
		}
		return r.eachIn(ctx, attemptsOfJobs, sortedKeys(ids), func(rows *sql.Rows) error {
			var k key
			var a batch.Attempt
			var data sql.RawBytes
			if err := rows.Scan(&k, &a.ID.Number, &data); err != nil {
				return err
			}
			a.ID.Job = ids[k]
			attempts[a.ID.Job] = append(attempts[a.ID.Job], a)
			return unpackAttempt(data, &attempts[a.ID.Job][len(attempts[a.ID.Job])-1])
		})
	})
	return attempts, err
}

// Results implements store.Reader.
func (s reader) Results(ctx context.Context, attempts []batch.AttemptID) (map[batch.AttemptID][]byte, error) {
	results := make(map[batch.AttemptID][]byte, len(attempts))
	wanted := make(map[batch.AttemptID]bool, len(attempts))
	jobs := make([]batch.JobID, 0, len(attempts))
	for _, id := range attempts {
		wanted[id] = true
		jobs = append(jobs, id.Job)
	}
	err := s.read(ctx, "read results from", func(r *session) error {
		ids, err := r.keysOf(ctx, jobs)
		if err != nil {
			return err
		}
		return r.eachIn(ctx, resultsOfJobs, sortedKeys(ids), func(rows *sql.Rows) error {
			var k key
			var id batch.AttemptID
			var body []byte
			if err := rows.Scan(&k, &id.Number, &body); err != nil {
				return err
			}
			if id.Job = ids[k]; wanted[id] {
				results[id] = body
			}
			return nil
		})
	})
	return results, err
}
