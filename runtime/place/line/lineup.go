package line

import (
	"cmp"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/heap"
	"github.com/batchd/terraform-provider-batch/runtime/place"
	"github.com/batchd/terraform-provider-batch/runtime/place/fair"
)

// Lineup is the work of one share that waits in a line.
type Lineup[W Work[W]] struct {
	Share   string
	line    *Line[W]
	classes map[Kind]*Class[W]
	key     fair.Key             // of its share, when the line was ranked last
	heads   heap.Heap[*Class[W]] // classes with work that are not hidden, the one with the work served first on top
}

// First is the work that is served first; ok is false if none waits.
func (l *Lineup[W]) First() (w W, ok bool) {
	if len(l.heads) == 0 {
		return w, false
	}
	return l.heads[0].Head(), true
}

// Heads are the classes with work, in no order.
func (l *Lineup[W]) Heads() []*Class[W] { return l.heads }

// before reports whether the work of l is served before that of other, both of the same line.
func (l *Lineup[W]) before(other *Lineup[W]) bool {
	return cmp.Or(l.key.Compare(other.key), strings.Compare(l.Share, other.Share)) < 0
}

// InOrder yields the work that waits in l by rank, without changing it: a walk of the heaps of all its classes along the
// border of what has been seen.
func (l *Lineup[W]) InOrder(yield func(W) bool) {
	var border heap.Heap[visit[W]]
	for _, c := range l.heads {
		border.Push(visit[W]{c, 0})
	}
	for len(border) > 0 {
		at := border.Pop()
		for _, below := range []int{2*at.index + 1, 2*at.index + 2} {
			if below < len(at.class.Entries) {
				border.Push(visit[W]{at.class, below})
			}
		}
		if !yield(at.work()) {
			return
		}
	}
}

// visit is a place in the heap of a class.
type visit[W Work[W]] struct {
	class *Class[W]
	index int
}

func (v visit[W]) work() W { return v.class.Entries[v.index] }

// Before implements [heap.Item].
func (v visit[W]) Before(other visit[W]) bool { return v.work().Before(other.work()) }

// Moved implements [heap.Item].
func (visit[W]) Moved(int) {}

// Position is how many attempts of l are placed before work of that rank, plus one. Of self, if it waits in l itself, own attempts
// count. It is not known when more than limit entries would have to be counted.
func (l *Lineup[W]) Position(self W, rank place.Rank, own, limit int) (position int64, known bool) {
	before, scanned := int64(0), 0
	for _, c := range l.heads {
		if scanned += len(c.Entries); scanned > limit {
			return 0, false
		}
		for _, w := range c.Entries {
			switch {
			case w == self:
				before += int64(own)
			case w.Rank().Before(rank):
				before += int64(w.Places())
			}
		}
	}
	return before + 1, true
}
