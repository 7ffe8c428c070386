package sched

import (
	"math"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
	"github.com/batchd/terraform-provider-batch/runtime/place/line"
	"github.com/batchd/terraform-provider-batch/runtime/place/why"
)

// Rank implements [line.Work]: it says when j, or the next unborn child of j, is served.
func (j *job) Rank() place.Rank {
	r := place.Rank{Priority: j.queue.row.Priority, Seq: j.row.Seq}
	switch {
	case j.isArray():
		r.Index = j.children.Next()
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
		return min(int(j.children.Unborn()), j.slots())
	}
	return min(1, j.slots())
}

// slots is how many more children of j's array may be live.
func (j *job) slots() int {
	row := &j.top().row
	if row.MaxConcurrency == 0 || row.Array == nil {
		return math.MaxInt32
	}
	counts := &row.Array.Counts
	return max(0, int(row.MaxConcurrency-counts[batch.Starting]-counts[batch.Running]))
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

// lasts is how long an attempt of j is expected to run.
func (m *Machine) lasts(j *job) time.Duration {
	row := &j.top().row
	return m.history.Expect(row.Timeout, row.Definition.Name)
}

// lastsBecause says what [Machine.lasts] rests on.
func (m *Machine) lastsBecause(j *job) string {
	row := &j.top().row
	return m.history.Basis(row.Timeout, row.Definition.Name)
}

// mayFit says that work which did not fit may fit now: something ended, or grew, or does not stand in the way any longer.
func (m *Machine) mayFit() { m.stamp++ }

// enqueue puts a job, a child or the unborn children of an array among the work that can be placed.
func (m *Machine) enqueue(j *job) {
	if j.entry >= 0 {
		return
	}
	c := j.classOf()
	if j.Places() == 0 {
		m.keepBack(j)
		return
	}
	c.Push(j)
	if c.Blocked != m.stamp || c.Head() == j {
		j.queue.closed = line.Never
	}
}

// dequeue takes j out of what waits in its queue.
func (m *Machine) dequeue(j *job) {
	if j.parked {
		m.takeParked(j.top(), j.entry)
		return
	}
	if j.entry >= 0 {
		j.classOf().Remove(j)
		m.mayFit() // it may have stood in the way
	}
}

// requeueArray puts array j in its right place after children were born.
func (m *Machine) requeueArray(j *job) {
	switch {
	case !j.isArray():
	case j.children.Unborn() == 0 && j.aside:
		m.unqueue(j)
		m.unblock(j)
	case j.children.Unborn() == 0:
		m.dequeue(j)
	case j.entry < 0:
	case j.parked:
		m.parked[j].Fix(j.entry)
	default:
		j.class.Fix(j)
	}
}

// unqueue takes j out of what waits in its queue, also if it was set aside.
func (m *Machine) unqueue(j *job) {
	m.dequeue(j)
	m.unfollow(j)
	if j.aside {
		j.aside = false
		delete(j.queue.aside, j)
	}
}

// park takes j out of its class until another child of its array ends.
func (m *Machine) park(j *job) {
	j.classOf().Remove(j)
	m.keepBack(j)
}

func (m *Machine) keepBack(j *job) {
	array := j.top()
	if m.parked[array] == nil {
		m.parked[array] = &entries{}
	}
	j.parked = true
	m.parked[array].Push(j)
}

// takeParked takes out the work at index i of what array keeps back.
func (m *Machine) takeParked(array *job, i int) *job {
	parked := m.parked[array]
	j := parked.Remove(i)
	j.parked = false
	if len(*parked) == 0 {
		delete(m.parked, array)
	}
	return j
}

// unpark lets work of array that was kept back go, because a child is not live any longer, or was let go and will not be.
func (m *Machine) unpark(array *job) {
	if m.parked[array] != nil && array.slots() > 0 {
		m.enqueue(m.takeParked(array, 0))
	}
}

// follow makes j, which is RUNNABLE and in no queue, wait for the attempt of leader.
func (m *Machine) follow(j, leader *job) {
	m.flightOf(j).Join(j)
	j.row.Joined = leader.row.ID
	m.setReason(j, why.Joined.StatusReason())
	m.touch(j)
}

// unfollow ends that.
func (m *Machine) unfollow(j *job) {
	if j.row.Joined == "" {
		return
	}
	m.flightOf(j).Part(j)
	j.row.Joined = ""
	m.touch(j)
}

// setReason changes the words about a job that waits, without a change of status.
func (m *Machine) setReason(j *job, reason string) {
	if j.isArray() && j.row.Array.Unborn.Status == batch.Runnable {
		j.row.Array.Unborn.StatusReason = reason
	}
	if j.row.StatusReason != reason {
		j.row.StatusReason = reason
		m.touch(j)
	}
}

// block says in the row of j why it cannot be placed, and since when.
func (m *Machine) block(j *job, since batch.Time, reason string) {
	if j.row.BlockedAt == 0 {
		m.logTransition(batch.Transition{Kind: batch.Blocked, Job: j.row.ID, From: batch.Runnable, To: batch.Runnable, At: m.at})
	}
	j.row.BlockedAt = since
	m.setReason(j, reason)
	m.armLimit(j)
}

// unblock takes that back.
func (m *Machine) unblock(j *job) {
	j.waitsNoMore()
	m.setReason(j, "")
}

// waitsNoMore forgets since when j has been blocked; what its row says is no longer about that.
func (j *job) waitsNoMore() { j.row.BlockedAt, j.limitDue = 0, 0 }
