package sim

import (
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// imageDigest is what every image stands for in this world.
const imageDigest = "sha256:0b8e"

// given reads what a command needs.
func (s *store) given(n sched.Needs) sched.Given {
	g, _ := sched.Gather(n, s.lookup()) // which cannot fail
	if kind, name, _ := strings.Cut(n.Tags, "/"); kind == batch.ResourceJob {
		// The real store finds a node without a row, too. Here it is not found, so that old seeds tell the same stories.
		if _, _, isNode := batch.JobID(name).SplitNode(); isNode {
			g.Exists = s.Jobs[batch.JobID(name)] != nil
		}
	}
	if n.Submission != nil && g.Definition != nil {
		s.identify(*n.Submission, &g)
	}
	return g
}

// lookup reads the rows.
func (s *store) lookup() sched.Lookup {
	return sched.Lookup{
		Definition: func(ref batch.DefinitionRef) (*batch.Definition, error) { return s.definition(ref), nil },
		Jobs: func(ids []batch.JobID) (jobs []batch.Job, err error) {
			for _, id := range ids {
				if j := s.Job(id); j != nil {
					jobs = append(jobs, *j)
				}
			}
			return jobs, nil
		},
		Children: func(root batch.JobID) ([]batch.Job, error) {
			rows := make([]batch.Job, len(s.Parts[root]))
			for i, c := range s.Parts[root] {
				rows[i] = c.Copy()
			}
			return rows, nil
		},
		ByToken: func(token string) (batch.JobID, bool, error) {
			id, found := s.tokens[token]
			return id, found, nil
		},
		PointKeys: func(root batch.JobID) ([]byte, error) { return s.PointKeys[root].Keys, nil },
		Tags:      func(resource string) (map[string]string, error) { return s.Tags[resource].Values, nil },
	}
}

// definition returns a revision, or for revision 0 the newest that is ACTIVE.
func (s *store) definition(ref batch.DefinitionRef) *batch.Definition {
	if d, ok := s.Definitions[ref]; ok {
		return &d
	}
	var newest *batch.Definition
	for _, d := range s.Definitions {
		if ref.Revision == 0 && d.Name == ref.Name && d.Active && (newest == nil || d.Revision > newest.Revision) {
			newest = &d
		}
	}
	return newest
}

// identify fills in the keys of c, and the jobs that succeeded with the content that each of its points would have.
func (s *store) identify(c sched.SubmitJob, g *sched.Given) {
	size := max(int(c.Size), len(c.Points))
	g.Upstream = s.upstream(&c, size)
	spec, err := c.Resolve(g.Definition, g.Upstream)
	if err != nil {
		return
	}
	var bases []string
	bases, g.Key = batch.Identify(&spec, c.Points, size)
	g.Upstream = spec.Upstream
	if !spec.Reuse {
		return
	}
	g.PointKeys, g.Reusable = batch.PackPointKeys(bases), map[int32]batch.Job{}
	if spec.Container.Image != "" {
		g.ImageDigest = imageDigest
	}
	for index, base := range bases {
		for _, id := range slices.Backward(s.keys[batch.ContentKey(base, g.ImageDigest, spec.Container.Image != "")]) {
			if row := s.Jobs[id]; batch.MatchesQueue(c.Readable, row.QueueName) {
				g.Reusable[int32(index)] = *row
				break
			}
		}
	}
}

// upstream is what c depends on.
func (s *store) upstream(c *sched.SubmitJob, size int) batch.Upstream {
	var all []batch.DependencyKeys
	for _, d := range c.DependsOn {
		keys := batch.DependencyKeys{Kind: d.Kind}
		top := s.Jobs[d.Job.Root()]
		_, _, isChild := d.Job.Split()
		switch {
		case d.Kind == batch.DependSequential || top == nil:
		case d.Kind == batch.DependNToN:
			for index := range top.Size {
				key, _ := s.contentKeyOf(d.Job.Child(index))
				keys.Each = append(keys.Each, key)
			}
		case !isChild && (top.Array != nil || top.Nodes != nil):
			keys.Key = top.Key
		default:
			keys.Key, _ = s.contentKeyOf(d.Job)
		}
		all = append(all, keys)
	}
	return batch.UpstreamOf(all, size)
}

// baseKey is the base key of a job or child of the specification.
func baseKey(spec *batch.Spec, point map[string]string, id batch.JobID) string {
	_, index, isChild := id.Split()
	if !isChild {
		index = -1
	}
	return batch.BaseKey(spec, point, index)
}

func contentKey(spec *batch.Spec, point map[string]string, id batch.JobID) string {
	container := spec.Container.Image != ""
	digest := ""
	if container {
		digest = imageDigest
	}
	return batch.ContentKey(baseKey(spec, point, id), digest, container)
}

// workOf returns what a committed job runs; false if the store does not say.
func (s *store) workOf(id batch.JobID) (*batch.Spec, map[string]string, bool) {
	root := id.Root()
	_, index, isChild := id.Split()
	spec, ok := s.Specs[root]
	points := s.Points[root]
	switch {
	case !ok:
		return nil, nil, false
	case !isChild || len(points) == 0:
		return &spec, nil, true
	case int(index) >= len(points):
		return nil, nil, false
	default:
		return &spec, points[index], true
	}
}

func (s *store) baseKeyOf(id batch.JobID) (string, bool) {
	spec, point, ok := s.workOf(id)
	if !ok {
		return "", false
	}
	return baseKey(spec, point, id), true
}

func (s *store) contentKeyOf(id batch.JobID) (string, bool) {
	spec, point, ok := s.workOf(id)
	if !ok {
		return "", false
	}
	return contentKey(spec, point, id), true
}
