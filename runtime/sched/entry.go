package sched

import (
	"github.com/batchd/terraform-provider-batch/runtime/heap"
	"github.com/batchd/terraform-provider-batch/runtime/place"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
	"github.com/batchd/terraform-provider-batch/runtime/place/line"
)

// Jobs are the work that waits in a line.
type (
	entries = heap.Heap[*job]
	class   = line.Class[*job]
)

// Rank implements [line.Work]: it says when j, or the next unborn child of j, is served.
func (j *job) Rank() place.Rank {
	r := place.Rank{Priority: j.queue.row.Priority, Seq: j.row.Seq}
	switch {
	case j.isArray():
		r.Index = j.children.nextRun
	case j.array != nil:
		r.Index = j.index
	}
	if top := j.submission(); top.Share != "" {
		r.Within = top.Priority // without shares it says nothing (AWS Batch API reference, "schedulingPriority")
	}
	r.Front = !j.isArray() && j.row.Attempt > j.row.AttemptsBefore
	r.Back = int32(j.row.Refusals.Back)
	return r
}

// Before implements [heap.Item].
func (j *job) Before(other *job) bool { return j.Rank().Before(other.Rank()) }

// Moved implements [heap.Item].
func (j *job) Moved(to int) { j.entry = to }

// Index implements [line.Work].
func (j *job) Index() int { return j.entry }

// Places implements [line.Work]: it is how many attempts j could use now.
func (j *job) Places() int {
	if j.isArray() {
		return min(int(j.unborn()), j.slots())
	}
	return min(1, j.slots())
}

// classOf returns the class of j: a child's is its array's.
func (j *job) classOf() *class {
	if j.array != nil {
		return j.array.class
	}
	return j.class
}

// ask is what j, or the next child of array j, asks for.
func (j *job) ask() *fleet.Ask { return j.classOf().Ask }

// work is j, or the next child of array j, as placing sees it.
func (m *Machine) work(j *job) fleet.Work {
	return fleet.Work{Ask: j.ask(), Job: j.row.ID, Queue: j.queue.row.Name, Rank: j.Rank().AmongQueues(), Lasts: m.lasts(j)}
}
