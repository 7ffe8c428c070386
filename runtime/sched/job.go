package sched

import (
	"math/bits"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
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

	waiting int  // dependencies that are not met
	dirty   bool // its row changed this round

	class  *class     // of a submission: the work of its queue that asks for the same
	entry  int        // place in its class, or among what its array keeps back; -1 if it is in neither
	parked bool       // it is kept back, because its array has as many live children as it may
	stuck  bool       // set aside: it can never be placed as things are
	lane   *lane      // of a live attempt
	host   *host      // of a live attempt
	endsAt batch.Time // when the live attempt is expected to end
	due    batch.Time // timeout of the running attempt; 0: none
	// recalledAt is when the driver took back its attempt last; a hint, lost in a restart.
	recalledAt batch.Time
}

// children is what an array keeps in memory of its children.
type children struct {
	born    map[int32]*job // with a row, not terminal
	hasRow  []uint64       // bitmap: the child has a row; nil until the first has
	rows    int32          // bits set in hasRow
	nextRun int32          // no index below it is without a row
	watched []int32        // children that somebody depends on alone
	parked  entries        // work kept back by MaxConcurrency, first served on top
}

// snapshot returns the row as it is now, sharing nothing that changes.
func (j *job) snapshot() batch.Job {
	row := j.row
	if row.Run != nil {
		run := *row.Run
		row.Run = &run
	}
	if row.Array != nil {
		array := *row.Array
		row.Array = &array
	}
	return row
}

// submission is the row that holds what children share.
func (j *job) submission() *batch.Job {
	if j.array != nil {
		return &j.array.row
	}
	return &j.row
}

func (j *job) shape() batch.Shape { return j.submission().Shape }

func (j *job) isArray() bool { return j.children != nil }

// rank says when j, or the next unborn child of j, is served.
func (j *job) rank() place.Rank {
	r := place.Rank{Priority: j.queue.row.Priority, Within: j.submission().Priority, Seq: j.row.Seq}
	switch {
	case j.isArray():
		r.Index = j.children.nextRun
	case j.array != nil:
		r.Index = j.index
	}
	r.Front = !j.isArray() && j.row.Attempt > 0
	return r
}

func (c *children) has(index int32) bool {
	return c.hasRow != nil && c.hasRow[index/64]&(1<<(index%64)) != 0
}

// mark notes that the child has a row.
func (c *children) mark(index, size int32) {
	if c.hasRow == nil {
		c.hasRow = make([]uint64, (size+63)/64)
	}
	if c.has(index) {
		return
	}
	c.hasRow[index/64] |= 1 << (index % 64)
	c.rows++
	c.advance(size)
}

// advance moves nextRun to the first child without a row.
func (c *children) advance(size int32) {
	for c.nextRun < size && c.has(c.nextRun) {
		if c.nextRun%64 == 0 && c.hasRow[c.nextRun/64] == ^uint64(0) {
			c.nextRun += 64
			continue
		}
		c.nextRun++
	}
	c.nextRun = min(c.nextRun, size)
}

// marked counts the children with a row; it is rows, counted again.
func (c *children) marked() (n int32) {
	for _, word := range c.hasRow {
		n += int32(bits.OnesCount64(word))
	}
	return n
}

// unborn is how many children have no row.
func (j *job) unborn() int32 { return j.row.Size - j.children.rows }

// born gives the child at index a row of its own and returns it.
func (m *Machine) born(array *job, index int32) *job {
	child := &job{row: array.row.Synthesise(index), queue: array.queue, array: array, index: index, entry: -1}
	array.children.mark(index, array.row.Size)
	array.children.born[index] = child
	m.touch(child)
	m.touch(array)
	return child
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

// inContainer reports whether j's attempts run an image.
func (j *job) inContainer() bool { return j.submission().InContainer }
