package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// identify fills in what c is identified by, and the results that it may take again.
func (e *Engine) identify(ctx context.Context, c sched.SubmitJob, g *sched.Given) error {
	size := max(int(c.Size), len(c.Points))
	if size > int(e.maxArraySize()) {
		return nil // the machine will refuse it, and say why
	}
	images := &images{known: map[string]string{}, ask: func(image string) string { return e.imageDigest(ctx, image) }}
	var err error
	if g.Upstream, err = e.upstream(ctx, c, size, g, images); err != nil {
		return fmt.Errorf("keys of what the job depends on: %w", err)
	}
	spec, err := c.Resolve(g.Definition, g.Upstream)
	if err != nil {
		return nil //nolint:nilerr // as above
	}
	if !spec.Reuse {
		g.Key = batch.WholeKey(&spec, c.Points, size)
		g.Upstream = spec.Upstream
		return nil
	}
	var bases []string
	bases, g.Key = batch.Identify(&spec, c.Points, size)
	g.Upstream = spec.Upstream
	container := spec.Container.Image != ""
	if container {
		g.ImageDigest = images.digest(spec.Container.Image)
	}
	g.PointKeys = batch.PackPointKeys(bases)
	for i, base := range bases {
		bases[i] = batch.ContentKey(base, g.ImageDigest, container)
	}
	g.Reusable, err = e.reusable(ctx, bases, &c)
	return err
}

// reusable finds for each of the content keys a job that succeeded under it. A submission without dependencies takes
// no result of one with some: version 1 stored these under keys that say nothing of what they depended on.
func (e *Engine) reusable(ctx context.Context, keys []string, c *sched.SubmitJob) (map[int32]batch.Job, error) {
	found := map[string]batch.Job{}
	for some := range slices.Chunk(keys, maxKeysPerQuery) {
		jobs, err := e.options.Store.Succeeded(ctx, store.SucceededQuery{Keys: some, Queues: c.Readable})
		if err != nil {
			return nil, fmt.Errorf("results that can be taken again: %w", err)
		}
		for key, job := range jobs {
			found[key] = job
		}
	}
	if len(c.DependsOn) == 0 {
		if err := e.dropDependents(ctx, found); err != nil {
			return nil, err
		}
	}
	reusable := make(map[int32]batch.Job, len(found))
	for i, key := range keys {
		if job, ok := found[key]; ok {
			reusable[int32(i)] = job
		}
	}
	return reusable, nil
}

// dropDependents leaves out what depended on other jobs.
func (e *Engine) dropDependents(ctx context.Context, found map[string]batch.Job) error {
	depends := map[batch.JobID]bool{}
	for _, job := range found {
		depends[job.ID.Root()] = false
	}
	roots := make([]batch.JobID, 0, len(depends))
	for id := range depends {
		roots = append(roots, id)
	}
	if len(roots) == 0 {
		return nil
	}
	jobs, err := e.options.Store.Jobs(ctx, roots)
	if err != nil {
		return fmt.Errorf("submissions of results: %w", err)
	}
	for _, j := range jobs {
		depends[j.ID] = len(j.DependsOn) > 0
	}
	for key, job := range found {
		if depends[job.ID.Root()] {
			delete(found, key)
		}
	}
	return nil
}

// imageDigest asks what an image stands for now; "" if nobody can say.
func (e *Engine) imageDigest(ctx context.Context, image string) string {
	m := e.mailboxOf(batch.Local)
	if m == nil {
		return ""
	}
	resolver, ok := m.driver.(compute.ImageResolver)
	if !ok {
		return ""
	}
	asking, done := context.WithTimeout(ctx, imageTimeout)
	defer done()
	digest, err := resolver.ImageDigest(asking, image)
	if err != nil {
		e.log.Warn("what an image stands for is not known, so no result is taken again", "image", image, "error", err)
		return ""
	}
	return digest
}
