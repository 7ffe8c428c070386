package engine_test

import (
	"context"
	"sync"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
	"github.com/batchd/terraform-provider-batch/runtime/store/storetest"
)

// memory is a store in memory that can be told to fail, and that counts what it did.
type memory struct {
	store.Store

	mu       sync.Mutex
	commits  int
	onCommit func(delta *batch.Delta, apply func() error) error // nil applies
	onLoad   func() error
}

func newMemory() *memory { return &memory{Store: storetest.NewMemory()} }

func (m *memory) Commit(ctx context.Context, d *batch.Delta) error {
	m.mu.Lock()
	m.commits++
	hook := m.onCommit
	m.mu.Unlock()
	apply := func() error { return m.Store.Commit(ctx, d) }
	if hook != nil {
		return hook(d, apply)
	}
	return apply()
}

func (m *memory) Load(ctx context.Context) (batch.Snapshot, error) {
	m.mu.Lock()
	hook := m.onLoad
	m.mu.Unlock()
	if hook != nil {
		if err := hook(); err != nil {
			return batch.Snapshot{}, err
		}
	}
	return m.Store.Load(ctx)
}

// job returns a row as it is in the store.
func (m *memory) job(id batch.JobID) (batch.Job, bool) {
	jobs, err := m.Jobs(context.Background(), []batch.JobID{id})
	if err != nil || len(jobs) == 0 {
		return batch.Job{}, false
	}
	return jobs[0], true
}

func (m *memory) committed() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.commits
}

// failing makes what follows go through hooks; nil ones let it pass.
func (m *memory) failing(onCommit func(delta *batch.Delta, apply func() error) error, onLoad func() error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.onCommit, m.onLoad = onCommit, onLoad
}
