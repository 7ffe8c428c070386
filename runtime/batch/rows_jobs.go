package batch

import (
	"cmp"
	"slices"
)

func (r *Rows) foldJobs(jobs []Job) {
	if r.Jobs == nil {
		r.Jobs, r.Parts = map[JobID]*Job{}, map[JobID][]*Job{}
	}
	for i := range jobs {
		j := &jobs[i]
		r.Jobs[j.ID] = j
		if root, index, isPart := j.ID.Part(); isPart {
			r.foldPart(root, index, j)
			continue
		}
		r.Submissions = r.list(r.Submissions, j, true)
		r.Open = r.list(r.Open, j, !j.Status.Terminal())
	}
}

// list returns ids, which are in the order of Seq, with or without j. A job that is retried comes back to its place.
func (r *Rows) list(ids []JobID, j *Job, with bool) []JobID {
	at, found := slices.BinarySearchFunc(ids, j.Seq, func(id JobID, seq int64) int { return cmp.Compare(r.Jobs[id].Seq, seq) })
	switch {
	case with && !found:
		return slices.Insert(ids, at, j.ID)
	case !with && found:
		return slices.Delete(ids, at, at+1)
	}
	return ids
}

func (r *Rows) foldPart(root JobID, index int32, j *Job) {
	parts := r.Parts[root]
	at, found := slices.BinarySearchFunc(parts, index, func(part *Job, index int32) int {
		_, i, _ := part.ID.Part()
		return cmp.Compare(i, index)
	})
	if found {
		parts[at] = j
		return
	}
	r.Parts[root] = slices.Insert(parts, at, j)
}

// Job returns a job: its row, or what its array or multi-node job says of it; nil if there is no such job.
func (r *Rows) Job(id JobID) *Job {
	if j, ok := r.Jobs[id]; ok {
		return j
	}
	root, index, isPart := id.Part()
	of := r.Jobs[root]
	if of == nil || !isPart {
		return nil
	}
	var part Job
	switch _, _, isNode := id.SplitNode(); {
	case isNode && of.Nodes != nil && index < of.Nodes.Count:
		part = of.SynthesiseNode(index)
	case !isNode && of.Array != nil && index < of.Size:
		part = of.Synthesise(index)
	default:
		return nil
	}
	return &part
}

// WithParts returns the rows of submissions, of those that exist, each before those of its parts.
func (r *Rows) WithParts(submissions []JobID) []*Job {
	var all []*Job
	for _, id := range submissions {
		if j := r.Jobs[id]; j != nil {
			all = append(append(all, j), r.Parts[id]...)
		}
	}
	return all
}

// loadJobs adds what a machine needs of the submissions that are not terminal.
func (r *Rows) loadJobs(s *Snapshot) {
	if n := len(r.Submissions); n > 0 {
		s.LastSeq = r.Jobs[r.Submissions[n-1]].Seq
	}
	for _, j := range r.WithParts(r.Open) {
		if root, index, isPart := j.ID.Part(); isPart && j.Status.Terminal() {
			s.Ended = append(s.Ended, EndedChild{Array: root, Index: index, Status: j.Status})
			continue
		}
		s.Jobs = append(s.Jobs, j.Copy())
		if keys, ok := r.PointKeys[j.ID]; ok {
			s.PointKeys = append(s.PointKeys, keys)
		}
	}
}

func (r *Rows) foldPoints(points []Points) {
	if r.Points == nil {
		r.Points = map[JobID][]map[string]string{}
	}
	for _, p := range points {
		all := r.Points[p.Job]
		if missing := int(p.From) + len(p.Values) - len(all); missing > 0 {
			all = append(all, make([]map[string]string, missing)...)
		}
		copy(all[p.From:], p.Values)
		r.Points[p.Job] = all
	}
}

func (r *Rows) foldAttempts(attempts []Attempt) {
	if r.Attempts == nil {
		r.Attempts = map[JobID][]Attempt{}
	}
	for _, a := range attempts {
		ended := r.Attempts[a.ID.Job]
		at, found := slices.BinarySearchFunc(ended, a.ID.Number, func(a Attempt, number int32) int { return cmp.Compare(a.ID.Number, number) })
		if found {
			ended[at] = a
			continue
		}
		r.Attempts[a.ID.Job] = slices.Insert(ended, at, a)
	}
}
