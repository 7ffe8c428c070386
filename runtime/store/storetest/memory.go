package storetest

import (
	"context"
	"errors"
	"fmt"
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
	mu           sync.RWMutex
	environments map[string]batch.Environment
	queues       map[string]batch.Queue // by UUID
	hosts        map[string]batch.Host
	policies     map[string]batch.Policy
	consumables  map[string]batch.Consumable
	logGroups    map[string]batch.LogGroup
	shares       map[string]map[string]batch.ShareUsage // by UUID of the queue and share
	histories    map[string]batch.History
	definitions  map[batch.DefinitionRef]batch.Definition
	specs        map[batch.JobID]batch.Spec
	points       map[batch.JobID]map[int32]map[string]string
	pointKeys    map[batch.JobID][]byte
	jobs         map[batch.JobID]batch.Job // and the children that have a row
	attempts     map[batch.JobID]map[int32]batch.Attempt
	results      map[batch.AttemptID][]byte
	tags         map[string]map[string]string
	keys         map[string]batch.AccessKey
	quotaShares  map[string]map[string]batch.QuotaShare // by queue and name
	cursors      map[string]batch.Cursor
	transitions  []batch.Transition
	forgotten    int64 // lines before the first of transitions
	audits       []batch.Audit
	unaudited    int64 // lines before the first of audits
	bySeq        map[int64]batch.JobID
	epoch        int64 // of the writer that came last
}

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return lead(&tables{
		environments: map[string]batch.Environment{},
		queues:       map[string]batch.Queue{},
		hosts:        map[string]batch.Host{},
		policies:     map[string]batch.Policy{},
		consumables:  map[string]batch.Consumable{},
		logGroups:    map[string]batch.LogGroup{},
		shares:       map[string]map[string]batch.ShareUsage{},
		histories:    map[string]batch.History{},
		definitions:  map[batch.DefinitionRef]batch.Definition{},
		specs:        map[batch.JobID]batch.Spec{},
		points:       map[batch.JobID]map[int32]map[string]string{},
		pointKeys:    map[batch.JobID][]byte{},
		jobs:         map[batch.JobID]batch.Job{},
		attempts:     map[batch.JobID]map[int32]batch.Attempt{},
		results:      map[batch.AttemptID][]byte{},
		tags:         map[string]map[string]string{},
		keys:         map[string]batch.AccessKey{},
		quotaShares:  map[string]map[string]batch.QuotaShare{},
		cursors:      map[string]batch.Cursor{},
		bySeq:        map[int64]batch.JobID{},
	})
}

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
	m.rows.put(clone(*delta))
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
		holders := []batch.JobID{t.bySeq[j.Seq], taken[j.Seq]}
		for _, holder := range holders {
			if holder != "" && holder != j.ID {
				return fmt.Errorf("job %s: seq %d is another job's", j.ID, j.Seq)
			}
		}
		if old, ok := t.jobs[j.ID]; j.Seq < 1 || ok && old.Seq != j.Seq {
			return fmt.Errorf("job %s: its seq is %d, not %d", j.ID, old.Seq, j.Seq)
		}
		if j.Size > 0 && j.Nodes != nil {
			return fmt.Errorf("job %s: an array has no nodes", j.ID)
		}
		roots[j.ID], taken[j.Seq] = j, j.ID
	}
	root := func(id batch.JobID) batch.Job {
		if j, ok := roots[id.Root()]; ok {
			return j
		}
		return t.jobs[id.Root()]
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
		if want := t.lastLine() + int64(i) + 1; line.Seq != want {
			return fmt.Errorf("transition of job %s: seq is %d, want %d", line.Job, line.Seq, want)
		}
	}
	return nil
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

// put keeps the rows of d, which is ours to keep.
func (t *tables) put(d batch.Delta) {
	for _, e := range d.Environments {
		if t.environments[e.Name] = e; e.Health == batch.Deleted {
			delete(t.environments, e.Name)
		}
	}
	t.putUses(d)
	for _, q := range d.Queues {
		if t.queues[q.UUID] = q; q.Health == batch.Deleted {
			delete(t.shares, q.UUID)
		}
	}
	for _, h := range d.Hosts {
		if t.hosts[h.ID] = h; h.Deleted {
			delete(t.hosts, h.ID)
		}
	}
	for _, definition := range d.Definitions {
		t.definitions[definition.Ref()] = definition
	}
	for _, spec := range d.Specs {
		t.specs[spec.Job] = spec
	}
	for _, j := range d.Jobs {
		t.jobs[j.ID] = j
		t.bySeq[j.Seq] = j.ID.Root()
	}
	for _, tags := range d.Tags {
		if t.tags[tags.Resource] = tags.Values; len(tags.Values) == 0 {
			delete(t.tags, tags.Resource)
		}
	}
	t.putParts(d)
	t.putAccess(d)
	t.transitions = append(t.transitions, d.Transitions...)
	t.audits = append(t.audits, d.Audits...)
}

// putUses keeps the rows that say what is used.
func (t *tables) putUses(d batch.Delta) {
	for _, p := range d.Policies {
		if t.policies[p.Name] = p; p.Deleted {
			delete(t.policies, p.Name)
		}
	}
	for _, r := range d.Consumables {
		if t.consumables[r.Name] = r; r.Deleted {
			delete(t.consumables, r.Name)
		}
	}
	for _, g := range d.LogGroups {
		if t.logGroups[g.Name] = g; g.Deleted {
			delete(t.logGroups, g.Name)
		}
	}
	for _, s := range d.Shares {
		if t.shares[s.QueueID] == nil {
			t.shares[s.QueueID] = map[string]batch.ShareUsage{}
		}
		if t.shares[s.QueueID][s.Share] = s; s.Deleted {
			delete(t.shares[s.QueueID], s.Share)
		}
	}
	for _, h := range d.Histories {
		t.histories[h.Definition] = h
	}
}

// putAccess keeps the rows that say who may do what, and who has seen what.
func (t *tables) putAccess(d batch.Delta) {
	for _, k := range d.Keys {
		t.keys[k.ID] = k
	}
	for _, s := range d.QuotaShares {
		if t.quotaShares[s.Queue] == nil {
			t.quotaShares[s.Queue] = map[string]batch.QuotaShare{}
		}
		if t.quotaShares[s.Queue][s.Name] = s; s.Deleted {
			delete(t.quotaShares[s.Queue], s.Name)
		}
	}
	for _, c := range d.Cursors {
		if t.cursors[c.Name] = c; c.Deleted {
			delete(t.cursors, c.Name)
		}
	}
}

// putParts keeps the rows that belong to one job.
func (t *tables) putParts(d batch.Delta) {
	for _, p := range d.Points {
		if t.points[p.Job] == nil {
			t.points[p.Job] = map[int32]map[string]string{}
		}
		for i, point := range p.Values {
			t.points[p.Job][p.From+int32(i)] = point
		}
	}
	for _, k := range d.PointKeys {
		t.pointKeys[k.Job] = k.Keys
	}
	for _, a := range d.Attempts {
		if t.attempts[a.ID.Job] == nil {
			t.attempts[a.ID.Job] = map[int32]batch.Attempt{}
		}
		t.attempts[a.ID.Job][a.ID.Number] = a
	}
	for _, r := range d.Results {
		t.results[r.Attempt] = r.Body
	}
}
