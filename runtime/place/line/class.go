package line

import (
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/heap"
	"github.com/batchd/terraform-provider-batch/runtime/place"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// Work is what waits in a line: a job, a child of an array, or the children of an array that are alike.
type Work[W any] interface {
	comparable
	heap.Item[W]
	Rank() place.Rank
	// Index is its index in the heap that it is in, as [heap.Item] was told; -1 if it is in none.
	Index() int
	// Places is how many attempts it could use now.
	Places() int
}

// Never is a stamp that no machine has.
const Never = -1

// Class is the work of a lineup that asks for the same.
type Class[W Work[W]] struct {
	Lineup  *Lineup[W]
	Kind    Kind
	Ask     *fleet.Ask
	Entries heap.Heap[W] // what waits, the work served first on top
	// Blocked is the stamp of the machine when its head was found not to fit: until that changes, it does not.
	Blocked int64
	// Full is the stamp of the machine when no environment had room for its head, kept for others or not: until that
	// changes, none has.
	Full  int64
	place int // in the heads of its lineup; -1 if it is not there
	refs  int // submissions that belong to it
}

func newClass[W Work[W]](l *Lineup[W], k Kind, row *batch.Job) *Class[W] {
	return &Class[W]{Lineup: l, Kind: k, Ask: askOf(row), place: -1, Blocked: Never, Full: Never}
}

// Head is the work that is served first. There must be some.
func (c *Class[W]) Head() W { return c.Entries[0] }

// Push adds w unless it waits already.
func (c *Class[W]) Push(w W) {
	if w.Index() < 0 {
		c.Entries.Push(w)
		c.Show()
	}
}

// Remove takes w out if it waits.
func (c *Class[W]) Remove(w W) {
	if w.Index() >= 0 {
		c.Entries.Remove(w.Index())
		c.Show()
	}
}

// Fix restores the order after the rank of w has changed.
func (c *Class[W]) Fix(w W) {
	if w.Index() >= 0 {
		c.Entries.Fix(w.Index())
		c.Show()
	}
}

// Show gives c its place among the classes of its lineup.
func (c *Class[W]) Show() {
	h := &c.Lineup.heads
	switch {
	case len(c.Entries) == 0 && c.place >= 0:
		h.Remove(c.place)
	case len(c.Entries) == 0:
	case c.place >= 0:
		h.Fix(c.place)
	default:
		h.Push(c)
	}
}

// Hide takes c out of the order until [Class.Show] puts it back.
func (c *Class[W]) Hide() {
	if c.place >= 0 {
		c.Lineup.heads.Remove(c.place)
	}
}

// Leave takes an ended submission out of c. A class without submissions goes, and with the last one its lineup.
func (c *Class[W]) Leave() {
	if c.refs--; c.refs > 0 {
		return
	}
	l := c.Lineup
	delete(l.classes, c.Kind)
	if len(l.classes) == 0 {
		delete(l.line.lineups, l.Share)
		l.line.sorted = nil
	}
}

// Before implements [heap.Item].
func (c *Class[W]) Before(other *Class[W]) bool { return c.Head().Before(other.Head()) }

// Moved implements [heap.Item].
func (c *Class[W]) Moved(to int) { c.place = to }
