package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// roots is what the writer knows of submissions, so that it need not ask again.
type roots map[batch.JobID]root

type root struct {
	seq  int64
	base *batch.Job // of its children; nil unless it is an array
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
		rows(d.Jobs, c.child), rows(d.Environments, c.environment), rows(d.Queues, c.queue), rows(d.Hosts, c.host),
		rows(d.Definitions, c.definition), rows(d.Specs, c.spec), rows(d.Points, c.points),
		rows(d.Attempts, c.attempt), rows(d.Results, c.result), rows(d.Tags, c.tags), rows(d.Audits, c.audit),
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
		if _, _, isChild := jobs[i].Parent(); isChild {
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
		int64(j.CreatedAt), j.Size, j.Token, int64(j.Status), contentHash(j), c.pack)
	if err != nil {
		return err
	}
	if changed == 0 {
		return fmt.Errorf("seq %d is another job's", j.Seq)
	}
	c.know(j)
	return nil
}

func (c *commit) know(j *batch.Job) root {
	known := root{seq: j.Seq}
	if j.Size > 0 {
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
		err = unpackJob(data, &j, &noBase)
	}
	if err != nil {
		return root{}, err
	}
	return c.know(&j), nil
}

// key returns the key of a job or child.
func (c *commit) key(id batch.JobID) (key, error) {
	parent, index, isChild := id.Split()
	root, err := c.root(parent)
	if err != nil {
		return 0, err
	}
	if !isChild {
		return submissionKey(root.seq), nil
	}
	return childKey(root.seq, index), nil
}

func (c *commit) child(j *batch.Job) error {
	parent, index, isChild := j.Parent()
	if !isChild {
		return nil
	}
	array, err := c.root(parent)
	if err != nil {
		return err
	}
	if array.base == nil || array.seq != j.Seq || index >= 1<<indexBits-1 {
		return fmt.Errorf("job %s with seq %d is no child of an array with that seq", j.ID, j.Seq)
	}
	if c.pack, err = packJob(c.pack[:0], j, array.base); err != nil {
		return err
	}
	return c.put(putChild, childKey(array.seq, index), int64(j.Status), contentHash(j), c.pack)
}

func (c *commit) environment(e *batch.Environment) error {
	if e.Health == batch.Deleted {
		return c.put(dropEnvironment, e.Name)
	}
	row := *e
	row.Body = nil
	return c.document(putEnvironment, row, e.Body, e.Name)
}

func (c *commit) queue(q *batch.Queue) error {
	row := *q
	row.Body = nil
	return c.document(putQueue, row, q.Body, q.UUID, q.Name, bit(q.Health == batch.Deleted))
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

func (c *commit) host(h *batch.Host) error { return c.json(putHost, h, h.ID) }

func (c *commit) audit(a *batch.Audit) error { return c.json(putAudit, a) }

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

// lines appends to the transition log, which has no gaps.
func (c *commit) lines(lines []batch.Transition) error {
	if len(lines) == 0 {
		return nil
	}
	var last int64
	if _, err := c.one(context.Background(), lastLine, nil, &last); err != nil {
		return err
	}
	for i := range lines {
		if want := last + 1 + int64(i); lines[i].Seq != want {
			return fmt.Errorf("transition of job %s: seq is %d, want %d", lines[i].Job, lines[i].Seq, want)
		}
	}
	for len(lines) > 0 {
		n := min(len(lines), linesPerRow)
		if err := c.put(putLines, lines[0].Seq, n, packLines(lines[:n])); err != nil {
			return err
		}
		lines = lines[n:]
	}
	return nil
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
