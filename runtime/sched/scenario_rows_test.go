package sched_test

import (
	"maps"
	"slices"
	"sort"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// rows is the store of the scenario: what was written last.
type rows struct {
	environments map[string]batch.Environment
	queues       map[string]batch.Queue
	hosts        map[string]batch.Host
	jobs         map[batch.JobID]batch.Job
	policies     map[string]batch.Policy
	consumables  map[string]batch.Consumable
	shares       map[[2]string]batch.ShareUsage // by queue and share
	histories    map[string]batch.History
	revisions    map[string]int32
	pointKeys    map[batch.JobID][]byte
	lastLine     int64
}

func (r *rows) keep(d batch.Delta) {
	if r.jobs == nil {
		*r = rows{
			environments: map[string]batch.Environment{}, queues: map[string]batch.Queue{}, hosts: map[string]batch.Host{},
			jobs: map[batch.JobID]batch.Job{}, policies: map[string]batch.Policy{}, consumables: map[string]batch.Consumable{},
			shares: map[[2]string]batch.ShareUsage{}, histories: map[string]batch.History{}, revisions: map[string]int32{},
			pointKeys: map[batch.JobID][]byte{},
		}
	}
	for _, p := range d.Policies {
		r.policies[p.Name] = p
		if p.Deleted {
			delete(r.policies, p.Name)
		}
	}
	for _, c := range d.Consumables {
		r.consumables[c.Name] = c
		if c.Deleted {
			delete(r.consumables, c.Name)
		}
	}
	for _, u := range d.Shares {
		id := [2]string{u.QueueID, u.Share}
		if r.shares[id] = u; u.Deleted {
			delete(r.shares, id)
		}
	}
	for _, h := range d.Histories {
		r.histories[h.Definition] = h
	}
	for _, e := range d.Environments {
		r.environments[e.Name] = e
		if e.Health == batch.Deleted {
			delete(r.environments, e.Name)
		}
	}
	for _, q := range d.Queues {
		r.queues[q.Name] = q
		if q.Health == batch.Deleted {
			delete(r.queues, q.Name)
		}
	}
	for _, h := range d.Hosts {
		if r.hosts[h.ID] = h; h.Deleted {
			delete(r.hosts, h.ID)
		}
	}
	for _, j := range d.Jobs {
		r.jobs[j.ID] = j
	}
	for _, k := range d.PointKeys {
		r.pointKeys[k.Job] = k.Keys
	}
	for _, def := range d.Definitions {
		r.revisions[def.Name] = max(r.revisions[def.Name], def.Revision)
	}
	for _, line := range d.Transitions {
		r.lastLine = line.Seq
	}
}

// job returns the row of a job, or what its array says of it.
func (r *rows) job(id batch.JobID) (batch.Job, bool) {
	if j, ok := r.jobs[id]; ok {
		return j, true
	}
	parent, index, child := id.Split()
	if array, ok := r.jobs[parent]; ok && child && array.Array != nil && index < array.Size {
		return array.Synthesise(index), true
	}
	return batch.Job{}, false
}

// children returns the rows of the children of an array, by index.
func (r *rows) children(id batch.JobID) []batch.Job {
	var found []batch.Job
	for _, j := range r.jobs {
		if parent, _, child := j.Parent(); child && parent == id {
			found = append(found, j)
		}
	}
	slices.SortFunc(found, func(a, b batch.Job) int {
		_, i, _ := a.Parent()
		_, k, _ := b.Parent()
		return int(i - k)
	})
	return found
}

// own returns a row that shares nothing with the store's that a machine changes in place.
func own(j batch.Job) batch.Job {
	if j.Run != nil {
		run := *j.Run
		j.Run = &run
	}
	if j.Array != nil {
		array := *j.Array
		j.Array = &array
	}
	return j
}

func (r *rows) snapshot() batch.Snapshot {
	s := batch.Snapshot{Revisions: r.revisions, LastTransition: r.lastLine}
	s.Policies = slices.Collect(maps.Values(r.policies))
	s.Consumables = slices.Collect(maps.Values(r.consumables))
	s.Shares = slices.Collect(maps.Values(r.shares))
	s.Histories = slices.Collect(maps.Values(r.histories))
	for _, e := range r.environments {
		s.Environments = append(s.Environments, e)
	}
	for _, q := range r.queues {
		s.Queues = append(s.Queues, q)
	}
	for _, h := range r.hosts {
		s.Hosts = append(s.Hosts, h)
	}
	for _, j := range r.jobs {
		s.LastSeq = max(s.LastSeq, j.Seq)
		parent, index, child := j.ID.Part()
		switch {
		case !j.Status.Terminal():
			s.Jobs = append(s.Jobs, own(j))
			if keys := r.pointKeys[j.ID]; keys != nil {
				s.PointKeys = append(s.PointKeys, batch.PointKeys{Job: j.ID, Keys: keys})
			}
		case child && !r.jobs[parent].Status.Terminal():
			s.Ended = append(s.Ended, batch.EndedChild{Array: parent, Index: index, Status: j.Status})
		}
	}
	sort.Slice(s.Jobs, func(a, b int) bool {
		if s.Jobs[a].Seq != s.Jobs[b].Seq {
			return s.Jobs[a].Seq < s.Jobs[b].Seq
		}
		return s.Jobs[a].ID < s.Jobs[b].ID
	})
	return s
}
