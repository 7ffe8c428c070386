package sched

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/bitset"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
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

	memberships *memberships // of a submission that may share work; see flight.go

	waiting  int               // jobs and single children it depends on that have not ended; see also gate.go
	class    *class            // of a submission: the work of its queue that asks for the same
	entry    int               // place in its class, or among what its array keeps back; -1 if it is in neither
	dirty    bool              // its row changed this round
	again    bool              // it was retried as a whole; a hint, lost in a restart
	parked   bool              // it is kept back, because its array has as many live children as it may
	aside    bool              // set aside: it can never be placed as things are
	lane     *lane             // of a live attempt
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

// waits reports whether j, or any child of array j, still waits for a dependency.
func (j *job) waits() bool {
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
		return top.children.born[index], top, index, true
	}
}

// runner is what runs j's attempts.
func (j *job) runner() batch.Runner { return batch.RunnerOf(j.inContainer()) }

// inContainer reports whether j's attempts run an image.
func (j *job) inContainer() bool { return j.submission().InContainer }

// children is what an array keeps in memory of its children.
type children struct {
	born      map[int32]*job // with a row, not terminal
	hasRow    bitset.Set     // the child has a row
	succeeded bitset.Set     // the child has succeeded; what has a row, is not in born and not here has failed
	nextRun   int32          // no index below it is without a row
	watched   []int32        // children that somebody depends on alone, each once
	parked    entries        // work kept back by MaxConcurrency, first served on top
}

func newChildren() *children { return &children{born: map[int32]*job{}} }

func (c *children) has(index int32) bool { return c.hasRow.Has(index) }

// rows is how many children have a row.
func (c *children) rows() int32 { return c.hasRow.Len() }

// mark notes that the child has a row.
func (c *children) mark(index, size int32) {
	if c.hasRow.Add(index) {
		c.advance(size)
	}
}

// ended notes how a child with a row ended.
func (c *children) ended(index int32, status batch.Status) {
	delete(c.born, index)
	if status == batch.Succeeded {
		c.succeeded.Add(index)
	}
}

// advance moves nextRun to the first child without a row.
func (c *children) advance(size int32) {
	for c.nextRun < size && c.has(c.nextRun) {
		if c.nextRun%64 == 0 && c.hasRow.Word(c.nextRun/64) == ^uint64(0) {
			c.nextRun += 64
			continue
		}
		c.nextRun++
	}
	c.nextRun = min(c.nextRun, size)
}

// unborn is how many children have no row.
func (j *job) unborn() int32 { return j.row.Size - j.children.rows() }

// childStatus returns the status of a child, with a row or without.
func (j *job) childStatus(index int32) batch.Status {
	c := j.children
	if !c.has(index) {
		return j.row.Array.Unborn.Status
	}
	if child := c.born[index]; child != nil {
		return child.row.Status
	}
	if c.succeeded.Has(index) {
		return batch.Succeeded
	}
	return batch.Failed
}

// unbornMask is the set of the children without a row.
func (j *job) unbornMask() bitset.Mask {
	set := bitset.FullMask(j.row.Size)
	for w := range set {
		set[w] &^= j.children.hasRow.Word(int32(w))
	}
	return set
}

// failedMask is the set of the children that have failed.
func (j *job) failedMask() bitset.Mask {
	set := bitset.NewMask(j.row.Size)
	if j.row.Array.Unborn.Status == batch.Failed {
		set = j.unbornMask()
	}
	for w := range set {
		set[w] |= j.children.hasRow.Word(int32(w)) &^ j.children.succeeded.Word(int32(w))
	}
	for index := range j.children.born {
		set.Remove(index)
	}
	return set
}

// pendingRows returns the children with a row that still wait for a dependency, by index.
func (j *job) pendingRows() []*job {
	var rows []*job
	for _, child := range j.children.born {
		if child.row.Status == batch.Pending {
			rows = append(rows, child)
		}
	}
	slices.SortFunc(rows, compareJobs)
	return rows
}

// waitingMask is the set of the children that still wait for a dependency.
func (j *job) waitingMask() bitset.Mask {
	set := bitset.NewMask(j.row.Size)
	if j.row.Array.Unborn.Status == batch.Pending {
		set = j.unbornMask()
	}
	for _, child := range j.pendingRows() {
		set.Add(child.index)
	}
	return set
}

// child returns the live child at index, which gets a row if it has none.
func (m *Machine) child(array *job, index int32) *job {
	if child := array.children.born[index]; child != nil {
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
	array.children.mark(index, array.row.Size)
	array.children.born[index] = child
	m.touch(child)
	m.touch(array)
	return child
}
