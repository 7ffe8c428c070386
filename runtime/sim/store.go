package sim

import (
	"cmp"
	"maps"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// store keeps the rows of committed deltas.
type store struct {
	environments map[string]batch.Environment // by UUID
	queues       map[string]batch.Queue       // by UUID, the deleted too
	hosts        map[string]batch.Host
	definitions  map[batch.DefinitionRef]batch.Definition
	revisions    map[string]int32
	specs        map[batch.JobID]batch.Spec
	points       map[batch.JobID][]map[string]string
	pointKeys    map[batch.JobID][]byte
	jobs         map[batch.JobID]*batch.Job   // rows never change in place
	children     map[batch.JobID][]*batch.Job // children and nodes with a row, by index
	submissions  []batch.JobID                // in order of arrival
	unended      []batch.JobID                // those that are not ended, in order of arrival
	attempts     map[batch.JobID][]batch.Attempt
	results      map[batch.AttemptID][]byte
	tags         map[string]map[string]string
	tokens       map[string]batch.JobID
	keys         map[string][]batch.JobID // jobs that succeeded under a content key, newest last
	policies     map[string]batch.Policy
	consumables  map[string]batch.Consumable
	logGroups    map[string]batch.LogGroup
	shares       map[shareName]batch.ShareUsage
	histories    map[string]batch.History
	lastLine     int64
	lastSeq      int64
}

type shareName struct{ queue, share string }

func newStore() *store {
	return &store{
		environments: map[string]batch.Environment{}, queues: map[string]batch.Queue{}, hosts: map[string]batch.Host{},
		definitions: map[batch.DefinitionRef]batch.Definition{}, revisions: map[string]int32{},
		specs: map[batch.JobID]batch.Spec{}, points: map[batch.JobID][]map[string]string{}, pointKeys: map[batch.JobID][]byte{},
		jobs: map[batch.JobID]*batch.Job{}, children: map[batch.JobID][]*batch.Job{},
		attempts: map[batch.JobID][]batch.Attempt{}, results: map[batch.AttemptID][]byte{},
		tags: map[string]map[string]string{}, tokens: map[string]batch.JobID{}, keys: map[string][]batch.JobID{},
		policies: map[string]batch.Policy{}, consumables: map[string]batch.Consumable{},
		logGroups: map[string]batch.LogGroup{},
		shares:    map[shareName]batch.ShareUsage{}, histories: map[string]batch.History{},
	}
}

func (s *store) commit(d *batch.Delta) {
	for _, e := range d.Environments {
		s.environments[e.UUID] = e
		if e.Health == batch.Deleted {
			delete(s.environments, e.UUID)
		}
	}
	for _, q := range d.Queues {
		s.queues[q.UUID] = q
	}
	for _, h := range d.Hosts {
		if s.hosts[h.ID] = h; h.Deleted {
			delete(s.hosts, h.ID)
		}
	}
	for _, p := range d.Policies {
		s.policies[p.Name] = p
		if p.Deleted {
			delete(s.policies, p.Name)
		}
	}
	for _, c := range d.Consumables {
		s.consumables[c.Name] = c
		if c.Deleted {
			delete(s.consumables, c.Name)
		}
	}
	for _, g := range d.LogGroups {
		if s.logGroups[g.Name] = g; g.Deleted {
			delete(s.logGroups, g.Name)
		}
	}
	for _, u := range d.Shares {
		name := shareName{u.QueueID, u.Share}
		if s.shares[name] = u; u.Deleted {
			delete(s.shares, name)
		}
	}
	for _, h := range d.Histories {
		s.histories[h.Definition] = h
	}
	for _, def := range d.Definitions {
		s.definitions[def.Ref()] = def
		s.revisions[def.Name] = max(s.revisions[def.Name], def.Revision)
	}
	for _, spec := range d.Specs {
		s.specs[spec.Job] = spec
	}
	for _, p := range d.Points {
		s.points[p.Job] = append(s.points[p.Job], p.Values...)
	}
	for _, k := range d.PointKeys {
		s.pointKeys[k.Job] = k.Keys
	}
	for i := range d.Jobs {
		s.commitJob(&d.Jobs[i])
	}
	for _, a := range d.Attempts {
		s.attempts[a.ID.Job] = append(s.attempts[a.ID.Job], a)
	}
	for _, r := range d.Results {
		s.results[r.Attempt] = r.Body
	}
	for _, t := range d.Tags {
		s.tags[t.Resource] = t.Values
	}
	if n := len(d.Transitions); n > 0 {
		s.lastLine = d.Transitions[n-1].Seq
	}
}

func (s *store) commitJob(j *batch.Job) {
	_, known := s.jobs[j.ID]
	parent, _, isChild := j.ID.Part()
	s.jobs[j.ID] = j
	switch {
	case isChild:
		s.commitChild(parent, j)
	case !known:
		s.submissions = append(s.submissions, j.ID)
		s.lastSeq = max(s.lastSeq, j.Seq)
		if j.Token != "" {
			s.tokens[j.Token] = j.ID
		}
	}
	if !isChild {
		s.open(j)
	}
	if j.Status == batch.Succeeded && j.ContentKey != "" {
		all := slices.DeleteFunc(s.keys[j.ContentKey], func(id batch.JobID) bool { return id == j.ID })
		s.keys[j.ContentKey] = append(all, j.ID)
	}
}

// open keeps the submissions that are not ended in order of arrival; one that is retried comes back to its place.
func (s *store) open(j *batch.Job) {
	at, open := slices.BinarySearchFunc(s.unended, j.Seq, func(id batch.JobID, seq int64) int { return cmp.Compare(s.jobs[id].Seq, seq) })
	switch {
	case open && j.Status.Terminal():
		s.unended = slices.Delete(s.unended, at, at+1)
	case !open && !j.Status.Terminal():
		s.unended = slices.Insert(s.unended, at, j.ID)
	}
}

func (s *store) commitChild(parent batch.JobID, j *batch.Job) {
	children := s.children[parent]
	at, known := slices.BinarySearchFunc(children, indexOf(j.ID), func(c *batch.Job, index int32) int { return cmp.Compare(indexOf(c.ID), index) })
	if known {
		children[at] = j
		return
	}
	s.children[parent] = slices.Insert(children, at, j)
}

// job returns the row of a job, or what its array says of a child without one; nil if there is no such job.
func (s *store) job(id batch.JobID) *batch.Job {
	if j, ok := s.jobs[id]; ok {
		return j
	}
	parent, index, isChild := id.Split()
	array := s.jobs[parent]
	if !isChild || array == nil || array.Array == nil || index >= array.Size {
		return nil
	}
	child := array.Synthesise(index)
	return &child
}

// status returns the status of a job, and false if there is no such job.
func (s *store) status(id batch.JobID) (batch.Status, bool) {
	if j := s.job(id); j != nil {
		return j.Status, true
	}
	return 0, false
}

func indexOf(id batch.JobID) int32 {
	_, index, _ := id.Part()
	return index
}

// openRows returns the rows of every submission that is not ended, in order of arrival.
func (s *store) openRows() []*batch.Job {
	var rows []*batch.Job
	for _, id := range s.unended {
		rows = append(append(rows, s.jobs[id]), s.children[id]...)
	}
	return rows
}

// snapshot is what a machine is loaded from.
func (s *store) snapshot() batch.Snapshot {
	snap := batch.Snapshot{Revisions: maps.Clone(s.revisions), LastSeq: s.lastSeq, LastTransition: s.lastLine}
	for _, id := range slices.Sorted(maps.Keys(s.environments)) {
		snap.Environments = append(snap.Environments, s.environments[id])
	}
	for _, id := range slices.Sorted(maps.Keys(s.queues)) {
		if q := s.queues[id]; q.Health != batch.Deleted {
			snap.Queues = append(snap.Queues, q)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.policies)) {
		snap.Policies = append(snap.Policies, s.policies[name])
	}
	for _, name := range slices.Sorted(maps.Keys(s.consumables)) {
		snap.Consumables = append(snap.Consumables, s.consumables[name])
	}
	for _, name := range slices.Sorted(maps.Keys(s.logGroups)) {
		snap.LogGroups = append(snap.LogGroups, s.logGroups[name])
	}
	for _, usage := range s.shares {
		snap.Shares = append(snap.Shares, usage)
	}
	for _, name := range slices.Sorted(maps.Keys(s.histories)) {
		snap.Histories = append(snap.Histories, s.histories[name])
	}
	for _, id := range slices.Sorted(maps.Keys(s.hosts)) {
		snap.Hosts = append(snap.Hosts, s.hosts[id])
	}
	for _, row := range s.openRows() {
		array, index, isChild := row.ID.Part()
		if isChild && row.Status.Terminal() {
			snap.Ended = append(snap.Ended, batch.EndedChild{Array: array, Index: index, Status: row.Status})
			continue
		}
		snap.Jobs = append(snap.Jobs, own(*row))
		if keys := s.pointKeys[row.ID]; keys != nil {
			snap.PointKeys = append(snap.PointKeys, batch.PointKeys{Job: row.ID, Keys: keys})
		}
	}
	slices.SortStableFunc(snap.Jobs, func(a, b batch.Job) int { return cmp.Compare(a.Seq, b.Seq) })
	return snap
}

// own returns a row that shares nothing with the store's that a machine changes in place.
func own(row batch.Job) batch.Job {
	if row.Run != nil {
		run := *row.Run
		row.Run = &run
	}
	if row.Array != nil {
		array := *row.Array
		row.Array = &array
	}
	return row
}

// environment returns the environment of that name; the zero Environment if there is none.
func (s *store) environment(name string) batch.Environment {
	for _, e := range s.environments {
		if e.Name == name {
			return e
		}
	}
	return batch.Environment{}
}
