package sched

import (
	"cmp"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/heap"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
	"github.com/batchd/terraform-provider-batch/runtime/place/line"
	"github.com/batchd/terraform-provider-batch/runtime/place/why"
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
	children *array.Children[*job]
	nodes    map[int32]*job // of a multi-node job: those that are live

	points *flight.Points[*job] // of a submission that may share work; nil otherwise

	awaits   int               // jobs and single children it depends on that have not ended
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

// Jobs are the work that waits in a line.
type (
	entries = heap.Heap[*job]
	class   = line.Class[*job]
)

// snapshot returns the row as it is now, sharing nothing that changes.
func (j *job) snapshot() batch.Job { return j.row.Copy() }

// submission is the row that holds what children share.
func (j *job) submission() *batch.Job {
	if j.array != nil {
		return &j.array.row
	}
	return &j.row
}

// top is the submission that j belongs to.
func (j *job) top() *job {
	switch {
	case j.array != nil:
		return j.array
	case j.gang != nil:
		return j.gang
	default:
		return j
	}
}

func (j *job) shape() batch.Shape { return j.submission().Shape }

func (j *job) isArray() bool { return j.children != nil }

// isGang reports whether j is a multi-node job.
func (j *job) isGang() bool { return j.row.Nodes != nil }

// runner is what runs j's attempts.
func (j *job) runner() batch.Runner { return batch.RunnerOf(j.inContainer()) }

// inContainer reports whether j's attempts run an image.
func (j *job) inContainer() bool { return j.submission().InContainer }

// Status implements [array.Child].
func (j *job) Status() batch.Status { return j.row.Status }

// Waits implements [depend.Waiter]: it reports whether j, or any child of array j, still waits for a dependency.
func (j *job) Waits() bool {
	if j.isArray() {
		return !j.row.Status.Terminal() && j.row.Array.Counts[batch.Pending] > 0
	}
	return j.row.Status == batch.Pending
}

// calledOff reports whether j was cancelled or terminated, itself or with its array.
func (j *job) calledOff() bool {
	s := j.submission()
	return j.row.Cancelled || j.row.Terminated || s.Cancelled || s.Terminated
}

// all returns j and its children with rows that are not terminal.
func (j *job) all() []*job {
	all := []*job{j}
	if j.isArray() {
		for child := range j.children.All {
			all = append(all, child)
		}
	}
	for _, node := range j.nodes {
		all = append(all, node)
	}
	return all
}

// countInto counts j, or its children, by the statuses that are not terminal.
func (j *job) countInto(counts *[batch.StatusCount]int) {
	if !j.isArray() {
		counts[j.row.Status]++
		return
	}
	for _, status := range batch.Statuses() {
		if !status.Terminal() {
			counts[status] += int(j.row.Array.Counts[status])
		}
	}
}

// jobs are submissions that are not ended.
type jobs map[batch.JobID]*job

// Children implements [array.Arrays].
func (s jobs) Children(id batch.JobID) *array.Children[*job] {
	if j := s[id]; j != nil && j.isArray() {
		return j.children
	}
	return nil
}

// queue is a job queue and the work that waits in it.
type queue struct {
	row   batch.Queue
	tried []batch.EnvironmentOrder // the environments of row in the order in which they are tried
	line  *line.Line[*job]         // what waits in it, and its shares
	aside map[*job]bool            // work set aside: it can never be placed as things are
	jobs  int                      // submissions that are not ended
	// counts says how many single jobs, multi-node jobs and children are in each status that is not terminal. SUBMITTED is not
	// counted: no job stays in it.
	counts [batch.StatusCount]int
	// ended counts those that came into a terminal status since the machine was loaded; a hint, for metrics.
	ended [batch.StatusCount]int64
	// closed is the machine's stamp when all of its work was found not to fit: until that changes, it does not.
	closed int64
	// opens is when it is looked at again all the same, because its head should have its place by then; 0: never.
	opens batch.Time
	// kept is the place that its blocked head is expected to take; nil if it is not known, or the head may be delayed.
	kept *fleet.Reservation
	// before is what kept was before this pass.
	before *fleet.Reservation
	// blamed is why its head waits.
	blamed blamed
}

func newQueue(row batch.Queue) *queue {
	return &queue{row: row, tried: row.Tried(), line: line.New[*job](), aside: map[*job]bool{}, closed: line.Never}
}

// blamed is what is known of why the head of a queue waits. It is a hint: after a restart it begins with what the row says.
type blamed struct {
	job   *job
	code  why.Code
	since batch.Time
}

// rankedQueues returns the queues by falling priority, then name.
func (m *Machine) rankedQueues() []*queue {
	if m.ranked == nil {
		m.ranked = make([]*queue, 0, len(m.queues))
		for _, q := range m.queues {
			m.ranked = append(m.ranked, q)
		}
		slices.SortFunc(m.ranked, func(a, b *queue) int {
			return cmp.Or(cmp.Compare(b.row.Priority, a.row.Priority), cmp.Compare(a.row.Name, b.row.Name))
		})
	}
	return m.ranked
}

// touch makes sure that the row of j is in this round's delta.
func (m *Machine) touch(j *job) {
	if !j.dirty {
		j.dirty = true
		m.round.dirty = append(m.round.dirty, j)
	}
}

// find returns the live job with that id: a submission, or a child. A child without a row gets
// none; known says whether there is such a child.
func (m *Machine) find(id batch.JobID) (j *job, array *job, index int32, known bool) {
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

// liveAttempts returns the jobs with an attempt, in order of submission.
func (m *Machine) liveAttempts() []*job {
	live := make([]*job, 0, len(m.attempts))
	for _, j := range m.attempts {
		live = append(live, j)
	}
	sortJobs(live)
	return live
}

// compareJobs orders by submission; an array comes before its children, and these by index.
func compareJobs(a, b *job) int {
	return cmp.Or(cmp.Compare(a.row.Seq, b.row.Seq), cmp.Compare(a.position(), b.position()))
}

func (j *job) position() int32 {
	if j.array == nil && j.gang == nil {
		return 0
	}
	return j.index + 1
}

// sortJobs puts jobs in order of submission and index.
func sortJobs(jobs []*job) { slices.SortFunc(jobs, compareJobs) }

func sorted(jobs func(func(*job) bool)) []*job {
	return slices.SortedFunc(jobs, func(a, b *job) int {
		return cmp.Or(compareJobs(a, b), cmp.Compare(a.row.ID, b.row.ID))
	})
}

func ids(jobs []*job) string {
	names := make([]string, len(jobs))
	for i, j := range jobs {
		names[i] = string(j.row.ID)
	}
	return "[" + strings.Join(names, " ") + "]"
}
