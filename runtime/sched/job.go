package sched

import (
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
	"github.com/batchd/terraform-provider-batch/runtime/sched/array"
	"github.com/batchd/terraform-provider-batch/runtime/sched/flight"
	"github.com/batchd/terraform-provider-batch/runtime/sched/lane"
)

// job is a submission, or a child of an array with a row of its own.
type job struct {
	row   batch.Job
	queue *queue

	array    *job  // of a child; nil otherwise
	gang     *job  // of a node: its multi-node job; nil otherwise
	index    int32 // of a child or a node
	children *children
	nodes    map[int32]*job // of a multi-node job: those that are live

	points *flight.Points[*job] // of a submission that may share work; nil otherwise

	waiting  int               // jobs and single children it depends on that have not ended
	class    *class            // of a submission: the work of its queue that asks for the same
	entry    int               // place in its class, or among what its array keeps back; -1 if it is in neither
	dirty    bool              // its row changed this round
	again    bool              // it was retried as a whole; a hint, lost in a restart
	parked   bool              // it is kept back, because its array has as many live children as it may
	aside    bool              // set aside: it can never be placed as things are
	lane     *lane.Lane[*job]  // of a live attempt
	on       *fleet.Allocation // of a live attempt
	due      batch.Time        // timeout of the running attempt; 0: none
	claimDue batch.Time        // when its first claim lapses; 0: never
	// limitDue is when it will have been blocked for as long as its queue allows; 0: never.
	limitDue batch.Time
	// recalledAt is when the driver took back its attempt last; a hint, lost in a restart.
	recalledAt batch.Time
	runnableAt batch.Time // when it came into RUNNABLE last; a hint, lost in a restart
}

// snapshot returns the row as it is now, sharing nothing that changes.
func (j *job) snapshot() batch.Job { return j.row.Copy() }

// submission is the row that holds what children share.
func (j *job) submission() *batch.Job {
	if j.array != nil {
		return &j.array.row
	}
	return &j.row
}

func (j *job) shape() batch.Shape { return j.submission().Shape }

func (j *job) isArray() bool { return j.children != nil }

// Status implements [array.Child].
func (j *job) Status() batch.Status { return j.row.Status }

// Waits implements [depend.Waiter]: it reports whether j, or any child of array j, still waits for a dependency.
func (j *job) Waits() bool {
	if j.isArray() {
		return !j.row.Status.Terminal() && j.row.Array.Counts[batch.Pending] > 0
	}
	return j.row.Status == batch.Pending
}

// touch makes sure that the row of j is in this round's delta.
func (m *Machine) touch(j *job) {
	if !j.dirty {
		j.dirty = true
		m.round.dirty = append(m.round.dirty, j)
	}
}

// find returns the live job with that id: a submission, or a child. A child without a row gets
// none; exists says whether there is such a child.
func (m *Machine) find(id batch.JobID) (j *job, array *job, index int32, exists bool) {
	root, index, isChild := id.Split()
	if gang, index, isNode := id.SplitNode(); isNode {
		if top := m.jobs[gang]; top != nil {
			j = top.nodes[index]
		}
		return j, nil, index, j != nil
	}
	top, ok := m.jobs[root]
	switch {
	case !ok:
		return nil, nil, 0, false
	case !isChild:
		return top, nil, 0, true
	case !top.isArray() || index >= top.row.Size:
		return nil, nil, 0, false
	default:
		return top.children.Live(index), top, index, true
	}
}

// runner is what runs j's attempts.
func (j *job) runner() batch.Runner { return batch.RunnerOf(j.inContainer()) }

// inContainer reports whether j's attempts run an image.
func (j *job) inContainer() bool { return j.submission().InContainer }

// children is what an array keeps in memory of its children.
type children struct {
	array.Children[*job]
	parked entries // work kept back by MaxConcurrency, first served on top
}

func newChildren(of *batch.Job) *children { return &children{Children: array.Of[*job](of)} }

// jobs are submissions that are not ended.
type jobs map[batch.JobID]*job

// Children implements [array.Arrays].
func (s jobs) Children(id batch.JobID) *array.Children[*job] {
	if j := s[id]; j != nil && j.isArray() {
		return &j.children.Children
	}
	return nil
}

// child returns the live child at index, which gets a row if it has none.
func (m *Machine) child(array *job, index int32) *job {
	if child := array.children.Live(index); child != nil {
		return child
	}
	return m.born(array, index)
}

// born gives the child at index a row of its own and returns it.
func (m *Machine) born(array *job, index int32) *job {
	child := &job{row: array.row.Synthesise(index), queue: array.queue, array: array, index: index, entry: -1}
	if child.row.Status == batch.Runnable {
		child.runnableAt = array.row.Array.Unborn.At
	}
	array.children.Bear(index, child)
	m.touch(child)
	m.touch(array)
	return child
}
