package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// gather reads what a command needs. It runs in the caller's goroutine: rounds do not wait for it.
func (e *Engine) gather(ctx context.Context, needs sched.Needs) (sched.Given, error) {
	var g sched.Given
	var err error
	if len(needs.Jobs) == 0 && needs.Tags == "" {
		// The definition says nothing of the job that a token made before, so they need not be of one moment, and the
		// store may know both without a transaction.
		err = gatherFrom(ctx, e.options.Store, needs, &g)
	} else {
		err = e.options.Store.Together(ctx, func(r store.Reader) error { return gatherFrom(ctx, r, needs, &g) })
	}
	if err != nil {
		return g, err
	}
	if needs.Submission != nil && g.Definition != nil && g.Existing == nil {
		err = e.identify(ctx, *needs.Submission, &g)
	}
	return g, err
}

// gatherFrom reads it from r.
func gatherFrom(ctx context.Context, r store.Reader, needs sched.Needs, g *sched.Given) error {
	if err := gatherJobs(ctx, r, needs, g); err != nil {
		return err
	}
	if err := gatherDefinition(ctx, r, needs.Definition, g); err != nil {
		return err
	}
	if needs.PointKeys != "" {
		keys, err := r.PointKeys(ctx, []batch.JobID{needs.PointKeys})
		if err != nil {
			return fmt.Errorf("keys of the points of job %s: %w", needs.PointKeys, err)
		}
		g.PointKeys = keys[needs.PointKeys]
	}
	if needs.Tags == "" {
		return nil
	}
	return gatherTags(ctx, r, needs.Tags, g)
}

func gatherDefinition(ctx context.Context, r store.Reader, ref batch.DefinitionRef, g *sched.Given) error {
	if ref.Name == "" {
		return nil
	}
	found, err := r.Definitions(ctx, store.DefinitionQuery{Refs: []batch.DefinitionRef{ref}})
	if err != nil {
		return fmt.Errorf("job definition %s: %w", ref, err)
	}
	if len(found) > 0 {
		g.Definition = &found[0]
	}
	return nil
}

// gatherJobs reads the jobs a command names, the one that its token made before, and what it needs of their
// children and dependencies.
func gatherJobs(ctx context.Context, r store.Reader, needs sched.Needs, g *sched.Given) error {
	ids := slices.Clone(needs.Jobs)
	var existing batch.JobID
	if needs.Token != "" {
		id, found, err := r.JobByToken(ctx, needs.Token)
		if err != nil {
			return fmt.Errorf("client token: %w", err)
		}
		if found {
			existing = id
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	g.Jobs = make(map[batch.JobID]batch.Job, len(ids))
	if err := readJobs(ctx, r, ids, g); err != nil {
		return err
	}
	if j, ok := g.Jobs[existing]; ok {
		g.Existing = &j
	}
	parents := slices.Clone(needs.Children)
	if needs.Dependencies {
		jobs, arrays := dependencies(needs.Jobs, g.Jobs)
		if err := readJobs(ctx, r, jobs, g); err != nil {
			return err
		}
		parents = append(parents, arrays...)
	}
	return gatherChildren(ctx, r, parents, g)
}

func readJobs(ctx context.Context, r store.Reader, ids []batch.JobID, g *sched.Given) error {
	if len(ids) == 0 {
		return nil
	}
	jobs, err := r.Jobs(ctx, ids)
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	for _, j := range jobs {
		g.Jobs[j.ID] = j
	}
	return nil
}

// dependencies returns what these jobs depend on, and the arrays among it that they depend on child by child.
func dependencies(of []batch.JobID, known map[batch.JobID]batch.Job) (jobs, arrays []batch.JobID) {
	for _, id := range of {
		for _, d := range known[id].DependsOn {
			if d.Job == "" { // SEQUENTIAL
				continue
			}
			jobs = append(jobs, d.Job)
			if d.Kind == batch.DependNToN {
				arrays = append(arrays, d.Job)
			}
		}
	}
	return jobs, arrays
}

// gatherChildren reads the rows of the children of those parents that have ended. The machine holds the others.
func gatherChildren(ctx context.Context, r store.Reader, parents []batch.JobID, g *sched.Given) error {
	for _, id := range parents {
		j, known := g.Jobs[id]
		if _, read := g.Children[id]; read || !known || !j.Status.Terminal() || j.Array == nil && j.Nodes == nil {
			continue
		}
		rows, err := r.Children(ctx, id)
		if err != nil {
			return fmt.Errorf("children of job %s: %w", id, err)
		}
		if g.Children == nil {
			g.Children = map[batch.JobID][]batch.Job{}
		}
		g.Children[id] = rows
	}
	return nil
}

// gatherTags reads the tags of a resource, and whether it exists. Environments and queues are left to
// the machine, which holds them all.
func gatherTags(ctx context.Context, r store.Reader, resource string, g *sched.Given) error {
	tags, err := r.Tags(ctx, []string{resource})
	if err != nil {
		return fmt.Errorf("tags of %s: %w", resource, err)
	}
	g.Tags = tags[resource]
	kind, name, _ := strings.Cut(resource, "/")
	switch kind {
	case batch.ResourceJob:
		jobs, err := r.Jobs(ctx, []batch.JobID{batch.JobID(name)})
		if err != nil {
			return fmt.Errorf("job %s: %w", name, err)
		}
		g.Exists = len(jobs) > 0
	case batch.ResourceDefinition:
		if err := gatherDefinition(ctx, r, batch.ParseDefinitionRef(name), g); err != nil {
			return err
		}
		g.Exists = g.Definition != nil
	}
	return nil
}

func (e *Engine) maxArraySize() int32 {
	if n := e.options.Config.MaxArraySize; n > 0 {
		return n
	}
	return batch.DefaultMaxArraySize
}
