package sim

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
)

// waiting is work that could be placed if there were room: a job, a child, a multi-node job, or the next child without a row
// of an array.
type waiting struct {
	row, top *batch.Job
	queue    batch.Queue
	rank     place.Rank
	share    string
}

// lineOf is the work that waits in one queue, in the order in which it is served within each share.
type lineOf struct {
	queue batch.Queue
	fair  *batch.FairShare // nil: first come, first served
	work  []waiting
}

// head returns the work that is served first, of all or of a share.
func (q *lineOf) head() *waiting {
	if len(q.work) == 0 {
		return nil
	}
	return &q.work[0]
}

// heads returns the first of each share.
func (q *lineOf) heads() []*waiting {
	var heads []*waiting
	seen := map[string]bool{}
	for i := range q.work {
		if w := &q.work[i]; !seen[w.share] {
			seen[w.share] = true
			heads = append(heads, w)
		}
	}
	return heads
}

// kinds returns the first of all work of a share that asks for the same.
func (q *lineOf) kinds() []*waiting {
	var firsts []*waiting
	seen := map[string]bool{}
	for i := range q.work {
		w := &q.work[i]
		key := fmt.Sprint(w.share, w.top.Shape, w.top.InContainer, w.top.Timeout, w.top.Definition.Name, w.top.Needs, nodesOf(w.top))
		if !seen[key] {
			seen[key] = true
			firsts = append(firsts, w)
		}
	}
	return firsts
}

func nodesOf(row *batch.Job) batch.Nodes {
	if row.Nodes == nil {
		return batch.Nodes{}
	}
	return *row.Nodes
}

// lines returns what waits, but for what these runners are needed for, by queue in the order of their UUIDs.
func (l *laws) lines(open []*batch.Job, without map[batch.Runner]bool) []*lineOf {
	s := l.w.store
	byID := map[string]*lineOf{}
	for _, row := range open {
		if !l.waitsForRoom(row) || without[l.runnerOf(row)] {
			continue
		}
		top := s.Jobs[row.ID.Root()]
		q := byID[top.QueueID]
		if q == nil {
			q = &lineOf{queue: s.Queues[top.QueueID]}
			q.fair = s.Policies[q.queue.Policy].FairShare
			byID[top.QueueID] = q
		}
		q.work = append(q.work, waiting{row: row, top: top, queue: q.queue, rank: l.rank(row, top), share: top.Share})
	}
	lines := make([]*lineOf, 0, len(byID))
	for _, q := range byID {
		slices.SortStableFunc(q.work, func(a, b waiting) int { return compareRanks(a.rank, b.rank) })
		lines = append(lines, q)
	}
	slices.SortFunc(lines, func(a, b *lineOf) int { return cmp.Compare(a.queue.UUID, b.queue.UUID) })
	return lines
}

func compareRanks(a, b place.Rank) int {
	switch {
	case a.Before(b):
		return -1
	case b.Before(a):
		return 1
	default:
		return 0
	}
}

// waitsForRoom reports whether row, or an unborn child of it, can be placed.
func (l *laws) waitsForRoom(row *batch.Job) bool {
	if strings.HasPrefix(row.StatusReason, "MISCONFIGURATION:") || row.Joined != "" {
		return false
	}
	top := l.w.store.Jobs[row.ID.Root()]
	if top.MaxConcurrency > 0 && top.Array.Counts[batch.Starting]+top.Array.Counts[batch.Running] >= top.MaxConcurrency {
		return false
	}
	if row.Array == nil {
		return row.Status == batch.Runnable
	}
	return row.Array.Unborn.Status == batch.Runnable && int(row.Size) > len(l.w.store.Parts[row.ID])
}

// rank is when work is served; of an array, its first child without a row.
func (l *laws) rank(row, top *batch.Job) place.Rank {
	_, index, _ := row.Parent()
	if row.Array != nil {
		for _, child := range l.w.store.Parts[row.ID] {
			if indexOf(child.ID) != index {
				break
			}
			index++
		}
	}
	return place.Rank{
		Priority: l.w.store.Queues[top.QueueID].Priority, Within: withinShare(top), Seq: top.Seq, Index: index,
		Front: row.Array == nil && row.Attempt > row.AttemptsBefore, Back: int32(row.Refusals.Back),
	}
}

// withinShare is the place of a submission among those of its share; without shares there is none.
func withinShare(top *batch.Job) int32 {
	if top.Share == "" {
		return 0
	}
	return top.Priority
}
