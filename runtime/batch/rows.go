package batch

import (
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
