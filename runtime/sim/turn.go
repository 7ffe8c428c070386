package sim

import (
	"maps"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// turn is a round that is about to be committed, as the laws see it.
type turn struct {
	delta *batch.Delta
	at    batch.Time // what the machine was told the time is
	asks  []*call    // the commands in it
	// old are the rows that it replaces; nil where there was none.
	old map[batch.JobID]*batch.Job
	// starts are the attempts that it decided, one for all nodes of a multi-node job.
	starts []*batch.Job
	// freed reports whether something that was held is held no more, or there may be more than before: then everything that
	// waits is looked at.
	freed   bool
	limits  map[string][]batch.TimeLimit // of the queues that it changes, before, by UUID
	retried map[batch.JobID]bool         // submissions of which it takes up what failed
}

func (l *laws) newTurn(d *batch.Delta, at batch.Time, asks []*call) *turn {
	t := &turn{delta: d, at: at, asks: asks, old: map[batch.JobID]*batch.Job{}, limits: map[string][]batch.TimeLimit{}, retried: map[batch.JobID]bool{}}
	for _, q := range d.Queues {
		t.limits[q.UUID] = l.w.store.Queues[q.UUID].TimeLimits
	}
	for _, c := range asks {
		if c.err != nil {
			continue
		}
		switch command := c.command.(type) {
		case sched.RetryJob:
			t.retried[command.ID], l.retried[command.ID] = true, true
		case sched.UpdateEnvironment, sched.UpdateQueue:
			t.freed = true
		}
	}
	for i := range d.Jobs {
		row := &d.Jobs[i]
		old := l.w.store.Jobs[row.ID]
		t.old[row.ID] = old
		if starts(old, row) {
			t.starts = append(t.starts, row)
		}
		t.freed = t.freed || old != nil && old.Run != nil && (row.Run == nil || row.Attempt != old.Attempt)
	}
	return t
}

// starts reports whether row has an attempt that old had not. Nodes start with their job.
func starts(old, row *batch.Job) bool {
	if _, _, isNode := row.ID.SplitNode(); isNode || row.Run == nil {
		return false
	}
	return old == nil || old.Run == nil || old.Attempt != row.Attempt || old.Run.OrderedAt != row.Run.OrderedAt
}

// was returns the status that a job had before the turn.
func (t *turn) was(s *store, id batch.JobID) (batch.Status, bool) {
	old, changed := t.old[id]
	if changed && old != nil {
		return old.Status, true
	}
	if !changed && s.Jobs[id] != nil {
		return s.Jobs[id].Status, true
	}
	root, _, isChild := id.Split()
	array, arrayChanged := t.old[root]
	switch {
	case !isChild:
		return 0, false
	case arrayChanged && array != nil:
		return array.Array.Unborn.Status, true
	default:
		return s.status(id)
	}
}

// statuses are those that a job had before the turn and has after it.
func (l *laws) statuses(id batch.JobID) []batch.Status {
	var all []batch.Status
	if was, ok := l.turn.was(l.w.store, id); ok {
		all = append(all, was)
	}
	if is, ok := l.w.store.status(id); ok {
		all = append(all, is)
	}
	return all
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
