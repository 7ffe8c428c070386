package batch

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// noun is one kind of row: where a delta has it, where it is kept, and where a machine is loaded from it.
type noun struct {
	rows int    // how many the delta has
	fold func() // puts them among those that are kept
	load func() // adds those that are kept and that a machine needs to the snapshot

	// What is stored as a record has these, too.
	kind   string                                // see [Record]
	record func(i int) Recorded                  // returns a copy of row i of the delta; nil: it is not stored as a record
	add    func(fill func(Recorded) error) error // adds a row to the snapshot
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

func nothing() {}

// kept is a noun whose rows are found by name. The function name returns what a row is called, and whether it is the row of
// something that goes.
func kept[K comparable, R any](d []R, r *map[K]R, name func(*R) (K, bool), load func()) noun {
	return noun{rows: len(d), fold: func() { fold(r, d, name) }, load: load}
}

// records is a noun that is stored as a record.
func records[R any, P recorded[R]](d []R, r *map[string]R, s *[]R) noun {
	name := func(row *R) (string, bool) { return P(row).Record().Name, P(row).Record().Gone }
	return stored[R, P](kept(d, r, name, func() { *s = sorted(*r, strings.Compare) }), d, s)
}

// scoped is records for what belongs to a job queue.
func scoped[R any, P recorded[R]](d []R, r *map[InQueue]R, s *[]R) noun {
	name := func(row *R) (InQueue, bool) {
		record := P(row).Record()
		return InQueue{record.Scope, record.Name}, record.Gone
	}
	return stored[R, P](kept(d, r, name, func() { *s = sorted(*r, InQueue.compare) }), d, s)
}

// recorded is what R is, if a pointer to it is stored as a record.
type recorded[R any] interface {
	*R
	Recorded
}

// stored adds to n what a noun has that is stored as a record.
func stored[R any, P recorded[R]](n noun, d []R, s *[]R) noun {
	n.kind = P(new(R)).Record().Kind
	n.record = func(i int) Recorded {
		row := d[i]
		return P(&row)
	}
	n.add = func(fill func(Recorded) error) error {
		var row R
		err := fill(P(&row))
		*s = append(*s, row)
		return err
	}
	return n
}

// InQueue names something that belongs to a job queue.
type InQueue struct{ Queue, Name string }

func (a InQueue) compare(b InQueue) int {
	return cmp.Or(strings.Compare(a.Queue, b.Queue), strings.Compare(a.Name, b.Name))
}

// fold puts rows into kept, each in the place of the one of the same name, and takes out those that go.
func fold[K comparable, R any](kept *map[K]R, rows []R, name func(*R) (K, bool)) {
	if *kept == nil {
		*kept = map[K]R{}
	}
	for i := range rows {
		k, gone := name(&rows[i])
		if (*kept)[k] = rows[i]; gone {
			delete(*kept, k)
		}
	}
}

// sorted lists rows in the order of their names.
func sorted[K comparable, R any](rows map[K]R, compare func(a, b K) int) []R {
	all := make([]R, 0, len(rows))
	for _, k := range slices.SortedFunc(maps.Keys(rows), compare) {
		all = append(all, rows[k])
	}
	return all
}
