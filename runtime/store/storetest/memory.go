package storetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// Memory is a store that keeps its rows in memory: the plainest thing that passes [Run].
// It answers by looking at everything, so it is for tests and for comparing with.
type Memory struct {
	rows  *tables
	epoch int64

	mu     sync.Mutex
	closed bool
	fail   error // what the next commit returns
	apply  bool  // whether that commit is durable nonetheless
}

var _ store.Store = (*Memory)(nil)

// tables are the rows; they outlive the handles on them.
type tables struct {
	mu sync.RWMutex
	batch.Rows
	unaudited int64 // lines before the first of Audits
	epoch     int64 // of the writer that came last
}

// NewMemory returns an empty store.
func NewMemory() *Memory { return lead(&tables{}) }

// lead returns the next writer of rows.
func lead(rows *tables) *Memory {
	rows.mu.Lock()
	defer rows.mu.Unlock()
	rows.epoch++
	return &Memory{rows: rows, epoch: rows.epoch}
}

// Reopen closes m and returns another store with the same rows, as a restart would.
func (m *Memory) Reopen() *Memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return lead(m.rows)
}

// Depose returns another store with the same rows, as a second runtime would open it. From then on m may read and not write.
func (m *Memory) Depose() *Memory { return lead(m.rows) }

// Epoch implements store.Writer.
func (m *Memory) Epoch() int64 { return m.epoch }

// FailNext makes the next commit return err. If applied, its rows are durable all the
// same: the answer was lost, not the commit.
func (m *Memory) FailNext(err error, applied bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail, m.apply = err, applied
}

// Close implements store.Writer.
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}

var errClosed = errors.New("memory store: it is closed")

func (m *Memory) usable(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return errClosed
	}
	return ctx.Err()
}

// Commit implements store.Writer.
func (m *Memory) Commit(ctx context.Context, delta *batch.Delta) error {
	if err := m.usable(ctx); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	fail, apply := m.fail, m.apply
	m.fail = nil
	if fail != nil && !apply {
		return fail
	}
	m.rows.mu.Lock()
	defer m.rows.mu.Unlock()
	if err := errors.Join(m.leads(), m.rows.check(delta)); err != nil {
		return fmt.Errorf("commit to memory store: %w", err)
	}
	kept := clone(*delta)
	m.rows.Fold(&kept)
	return fail
}

// leads returns an error that wraps store.ErrDeposed unless m is the writer of its rows, whose lock is held.
func (m *Memory) leads() error {
	if m.epoch != m.rows.epoch {
		return fmt.Errorf("%w: its epoch is %d and the store is in epoch %d", store.ErrDeposed, m.epoch, m.rows.epoch)
	}
	return nil
}

// check refuses what a store must refuse, before anything is changed.
func (t *tables) check(d *batch.Delta) error {
	roots := map[batch.JobID]batch.Job{}
	taken := map[int64]batch.JobID{}
	for _, j := range d.Jobs {
		if _, _, isPart := j.ID.Part(); isPart {
			continue
		}
		for _, holder := range []batch.JobID{t.holder(j.Seq), taken[j.Seq]} {
			if holder != "" && holder != j.ID {
				return fmt.Errorf("job %s: seq %d is another job's", j.ID, j.Seq)
			}
		}
		if old := t.Jobs[j.ID]; j.Seq < 1 || old != nil && old.Seq != j.Seq {
			return fmt.Errorf("job %s: its seq cannot be %d", j.ID, j.Seq)
		}
		if j.Size > 0 && j.Nodes != nil {
			return fmt.Errorf("job %s: an array has no nodes", j.ID)
		}
		roots[j.ID], taken[j.Seq] = j, j.ID
	}
	root := func(id batch.JobID) batch.Job {
		j, ok := roots[id.Root()]
		if old := t.Jobs[id.Root()]; !ok && old != nil {
			return *old
		}
		return j
	}
	for _, j := range d.Jobs {
		if root(j.ID).Seq != j.Seq {
			return fmt.Errorf("job %s: it is not of a submission with seq %d", j.ID, j.Seq)
		}
	}
	for _, id := range named(d) {
		if !mayHave(root(id), id) {
			return fmt.Errorf("job %s does not exist", id)
		}
	}
	for i, line := range d.Transitions {
		if want := t.LastTransition() + int64(i) + 1; line.Seq != want {
			return fmt.Errorf("transition of job %s: seq is %d, want %d", line.Job, line.Seq, want)
		}
	}
	return nil
}

// holder returns the submission that has that number; empty if none has.
func (t *tables) holder(seq int64) batch.JobID {
	at, found := slices.BinarySearchFunc(t.Submissions, seq, func(id batch.JobID, seq int64) int { return cmp.Compare(t.Jobs[id].Seq, seq) })
	if !found {
		return ""
	}
	return t.Submissions[at]
}

// mayHave reports whether root is the submission of id, and of the form that id says.
func mayHave(root batch.Job, id batch.JobID) bool {
	_, _, isChild := id.Split()
	_, _, isNode := id.SplitNode()
	return root.Seq > 0 && (!isChild || root.Size > 0) && (!isNode || root.Nodes != nil)
}

// named lists the jobs that are rows of d, or that rows of d belong to.
func named(d *batch.Delta) []batch.JobID {
	ids := ids(d.Jobs)
	for i := range d.Specs {
		ids = append(ids, d.Specs[i].Job)
	}
	for i := range d.Points {
		ids = append(ids, d.Points[i].Job)
	}
	for i := range d.PointKeys {
		ids = append(ids, d.PointKeys[i].Job)
	}
	for i := range d.Attempts {
		ids = append(ids, d.Attempts[i].ID.Job)
	}
	for i := range d.Results {
		ids = append(ids, d.Results[i].Attempt.Job)
	}
	return ids
}
