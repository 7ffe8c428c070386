package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// roots is what the writer knows of submissions, so that it need not ask again. It is used only in transactions that have
// found that their writer is still the writer.
type roots map[batch.JobID]root

type root struct {
	seq   int64
	base  *batch.Job // of its parts; nil if it is a single job
	nodes bool       // its parts are nodes
}

// commit writes one delta inside a transaction.
type commit struct {
	*session
	roots roots
	pack  []byte // room for packing; never nil, which would be NULL
}

// put runs a statement. Nothing here can be cancelled: a commit that has begun is carried
// through, because half-way its outcome would be unknown.
func (c *commit) put(statement string, args ...any) error {
	_, err := c.exec(context.Background(), statement, args...)
	return err
}

func (c *commit) write(d *batch.Delta) error {
	// Submissions first: other rows name them.
	if err := c.submissions(d.Jobs); err != nil {
		return err
	}
	return firstError(
		rows(d.Jobs, c.part), func() error { return d.EachRecord(c.record) },
		rows(d.Shares, c.share), rows(d.Queues, c.queue), // a queue that goes takes its shares along
		rows(d.Definitions, c.definition), rows(d.Specs, c.spec), rows(d.Points, c.points), rows(d.PointKeys, c.pointKeys),
		rows(d.Attempts, c.attempt), rows(d.Results, c.result), rows(d.Tags, c.tags),
		rows(d.Audits, c.audit),
		func() error { return c.lines(d.Transitions) },
	)
}

// rows returns a step that writes each of rows.
func rows[T any](rows []T, write func(*T) error) func() error {
	return func() error {
		for i := range rows {
			if err := write(&rows[i]); err != nil {
				return err
			}
		}
		return nil
	}
}

func firstError(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (c *commit) submissions(jobs []batch.Job) error {
	for i := range jobs {
		if _, _, isPart := jobs[i].ID.Part(); isPart {
			continue
		}
		if err := c.submission(&jobs[i]); err != nil {
			return fmt.Errorf("job %s: %w", jobs[i].ID, err)
		}
	}
	return nil
}

func (c *commit) submission(j *batch.Job) (err error) {
	if err := checkSeq(j); err != nil {
		return err
	}
	if c.pack, err = packJob(c.pack[:0], j, &noBase); err != nil {
		return err
	}
	changed, err := c.exec(context.Background(), putJob, j.Seq, string(j.ID), j.QueueID, strings.ToLower(j.Name), j.Definition.String(),
		int64(j.CreatedAt), j.Size, j.Token, j.Share, int64(j.Status), contentHash(j), c.pack)
	if err != nil {
		return err
	}
	if changed == 0 {
		return fmt.Errorf("seq %d is another job's", j.Seq)
	}
	if _, known := c.roots[j.ID]; known {
		return nil
	}
	c.know(j)
	return c.needs(j)
}

// needs makes j be found by the consumable resources that it or a node of it needs.
func (c *commit) needs(j *batch.Job) error {
	all := j.Needs
	if j.Nodes != nil {
		for i := range j.Nodes.Ranges {
			all = slices.Concat(all, j.Nodes.Ranges[i].Needs)
		}
	}
	for _, need := range all {
		if err := c.put(putNeed, need.Resource, j.Seq); err != nil {
			return err
		}
	}
	return nil
}

func (c *commit) know(j *batch.Job) root {
	known := root{seq: j.Seq, nodes: j.Nodes != nil}
	if j.Size > 0 || known.nodes {
		known.base = baseOf(j)
	}
	c.roots[j.ID] = known
	return known
}

// root returns what is known of the submission that id belongs to.
func (c *commit) root(id batch.JobID) (root, error) {
	if known, ok := c.roots[id]; ok {
		return known, nil
	}
	j := batch.Job{ID: id}
	var data []byte
	found, err := c.one(context.Background(), getRoot, []any{string(id)}, &j.Seq, &j.Size, &data)
	if err == nil && !found {
		err = fmt.Errorf("job %s does not exist; its own row must be committed first, or with it", id)
	}
	if err == nil {
		err = unpackJob(data, &j, &noBase, nil)
	}
	if err != nil {
		return root{}, err
	}
	return c.know(&j), nil
}

// key returns the key of a submission or of a part of one.
func (c *commit) key(id batch.JobID) (key, error) {
	submission, index, isPart := id.Part()
	root, err := c.root(submission)
	if err != nil || !isPart {
		return submissionKey(root.seq), err
	}
	_, _, isNode := id.SplitNode()
	switch {
	case root.base == nil, root.nodes != isNode:
		return 0, fmt.Errorf("job %s is neither a child of an array nor a node of a multi-node job", id)
	case index >= 1<<indexBits-1:
		return 0, fmt.Errorf("job %s: the index is %d, want less than %d", id, index, 1<<indexBits-1)
	}
	return partKey(root.seq, index), nil
}

// part writes a child or a node.
func (c *commit) part(j *batch.Job) error {
	submission, _, isPart := j.ID.Part()
	if !isPart {
		return nil
	}
	k, err := c.key(j.ID)
	if err != nil {
		return err
	}
	root := c.roots[submission]
	if root.seq != j.Seq {
		return fmt.Errorf("job %s: its seq is %d and that of %s is %d", j.ID, j.Seq, submission, root.seq)
	}
	if c.pack, err = packJob(c.pack[:0], j, root.base); err != nil {
		return err
	}
	return c.put(putChild, k, int64(j.Status), contentHash(j), c.pack)
}

// record writes a row that is stored as a record; the row is the caller's own copy.
func (c *commit) record(row batch.Recorded) error {
	record := row.Record()
	if record.Gone {
		return c.put(dropRecord, record.Kind, record.Scope, record.Name)
	}
	var body []byte
	if record.Body != nil {
		body, *record.Body = *record.Body, nil
	}
	return c.document(putRecord, row, body, record.Kind, record.Scope, record.Name)
}

func (c *commit) queue(q *batch.Queue) error {
	if q.Health == batch.Deleted {
		if err := c.put(dropShares, q.UUID); err != nil {
			return err
		}
	}
	row := *q
	row.Body = nil
	return c.document(putQueue, row, q.Body, q.UUID, q.Name, bit(q.Health == batch.Deleted))
}

func (c *commit) share(s *batch.ShareUsage) error {
	if s.Deleted {
		return c.put(dropShare, s.QueueID, s.Share)
	}
	return c.json(putShare, s, s.QueueID, s.Share)
}

func (c *commit) definition(d *batch.Definition) error {
	row := *d
	row.Body = nil
	return c.document(putDefinition, row, d.Body, d.Name, d.Revision, bit(d.Active))
}

func (c *commit) spec(s *batch.Spec) error {
	root, err := c.root(s.Job)
	if err != nil {
		return fmt.Errorf("spec: %w", err)
	}
	row := *s
	row.Body = nil
	return c.document(putSpec, row, s.Body, root.seq)
}

// document writes a row whose last columns are a JSON document and the client's own.
func (c *commit) document(statement string, row any, body []byte, columns ...any) error {
	data, err := json.Marshal(row)
	if err != nil {
		return err
	}
	return c.put(statement, append(columns, string(data), body)...)
}

func (c *commit) tags(t *batch.Tags) error {
	if len(t.Values) == 0 {
		return c.put(dropTags, t.Resource)
	}
	return c.json(putTags, t, t.Resource)
}

// json writes a row whose last column is a JSON document.
func (c *commit) json(statement string, row any, columns ...any) error {
	data, err := json.Marshal(row)
	if err != nil {
		return err
	}
	return c.put(statement, append(columns, string(data))...)
}

func (c *commit) points(p *batch.Points) error {
	root, err := c.root(p.Job)
	if err != nil {
		return fmt.Errorf("points: %w", err)
	}
	for from := 0; from < len(p.Values); from += pointsPerRow {
		chunk := p.Values[from:min(from+pointsPerRow, len(p.Values))]
		if err := c.put(putPoints, root.seq, int64(p.From)+int64(from), packPoints(chunk)); err != nil {
			return err
		}
	}
	return nil
}

func (c *commit) pointKeys(k *batch.PointKeys) error {
	root, err := c.root(k.Job)
	if err != nil {
		return fmt.Errorf("keys of points: %w", err)
	}
	return c.put(putPointKeys, root.seq, k.Keys)
}

func (c *commit) attempt(a *batch.Attempt) error {
	key, err := c.key(a.ID.Job)
	if err != nil {
		return fmt.Errorf("attempt: %w", err)
	}
	if c.pack, err = packAttempt(c.pack[:0], a); err != nil {
		return err
	}
	return c.put(putAttempt, key, a.ID.Number, c.pack)
}

func (c *commit) result(r *batch.Result) error {
	key, err := c.key(r.Attempt.Job)
	if err != nil {
		return fmt.Errorf("result: %w", err)
	}
	return c.put(putResult, key, r.Attempt.Number, append([]byte{}, r.Body...)) // empty is not NULL
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
