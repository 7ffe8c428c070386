package engine

import (
	"context"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// gather reads what a command needs. It runs in the caller's goroutine: rounds do not wait for it.
func (e *Engine) gather(ctx context.Context, needs sched.Needs) (g sched.Given, err error) {
	if len(needs.Jobs) == 0 && needs.Tags == "" {
		// The definition says nothing of the job that a token made before, so they need not be of one moment, and the
		// store may know both without a transaction.
		g, err = sched.Gather(needs, lookup(ctx, e.options.Store))
	} else {
		err = e.options.Store.Together(ctx, func(r store.Reader) error {
			g, err = sched.Gather(needs, lookup(ctx, r))
			return err
		})
	}
	if err != nil {
		return g, err
	}
	if needs.Submission != nil && g.Definition != nil && g.Existing == nil {
		err = e.identify(ctx, *needs.Submission, &g)
	}
	return g, err
}

// lookup reads from r.
func lookup(ctx context.Context, r store.Reader) sched.Lookup {
	return sched.Lookup{
		Definition: func(ref batch.DefinitionRef) (*batch.Definition, error) {
			found, err := r.Definitions(ctx, store.DefinitionQuery{Refs: []batch.DefinitionRef{ref}})
			if err != nil || len(found) == 0 {
				return nil, err
			}
			return &found[0], nil
		},
		Jobs:     func(ids []batch.JobID) ([]batch.Job, error) { return r.Jobs(ctx, ids) },
		Children: func(root batch.JobID) ([]batch.Job, error) { return r.Children(ctx, root) },
		ByToken:  func(token string) (batch.JobID, bool, error) { return r.JobByToken(ctx, token) },
		PointKeys: func(root batch.JobID) ([]byte, error) {
			keys, err := r.PointKeys(ctx, []batch.JobID{root})
			return keys[root], err
		},
		Tags: func(resource string) (map[string]string, error) {
			tags, err := r.Tags(ctx, []string{resource})
			return tags[resource], err
		},
	}
}

func (e *Engine) maxArraySize() int32 {
	if n := e.options.Config.MaxArraySize; n > 0 {
		return n
	}
	return batch.DefaultMaxArraySize
}
