package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// Load implements store.Writer.
func (s *Store) Load(ctx context.Context) (snapshot batch.Snapshot, err error) {
	err = s.read(ctx, "load", func(r *session) error {
		snapshot = batch.Snapshot{Revisions: map[string]int32{}}
		return firstError(
			documents(ctx, r, loadEnvironments, &snapshot.Environments, environmentBody),
			documents(ctx, r, loadQueues, &snapshot.Queues, queueBody),
			documents[batch.Host](ctx, r, loadHosts, &snapshot.Hosts, nil),
			func() error { return r.loadRevisions(ctx, snapshot.Revisions) },
			func() error { return r.loadJobs(ctx, &snapshot) },
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
	return snapshot, nil
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

// loadJobs reads the submissions that are not terminal and, after each array, its children.
func (s *session) loadJobs(ctx context.Context, snapshot *batch.Snapshot) error {
	var submissions []batch.Job
	var last batch.Job
	arrays := 0
	err := s.each(ctx, loadJobs, nil, func(rows *sql.Rows) error {
		j, err := scanJob(rows)
		if err != nil {
			return err
		}
		share(&j, &last)
		if last = j; j.Size > 0 {
			arrays++
		}
		submissions = append(submissions, j)
		return nil
	})
	if err != nil || arrays == 0 {
		snapshot.Jobs = submissions
		return err
	}
	snapshot.Jobs = make([]batch.Job, 0, len(submissions))
	for i := range submissions {
		snapshot.Jobs = append(snapshot.Jobs, submissions[i])
		if submissions[i].Size == 0 {
			continue
		}
		if err := s.loadChildren(ctx, &submissions[i], snapshot); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) loadChildren(ctx context.Context, array *batch.Job, snapshot *batch.Snapshot) error {
	base := baseOf(array)
	after, before := submissionKey(array.Seq), submissionKey(array.Seq+1)
	return s.each(ctx, loadChildren, []any{after, before}, func(rows *sql.Rows) error {
		var k key
		var status batch.Status
		var data sql.RawBytes
		if err := rows.Scan(&k, &status, &data); err != nil {
			return err
		}
		_, index := splitKey(k)
		if status.Terminal() {
			snapshot.Ended = append(snapshot.Ended, batch.EndedChild{Array: array.ID, Index: index, Status: status})
			return nil
		}
		child, err := childOf(array, base, index, status, data)
		snapshot.Jobs = append(snapshot.Jobs, child)
		return err
	})
}

// share lets equal texts of neighbouring jobs share memory, which they mostly can.
func share(j, last *batch.Job) {
	for _, pair := range [][2]*string{
		{&j.Name, &last.Name},
		{&j.QueueID, &last.QueueID},
		{&j.QueueName, &last.QueueName},
		{&j.Definition.Name, &last.Definition.Name},
		{&j.StatusReason, &last.StatusReason},
	} {
		if *pair[0] == *pair[1] {
			*pair[0] = *pair[1]
		}
	}
}

// scanJob reads a submission from its columns seq, id, status and data.
func scanJob(rows *sql.Rows) (batch.Job, error) {
	var j batch.Job
	var data sql.RawBytes
	if err := rows.Scan(&j.Seq, &j.ID, &j.Status, &data); err != nil {
		return batch.Job{}, err
	}
	if err := unpackJob(data, &j, &noBase); err != nil {
		return batch.Job{}, fmt.Errorf("job %s: %w", j.ID, err)
	}
	return j, nil
}

// childOf makes a child from its row.
func childOf(array, base *batch.Job, index int32, status batch.Status, data []byte) (batch.Job, error) {
	child := batch.Job{ID: array.ID.Child(index), Seq: array.Seq, Status: status}
	if err := unpackJob(data, &child, base); err != nil {
		return batch.Job{}, fmt.Errorf("job %s: %w", child.ID, err)
	}
	return child, nil
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
	if err := json.Unmarshal(data, &row); err != nil {
		return row, fmt.Errorf("%w: a row of %T: %w", store.ErrCorrupt, row, err)
	}
	if body != nil {
		*body(&row) = own
	}
	return row, nil
}

// documents returns a step that appends the rows of a query to into.
func documents[T any](ctx context.Context, r *session, query string, into *[]T, body func(*T) *[]byte) func() error {
	return func() error {
		return r.each(ctx, query, nil, func(rows *sql.Rows) error {
			row, err := scanDocument(rows, body)
			*into = append(*into, row)
			return err
		})
	}
}

func environmentBody(e *batch.Environment) *[]byte { return &e.Body }

func queueBody(q *batch.Queue) *[]byte { return &q.Body }

func definitionBody(d *batch.Definition) *[]byte { return &d.Body }

func specBody(s *batch.Spec) *[]byte { return &s.Body }
