package sched

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/heap"
	"github.com/batchd/terraform-provider-batch/runtime/place/fair"
)

// inOrder yields the work that waits in l by rank, without changing it: a walk of the heaps of all its classes along the
// border of what has been seen.
func (l *lineup) inOrder(yield func(*job) bool) {
	var border heap.Heap[waitingAt]
	for _, c := range l.heads {
		border.Push(waitingAt{c, 0})
	}
	for len(border) > 0 {
		at := border.Pop()
		for _, child := range []int{2*at.index + 1, 2*at.index + 2} {
			if child < len(at.class.entries) {
				border.Push(waitingAt{at.class, child})
			}
		}
		if !yield(at.job()) {
			return
		}
	}
}

type waitingAt struct {
	class *class
	index int
}

func (w waitingAt) job() *job { return w.class.entries[w.index] }

// Before implements [heap.Item].
func (w waitingAt) Before(other waitingAt) bool { return w.job().Before(other.job()) }

// Moved implements [heap.Item].
func (waitingAt) Moved(int) {}

// position is how many attempts of j's share in its queue are placed before it, or before the unborn child of array j at index,
// plus one. It is not known when more than maxScan entries would have to be counted.
func (m *Machine) position(j *job, index int32) (int64, bool) {
	rank := j.rank()
	if j.isArray() {
		rank.Index = index
	}
	before, scanned := int64(0), 0
	for _, c := range j.classOf().lineup.heads {
		if scanned += len(c.entries); scanned > maxScan {
			return 0, false
		}
		for _, other := range c.entries {
			switch {
			case other == j && j.isArray():
				before += int64(j.unbornBelow(index))
			case other != j && other.rank().Before(rank):
				before += int64(other.places())
			}
		}
	}
	return before + 1, true
}

// unbornBelow is how many children of array j without a row come before index.
func (j *job) unbornBelow(index int32) (n int32) {
	for i := j.children.nextRun; i < index; i++ {
		if !j.children.has(i) {
			n++
		}
	}
	return n
}

// front returns what is placed next in a queue, and what attempts of it hold.
func (m *Machine) front(at batch.Time, query QueueFront) (Front, error) {
	q := m.queues[query.Queue]
	if q == nil {
		return Front{}, batch.Errorf(batch.NotFound, "job queue %s does not exist", query.Queue)
	}
	f := Front{MilliCPU: m.heldBy(q)}
	f.Shares, f.Active = m.shareFronts(at, q)
	m.inService(at, q, func(j *job) bool {
		since := max(j.row.BlockedAt, j.row.CreatedAt)
		if !j.isArray() {
			f.Jobs = append(f.Jobs, FrontJob{Job: j.row.ID, Since: since})
			return len(f.Jobs) < query.Limit
		}
		for i, left := j.children.nextRun, j.places(); i < j.row.Size && left > 0 && len(f.Jobs) < query.Limit; i++ {
			if !j.children.has(i) {
				f.Jobs = append(f.Jobs, FrontJob{Job: j.row.ID.Child(i), Since: max(since, j.row.Array.Unborn.At)})
				left--
			}
		}
		return len(f.Jobs) < query.Limit
	})
	return f, nil
}

// heldBy is how many thousandths of a vCPU attempts of q hold.
func (m *Machine) heldBy(q *queue) (milli int64) {
	for _, j := range m.attempts {
		if j.queue == q && !j.row.Run.Ahead {
			milli += j.shape().MilliCPU
		}
	}
	return milli
}

// inService yields the work of q in the order in which it would be placed if nothing else happened: each time the first
// of the share that has had least.
func (m *Machine) inService(at batch.Time, q *queue, yield func(*job) bool) {
	defer m.imagineRanks(at, q)()
	turns := make([]*turn, 0, len(q.lineups))
	for _, l := range q.ordered() {
		next, stop := iter.Pull(l.inOrder)
		defer stop()
		t := &turn{lineup: l, key: l.key, next: next}
		if t.job, t.more = next(); t.more {
			turns = append(turns, t)
		}
	}
	for len(turns) > 0 {
		t := slices.MinFunc(turns, func(a, b *turn) int {
			return cmp.Or(a.key.Compare(b.key), strings.Compare(a.lineup.share, b.lineup.share))
		})
		if !yield(t.job) {
			return
		}
		if s := q.shares[t.lineup.share]; s != nil {
			t.ahead += t.job.milliCPU() * int64(t.job.places())
			imagined := *s.Share
			imagined.Ahead += t.ahead
			t.key = imagined.Key(at)
		}
		if t.job, t.more = t.next(); !t.more {
			turns = slices.DeleteFunc(turns, func(other *turn) bool { return other == t })
		}
	}
}

// turn is a share on its way through its work.
type turn struct {
	lineup *lineup
	key    fair.Key
	ahead  int64 // thousandths of a vCPU that its work before would hold
	next   func() (*job, bool)
	job    *job
	more   bool
}
