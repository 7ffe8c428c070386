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
	jobs         map[batch.JobID]batch.Job
	children     map[batch.JobID][]int32 // with a row, in the order in which they were born
	submissions  []batch.JobID           // in order of arrival
	attempts     map[batch.JobID][]batch.Attempt
	results      map[batch.AttemptID][]byte
	tags         map[string]map[string]string
	tokens       map[string]batch.JobID
	keys         map[string]batch.JobID // newest job that succeeded under a content key
	lastLine     int64
	lastSeq      int64
	open         int // submissions that are not ended
}

func newStore() *store {
	return &store{
		environments: map[string]batch.Environment{}, queues: map[string]batch.Queue{}, hosts: map[string]batch.Host{},
		definitions: map[batch.DefinitionRef]batch.Definition{}, revisions: map[string]int32{},
		specs: map[batch.JobID]batch.Spec{}, points: map[batch.JobID][]map[string]string{},
		jobs: map[batch.JobID]batch.Job{}, children: map[batch.JobID][]int32{},
		attempts: map[batch.JobID][]batch.Attempt{}, results: map[batch.AttemptID][]byte{},
		tags: map[string]map[string]string{}, tokens: map[string]batch.JobID{}, keys: map[string]batch.JobID{},
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
		s.hosts[h.ID] = h
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
	for _, j := range d.Jobs {
		s.commitJob(j)
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

func (s *store) commitJob(j batch.Job) {
	old, known := s.jobs[j.ID]
	parent, index, isChild := j.Parent()
	switch {
	case isChild && !known:
		s.children[parent] = append(s.children[parent], index)
	case !isChild && !known:
		s.submissions = append(s.submissions, j.ID)
		s.lastSeq = max(s.lastSeq, j.Seq)
		if j.Token != "" {
			s.tokens[j.Token] = j.ID
		}
	}
	if !isChild {
		if known && !old.Status.Terminal() {
			s.open--
		}
		if !j.Status.Terminal() {
			s.open++
		}
	}
	s.jobs[j.ID] = j
	if j.Status == batch.Succeeded && j.ContentKey != "" {
		s.keys[j.ContentKey] = j.ID
	}
}

// job returns the row of a job, or what its array says of a child without one.
func (s *store) job(id batch.JobID) (batch.Job, bool) {
	if j, ok := s.jobs[id]; ok {
		return j, true
	}
	parent, index, isChild := id.Split()
	array, ok := s.jobs[parent]
	if !isChild || !ok || index >= array.Size {
		return batch.Job{}, false
	}
	return array.Synthesise(index), true
}

// rowsOf returns the rows of a submission: its own, then its children's by index.
func (s *store) rowsOf(id batch.JobID) []batch.Job {
	rows := []batch.Job{s.jobs[id]}
	born := slices.Clone(s.children[id])
	slices.Sort(born)
	for _, index := range born {
		rows = append(rows, s.jobs[id.Child(index)])
	}
	return rows
}

// openRows returns the rows of every submission that is not ended, in order of arrival.
func (s *store) openRows() []batch.Job {
	var rows []batch.Job
	for _, id := range s.submissions {
		if !s.jobs[id].Status.Terminal() {
			rows = append(rows, s.rowsOf(id)...)
		}
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
	for _, id := range slices.Sorted(maps.Keys(s.hosts)) {
		snap.Hosts = append(snap.Hosts, s.hosts[id])
	}
	for _, row := range s.openRows() {
		array, index, isChild := row.Parent()
		if isChild && row.Status.Terminal() {
			snap.Ended = append(snap.Ended, batch.EndedChild{Array: array, Index: index, Status: row.Status})
			continue
		}
		snap.Jobs = append(snap.Jobs, own(row))
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

func (s *store) environment(name string) (batch.Environment, bool) {
	for _, e := range s.environments {
		if e.Name == name {
			return e, true
		}
	}
	return batch.Environment{}, false
}
