package api_test

import (
	"context"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// hooks are called when a request reads a store, if its context has them.
type hooks struct {
	moment func() // before each read, and before what is read together
	read   func() // after each read, of those that are read together, too
}

type hooksKey struct{}

func withHooks(ctx context.Context, h hooks) context.Context {
	return context.WithValue(ctx, hooksKey{}, h)
}

func hooksOf(ctx context.Context) (h hooks) {
	h, _ = ctx.Value(hooksKey{}).(hooks)
	if h.moment == nil {
		h.moment = func() {}
	}
	if h.read == nil {
		h.read = func() {}
	}
	return h
}

// hookedStore is a store that calls the hooks of those that read it.
type hookedStore struct {
	hookedReader
	store.Writer
	store.Keeper
	inner store.Store
}

func hooked(s store.Store) store.Store {
	return hookedStore{hookedReader{s, true}, s, s, s}
}

func (s hookedStore) Together(ctx context.Context, f func(store.Reader) error) error {
	hooksOf(ctx).moment()
	return s.inner.Together(ctx, func(r store.Reader) error { return f(hookedReader{r, false}) })
}

// hookedReader calls the hooks for what answers are put together from.
type hookedReader struct {
	store.Reader
	alone bool // each read is a moment of its own
}

func after[T any](ctx context.Context, r hookedReader, read func() (T, error)) (T, error) {
	h := hooksOf(ctx)
	if r.alone {
		h.moment()
	}
	defer h.read()
	return read()
}

func (r hookedReader) Environments(ctx context.Context, q store.NameQuery) ([]batch.Environment, error) {
	return after(ctx, r, func() ([]batch.Environment, error) { return r.Reader.Environments(ctx, q) })
}

func (r hookedReader) Queues(ctx context.Context, q store.NameQuery) ([]batch.Queue, error) {
	return after(ctx, r, func() ([]batch.Queue, error) { return r.Reader.Queues(ctx, q) })
}

func (r hookedReader) Policies(ctx context.Context, q store.NameQuery) ([]batch.Policy, error) {
	return after(ctx, r, func() ([]batch.Policy, error) { return r.Reader.Policies(ctx, q) })
}

func (r hookedReader) Records(ctx context.Context, q store.RecordQuery) ([]batch.Recorded, error) {
	return after(ctx, r, func() ([]batch.Recorded, error) { return r.Reader.Records(ctx, q) })
}

func (r hookedReader) Definitions(ctx context.Context, q store.DefinitionQuery) ([]batch.Definition, error) {
	return after(ctx, r, func() ([]batch.Definition, error) { return r.Reader.Definitions(ctx, q) })
}

func (r hookedReader) Jobs(ctx context.Context, ids []batch.JobID) ([]batch.Job, error) {
	return after(ctx, r, func() ([]batch.Job, error) { return r.Reader.Jobs(ctx, ids) })
}

func (r hookedReader) ListJobs(ctx context.Context, q store.JobQuery) ([]batch.Job, error) {
	return after(ctx, r, func() ([]batch.Job, error) { return r.Reader.ListJobs(ctx, q) })
}

func (r hookedReader) Children(ctx context.Context, root batch.JobID) ([]batch.Job, error) {
	return after(ctx, r, func() ([]batch.Job, error) { return r.Reader.Children(ctx, root) })
}

func (r hookedReader) Specs(ctx context.Context, roots []batch.JobID) (map[batch.JobID]batch.Spec, error) {
	return after(ctx, r, func() (map[batch.JobID]batch.Spec, error) { return r.Reader.Specs(ctx, roots) })
}

func (r hookedReader) Attempts(ctx context.Context, jobs []batch.JobID) (map[batch.JobID][]batch.Attempt, error) {
	return after(ctx, r, func() (map[batch.JobID][]batch.Attempt, error) { return r.Reader.Attempts(ctx, jobs) })
}

func (r hookedReader) Results(ctx context.Context, attempts []batch.AttemptID) (map[batch.AttemptID][]byte, error) {
	return after(ctx, r, func() (map[batch.AttemptID][]byte, error) { return r.Reader.Results(ctx, attempts) })
}

func (r hookedReader) Tags(ctx context.Context, resources []string) (map[string]map[string]string, error) {
	return after(ctx, r, func() (map[string]map[string]string, error) { return r.Reader.Tags(ctx, resources) })
}

func (r hookedReader) Counts(ctx context.Context) ([batch.StatusCount]int64, error) {
	return after(ctx, r, func() ([batch.StatusCount]int64, error) { return r.Reader.Counts(ctx) })
}

func (r hookedReader) QueueCounts(ctx context.Context) (map[string][batch.StatusCount]int64, error) {
	return after(ctx, r, func() (map[string][batch.StatusCount]int64, error) { return r.Reader.QueueCounts(ctx) })
}
