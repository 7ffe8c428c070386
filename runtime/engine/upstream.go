package engine

import (
	"context"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// upstream returns the keys of what c depends on. The key of what has succeeded is that of the image that ran, of
// anything else that of the image which its reference names now.
func (e *Engine) upstream(ctx context.Context, c sched.SubmitJob, size int, g *sched.Given, images *images) (batch.Upstream, error) {
	if len(c.DependsOn) == 0 {
		return batch.Upstream{}, nil
	}
	all := make([]batch.DependencyKeys, 0, len(c.DependsOn))
	for _, d := range c.DependsOn {
		keys := batch.DependencyKeys{Kind: d.Kind}
		if job, known := g.Jobs[d.Job]; known && d.Kind != batch.DependSequential {
			if err := e.dependencyKeys(ctx, job, len(c.Points) > 0, &keys, images); err != nil {
				return batch.Upstream{}, err
			}
		}
		all = append(all, keys)
	}
	return batch.UpstreamOf(all, size), nil
}

// dependencyKeys fills in the keys of job, which is depended on by a submission with points or without. They stay empty where
// they are not known.
func (e *Engine) dependencyKeys(ctx context.Context, job batch.Job, sweep bool, keys *batch.DependencyKeys, images *images) error {
	root := job.ID.Root()
	specs, err := e.options.Store.Specs(ctx, []batch.JobID{root})
	if err != nil {
		return err
	}
	spec, ok := specs[root]
	// Whether the key of the whole says all: no image takes part.
	complete := job.Key != "" && spec.Container.Image == "" && !spec.Upstream.Unknown
	switch {
	case !ok:
	case job.Nodes != nil:
		keys.Key = contentOfNodes(&job, &spec, images)
	case job.Array == nil:
		keys.Key, err = e.contentOf(ctx, &job, &spec, images)
	case keys.Kind == batch.DependNToN && (!complete || sweep || job.Array.Points):
		keys.Each, err = e.contentsOf(ctx, &job, &spec, images)
	case complete:
		keys.Key = job.Key
	default:
		var each []string
		each, err = e.contentsOf(ctx, &job, &spec, images)
		keys.Key = batch.KeyOfAll(each)
	}
	return err
}

// contentOf is the content key of a single job or child.
func (e *Engine) contentOf(ctx context.Context, job *batch.Job, spec *batch.Spec, images *images) (string, error) {
	if job.ContentKey != "" {
		return job.ContentKey, nil
	}
	array, index, isChild := job.ID.Split()
	if !isChild {
		return images.content(spec, batch.BaseKey(spec, nil, -1)), nil
	}
	points, err := e.options.Store.Points(ctx, array, index, 1)
	if err != nil {
		return "", err
	}
	return images.content(spec, batch.BaseKey(spec, pointAt(points, 0), index)), nil
}

// contentsOf are the content keys of the children of array.
func (e *Engine) contentsOf(ctx context.Context, array *batch.Job, spec *batch.Spec, images *images) ([]string, error) {
	ended := map[int32]string{}
	if spec.Container.Image != "" {
		children, err := e.options.Store.Children(ctx, array.ID)
		if err != nil {
			return nil, err
		}
		for i := range children {
			_, index, _ := children[i].Parent()
			ended[index] = children[i].ContentKey
		}
	}
	var points []map[string]string
	if array.Array.Points {
		var err error
		if points, err = e.options.Store.Points(ctx, array.ID, 0, int(array.Size)); err != nil {
			return nil, err
		}
	}
	keys, all := batch.NewKeys(spec), make([]string, array.Size)
	for i := range array.Size {
		if all[i] = ended[i]; all[i] == "" {
			all[i] = images.content(spec, keys.Base(pointAt(points, int(i)), i))
		}
	}
	return all, nil
}

// contentOfNodes is the content key of a multi-node job.
func contentOfNodes(job *batch.Job, spec *batch.Spec, images *images) string {
	if spec.Upstream.Unknown {
		return ""
	}
	keys := []string{job.Key}
	for _, n := range spec.Nodes {
		if n.Container.Image != "" {
			keys = append(keys, images.digest(n.Container.Image))
		}
	}
	return batch.KeyOfAll(keys)
}

// pointAt is the point of a child; nil if its array has none.
func pointAt(points []map[string]string, i int) map[string]string {
	if i >= len(points) {
		return nil
	}
	return batch.OwnPoint(points[i])
}

// images remembers what images stand for while one submission is looked at.
type images struct {
	ask   func(image string) string
	known map[string]string
}

func (i *images) digest(image string) string {
	digest, known := i.known[image]
	if !known {
		digest = i.ask(image)
		i.known[image] = digest
	}
	return digest
}

// content is the content key of what runs under a base key of spec.
func (i *images) content(spec *batch.Spec, base string) string {
	if spec.Container.Image == "" {
		return batch.ContentKey(base, "", false)
	}
	return batch.ContentKey(base, i.digest(spec.Container.Image), true)
}
