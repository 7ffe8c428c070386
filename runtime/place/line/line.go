package line

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fair"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// Line is the work that waits in one queue, and the shares of the queue.
type Line[W Work[W]] struct {
	// Shares are by identifier those that may be active, in a queue with a fair-share policy.
	Shares map[string]*fair.Share
	// Allowance is how many milliCPU its attempts may hold more, as it was ranked last; [fleet.Boundless] if its policy reserves
	// nothing.
	Allowance int64
	lineups   map[string]*Lineup[W]
	sorted    []*Lineup[W] // by share; nil when it must be made again
}

// New returns a line in which nothing waits.
func New[W Work[W]]() *Line[W] {
	return &Line[W]{Shares: map[string]*fair.Share{}, Allowance: fleet.Boundless, lineups: map[string]*Lineup[W]{}}
}

// Enter gives a submission its class.
func (q *Line[W]) Enter(row *batch.Job) *Class[W] {
	l := q.lineups[row.Share]
	if l == nil {
		l = &Lineup[W]{line: q, Share: row.Share, classes: map[Kind]*Class[W]{}}
		q.lineups[row.Share], q.sorted = l, nil
	}
	k := KindOf(row)
	c := l.classes[k]
	if c == nil {
		c = newClass(l, k, row)
		l.classes[k] = c
	}
	c.refs++
	return c
}

// Imagine returns the class that a submission would have, beside those that are there.
func (q *Line[W]) Imagine(row *batch.Job) *Class[W] {
	l := q.lineups[row.Share]
	if l == nil {
		l = &Lineup[W]{line: q, Share: row.Share}
	}
	return newClass(l, KindOf(row), row)
}

// Empty reports whether q has no submissions.
func (q *Line[W]) Empty() bool { return len(q.lineups) == 0 }

// Shared reports whether work of several shares may wait.
func (q *Line[W]) Shared() bool { return len(q.lineups) > 1 }

// Lineups returns the lineups by share.
func (q *Line[W]) Lineups() []*Lineup[W] {
	if q.sorted == nil {
		q.sorted = make([]*Lineup[W], 0, len(q.lineups))
		for _, l := range q.lineups {
			q.sorted = append(q.sorted, l)
		}
		slices.SortFunc(q.sorted, func(a, b *Lineup[W]) int { return strings.Compare(a.Share, b.Share) })
	}
	return q.sorted
}

// Classes yields all classes, also those in which nothing waits.
func (q *Line[W]) Classes(yield func(*Class[W]) bool) {
	for _, l := range q.Lineups() {
		for _, c := range l.classes {
			if !yield(c) {
				return
			}
		}
	}
}

// First returns the class whose work is served first, nil if nothing waits.
func (q *Line[W]) First() *Class[W] {
	var first *Lineup[W]
	for _, l := range q.Lineups() {
		if len(l.heads) > 0 && (first == nil || l.before(first)) {
			first = l
		}
	}
	if first == nil {
		return nil
	}
	return first.heads[0]
}

// InService yields the work of q in the order in which it would be placed if nothing else happened: each time the first
// of the share that has had least. Milli is how many milliCPU one attempt asks for.
func (q *Line[W]) InService(at batch.Time, milli func(W) int64, yield func(W) bool) {
	turns := make([]*turn[W], 0, len(q.lineups))
	for _, l := range q.Lineups() {
		next, stop := iter.Pull(l.InOrder)
		defer stop()
		t := &turn[W]{lineup: l, key: l.key, next: next}
		if t.work, t.more = next(); t.more {
			turns = append(turns, t)
		}
	}
	for len(turns) > 0 {
		t := slices.MinFunc(turns, func(a, b *turn[W]) int {
			return cmp.Or(a.key.Compare(b.key), strings.Compare(a.lineup.Share, b.lineup.Share))
		})
		if !yield(t.work) {
			return
		}
		if s := q.Shares[t.lineup.Share]; s != nil {
			t.ahead += milli(t.work) * int64(t.work.Places())
			imagined := *s
			imagined.Ahead += t.ahead
			t.key = imagined.Key(at)
		}
		if t.work, t.more = t.next(); !t.more {
			turns = slices.DeleteFunc(turns, func(other *turn[W]) bool { return other == t })
		}
	}
}

// turn is a lineup on its way through its work.
type turn[W Work[W]] struct {
	lineup *Lineup[W]
	key    fair.Key
	ahead  int64 // milliCPU that its work before would hold
	next   func() (W, bool)
	work   W
	more   bool
}

// Check tells what is wrong with the order of the classes of q, for tests and simulations.
func (q *Line[W]) Check(fail func(problem string)) {
	for c := range q.Classes {
		if (c.place >= 0) != (len(c.Entries) > 0) {
			fail(fmt.Sprintf("a class of %d is kept at place %d", len(c.Entries), c.place))
		}
	}
	for _, l := range q.Lineups() {
		for i, c := range l.heads {
			if c.place != i {
				fail(fmt.Sprintf("a class believes it is at %d, it is at %d", c.place, i))
			}
			if c.Head().Rank().Before(l.heads[0].Head().Rank()) {
				fail(fmt.Sprintf("the class at %d is served before the head", i))
			}
		}
	}
}
