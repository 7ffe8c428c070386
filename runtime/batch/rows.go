package batch

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Rows are what deltas leave when one after another is folded into them: what a store holds. They are the plainest store
// that there is, for tests and for the simulator. The zero value is empty.
//
// A row is replaced and never changed in place.
type Rows struct {
	Environments map[string]Environment // by name
	Queues       map[string]Queue       // by UUID, the DELETED ones too
	Hosts        map[string]Host        // by id
	Policies     map[string]Policy      // by name
	Consumables  map[string]Consumable  // by name
	LogGroups    map[string]LogGroup    // by name
	Histories    map[string]History     // by the name of the definition
	Cursors      map[string]Cursor      // by name
	Keys         map[string]AccessKey   // by id
	Shares       map[InQueue]ShareUsage // by the UUID of the queue and the share
	QuotaShares  map[InQueue]QuotaShare // by the names of the queue and of the quota share
	Definitions  map[DefinitionRef]Definition
	Specs        map[JobID]Spec
	Points       map[JobID][]map[string]string // by array, then index
	PointKeys    map[JobID]PointKeys
	Jobs         map[JobID]*Job      // and the children and nodes that have a row
	Attempts     map[JobID][]Attempt // those that have ended, by number
	Results      map[AttemptID]Result
	Tags         map[string]Tags // by resource
	Transitions  []Transition
	Audits       []Audit

	Submissions []JobID          // every single job, array and multi-node job, by Seq
	Open        []JobID          // those of them that are not terminal
	Parts       map[JobID][]*Job // the children and nodes that have a row, by submission, then index
}

// nouns lists every kind of row, in the order in which they are folded. [Delta.Empty], [Rows.Fold], [Rows.Snapshot] and what is
// stored as a record go through this list and no other, so that a new kind is added here once.
func nouns(d *Delta, r *Rows, s *Snapshot) []noun {
	return []noun{
		records(d.Environments, &r.Environments, &s.Environments),
		records(d.Hosts, &r.Hosts, &s.Hosts),
		records(d.Policies, &r.Policies, &s.Policies),
		records(d.Consumables, &r.Consumables, &s.Consumables),
		records(d.LogGroups, &r.LogGroups, &s.LogGroups),
		records(d.Histories, &r.Histories, &s.Histories),
		records(d.Cursors, &r.Cursors, &s.Cursors),
		records(d.Keys, &r.Keys, &s.Keys),
		scoped(d.QuotaShares, &r.QuotaShares, &s.QuotaShares),
		kept(d.Shares, &r.Shares, func(u *ShareUsage) (InQueue, bool) { return InQueue{u.QueueID, u.Share}, u.Deleted }, func() { s.Shares = r.liveShares() }),
		{rows: len(d.Queues), fold: func() { r.foldQueues(d.Queues) }, load: func() { s.Queues = r.LiveQueues() }}, // one that goes takes its shares along
		kept(d.Definitions, &r.Definitions, func(d *Definition) (DefinitionRef, bool) { return d.Ref(), false }, func() { s.Revisions = r.revisions() }),
		{rows: len(d.Jobs), fold: func() { r.foldJobs(d.Jobs) }, load: func() { r.loadJobs(s) }}, // and the keys of their points
		{rows: len(d.Transitions), fold: func() { r.Transitions = append(r.Transitions, d.Transitions...) }, load: func() { s.LastTransition = r.LastTransition() }},

		// What a machine does not need.
		kept(d.Specs, &r.Specs, func(s *Spec) (JobID, bool) { return s.Job, false }, nothing),
		kept(d.PointKeys, &r.PointKeys, func(k *PointKeys) (JobID, bool) { return k.Job, false }, nothing),
		kept(d.Results, &r.Results, func(r *Result) (AttemptID, bool) { return r.Attempt, false }, nothing),
		kept(d.Tags, &r.Tags, func(t *Tags) (string, bool) { return t.Resource, len(t.Values) == 0 }, nothing),
		{rows: len(d.Points), fold: func() { r.foldPoints(d.Points) }, load: nothing},
		{rows: len(d.Attempts), fold: func() { r.foldAttempts(d.Attempts) }, load: nothing},
		{rows: len(d.Audits), fold: func() { r.Audits = append(r.Audits, d.Audits...) }, load: nothing},
	}
}

// Text renders a row, for what is compared and printed. Rows are plain data, so that cannot fail.
func Text(row any) string {
	text, err := json.Marshal(row)
	if err != nil {
		panic(fmt.Sprintf("batch: %T does not marshal: %v", row, err))
	}
	return string(text)
}

// Fold puts the rows of d in the place of those that they replace. They belong to r from then on.
func (r *Rows) Fold(d *Delta) {
	for _, n := range nouns(d, r, &Snapshot{}) {
		n.fold()
	}
}

// Snapshot returns what a machine is loaded from.
func (r *Rows) Snapshot() Snapshot {
	var s Snapshot
	for _, n := range nouns(&Delta{}, r, &s) {
		n.load()
	}
	slices.SortFunc(s.Keys, CompareKeys)
	return s
}

func (r *Rows) foldQueues(queues []Queue) {
	fold(&r.Queues, queues, func(q *Queue) (string, bool) { return q.UUID, false })
	for i := range queues {
		if q := &queues[i]; q.Health == Deleted {
			maps.DeleteFunc(r.Shares, func(name InQueue, _ ShareUsage) bool { return name.Queue == q.UUID })
		}
	}
}

// LiveQueues lists the queues that are not DELETED by name.
func (r *Rows) LiveQueues() []Queue {
	live := slices.DeleteFunc(sorted(r.Queues, strings.Compare), func(q Queue) bool { return q.Health == Deleted })
	slices.SortFunc(live, func(a, b Queue) int { return strings.Compare(a.Name, b.Name) })
	return live
}

// liveShares lists the shares of the queues that are not DELETED.
func (r *Rows) liveShares() []ShareUsage {
	return slices.DeleteFunc(sorted(r.Shares, InQueue.compare), func(u ShareUsage) bool {
		q, known := r.Queues[u.QueueID]
		return !known || q.Health == Deleted
	})
}

// revisions returns the highest revision of each definition.
func (r *Rows) revisions() map[string]int32 {
	highest := map[string]int32{}
	for ref := range r.Definitions {
		highest[ref.Name] = max(highest[ref.Name], ref.Revision)
	}
	return highest
}

// LastTransition is the number of the newest line of the transition log; 0 if there is none yet.
func (r *Rows) LastTransition() int64 {
	if n := len(r.Transitions); n > 0 {
		return r.Transitions[n-1].Seq
	}
	return 0
}
