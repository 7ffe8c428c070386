package sim

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// replay follows the transition log and says whether it explains the rows.
type replay struct {
	last int64
	at   map[batch.JobID][]standing
	// passed are all standings of arrays in the delta that is being read: a child may be born at any moment of it, and its
	// first line may come after the next one of its array.
	passed map[batch.JobID][]standing
}

// standing is where a job stands by the log. The lines of an array are about itself or about all its
// children without rows, and do not say which; so the log may leave several standings possible, of which the
// row must be one.
type standing struct{ own, unborn batch.Status }

func newReplay() replay { return replay{at: map[batch.JobID][]standing{}} }

// begin begins a delta.
func (r *replay) begin() { r.passed = map[batch.JobID][]standing{} }

// next is which status may follow which.
var next = map[batch.Status][]batch.Status{
	batch.Submitted: {batch.Pending, batch.Succeeded, batch.Failed},
	batch.Pending:   {batch.Runnable, batch.Succeeded, batch.Failed},
	batch.Runnable:  {batch.Starting, batch.Succeeded, batch.Failed},
	batch.Starting:  {batch.Running, batch.Runnable, batch.Succeeded, batch.Failed},
	batch.Running:   {batch.Runnable, batch.Succeeded, batch.Failed},
	batch.Failed:    {batch.Pending},
	batch.Succeeded: {batch.Pending}, // if a result was not taken; see [laws.follows]
}

func (r *replay) line(w *world, t batch.Transition) {
	if t.Seq != r.last+1 {
		w.broken("log", "line %d of the transition log comes after line %d", t.Seq, r.last)
	}
	r.last = t.Seq
	if t.Kind == batch.Blocked {
		return
	}
	if !slices.Contains(next[t.From], t.To) {
		w.broken("log", "line %d: %s goes from %s to %s", t.Seq, t.Job, t.From, t.To)
	}
	var after []standing
	known := r.standings(t.Job)
	if _, _, isNode := t.Job.SplitNode(); isNode && t.From == batch.Runnable {
		known = []standing{{own: batch.Runnable}} // it begins anew
	}
	for _, s := range known {
		if s.own == t.From && t.Kind == batch.OfJob {
			after = append(after, standing{t.To, s.unborn})
		}
		if s.unborn == t.From && t.Kind == batch.OfUnborn {
			after = append(after, standing{s.own, t.To})
		}
	}
	if len(after) == 0 {
		w.broken("log", "line %d: %s goes from %s to %s, it was %v", t.Seq, t.Job, t.From, t.To, r.standings(t.Job))
	}
	r.passed[t.Job] = append(r.passed[t.Job], known...)
	slices.SortFunc(after, func(a, b standing) int { return int(a.own)*16 + int(a.unborn) - int(b.own)*16 - int(b.unborn) })
	r.at[t.Job] = slices.Compact(after)
}

// standings are those possible for a job; a child is born as what its array says of the unborn.
func (r *replay) standings(id batch.JobID) []standing {
	if s, ok := r.at[id]; ok {
		return s
	}
	parent, _, isChild := id.Split()
	if !isChild {
		return []standing{{batch.Submitted, batch.Submitted}}
	}
	var born []standing
	for _, s := range append(slices.Clone(r.passed[parent]), r.standings(parent)...) {
		born = append(born, standing{own: s.unborn})
	}
	return born
}

// row looks whether the log explains a committed row, and forgets what it rules out.
func (r *replay) row(w *world, row *batch.Job) {
	fits := func(s standing) bool {
		return s.own == row.Status && (row.Array == nil || s.unborn == row.Array.Unborn.Status)
	}
	known := r.standings(row.ID)
	possible := slices.DeleteFunc(slices.Clone(known), func(s standing) bool { return !fits(s) })
	if len(possible) == 0 {
		w.broken("log", "job %s is %s in its row, the log says %v", row.ID, rowText(row), known)
	}
	r.at[row.ID] = possible
}
