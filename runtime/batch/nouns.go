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
}

// nouns lists every kind of row, in the order in which they are folded. [Delta.Empty], [Rows.Fold] and [Rows.Snapshot] go
// through this list and no other, so that a new kind is added here once.
func nouns(d *Delta, r *Rows, s *Snapshot) []noun {
	return []noun{
		named(d.Environments, &r.Environments, &s.Environments, func(e *Environment) (string, bool) { return e.Name, e.Health == Deleted }),
		named(d.Hosts, &r.Hosts, &s.Hosts, func(h *Host) (string, bool) { return h.ID, h.Deleted }),
		named(d.Policies, &r.Policies, &s.Policies, func(p *Policy) (string, bool) { return p.Name, p.Deleted }),
		named(d.Consumables, &r.Consumables, &s.Consumables, func(c *Consumable) (string, bool) { return c.Name, c.Deleted }),
		named(d.LogGroups, &r.LogGroups, &s.LogGroups, func(g *LogGroup) (string, bool) { return g.Name, g.Deleted }),
		named(d.Histories, &r.Histories, &s.Histories, func(h *History) (string, bool) { return h.Definition, false }),
		named(d.Cursors, &r.Cursors, &s.Cursors, func(c *Cursor) (string, bool) { return c.Name, c.Deleted }),
		within(d.QuotaShares, &r.QuotaShares, &s.QuotaShares, func(q *QuotaShare) (InQueue, bool) { return InQueue{q.Queue, q.Name}, q.Deleted }),
		kept(d.Shares, &r.Shares, func(u *ShareUsage) (InQueue, bool) { return InQueue{u.QueueID, u.Share}, u.Deleted }, func() { s.Shares = r.liveShares() }),
		{len(d.Queues), func() { r.foldQueues(d.Queues) }, func() { s.Queues = r.LiveQueues() }}, // one that goes takes its shares along
		kept(d.Keys, &r.Keys, func(k *AccessKey) (string, bool) { return k.ID, false }, func() { s.Keys = r.KeysByAge() }),
		kept(d.Definitions, &r.Definitions, func(d *Definition) (DefinitionRef, bool) { return d.Ref(), false }, func() { s.Revisions = r.revisions() }),
		{len(d.Jobs), func() { r.foldJobs(d.Jobs) }, func() { r.loadJobs(s) }}, // and the keys of their points
		{len(d.Transitions), func() { r.Transitions = append(r.Transitions, d.Transitions...) }, func() { s.LastTransition = r.LastTransition() }},

		// What a machine does not need.
		kept(d.Specs, &r.Specs, func(s *Spec) (JobID, bool) { return s.Job, false }, nothing),
		kept(d.PointKeys, &r.PointKeys, func(k *PointKeys) (JobID, bool) { return k.Job, false }, nothing),
		kept(d.Results, &r.Results, func(r *Result) (AttemptID, bool) { return r.Attempt, false }, nothing),
		kept(d.Tags, &r.Tags, func(t *Tags) (string, bool) { return t.Resource, len(t.Values) == 0 }, nothing),
		{len(d.Points), func() { r.foldPoints(d.Points) }, nothing},
		{len(d.Attempts), func() { r.foldAttempts(d.Attempts) }, nothing},
		{len(d.Audits), func() { r.Audits = append(r.Audits, d.Audits...) }, nothing},
	}
}

func nothing() {}

// kept is a noun whose rows are found by name. The function name returns what a row is called, and whether it is the row of
// something that goes.
func kept[K comparable, R any](d []R, r *map[K]R, name func(*R) (K, bool), load func()) noun {
	return noun{len(d), func() { fold(r, d, name) }, load}
}

// named is kept for what a machine loads whole, in the order of the names.
func named[R any](d []R, r *map[string]R, s *[]R, name func(*R) (string, bool)) noun {
	return kept(d, r, name, func() { *s = sorted(*r, strings.Compare) })
}

// within is named for what belongs to a job queue.
func within[R any](d []R, r *map[InQueue]R, s *[]R, name func(*R) (InQueue, bool)) noun {
	return kept(d, r, name, func() { *s = sorted(*r, InQueue.compare) })
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
