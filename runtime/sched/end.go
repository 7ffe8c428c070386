package sched

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/bitset"
	"github.com/batchd/terraform-provider-batch/runtime/place/why"
)

// endCause is why a submission or child is ended before its time.
type endCause uint8

// The causes.
const (
	causeCancelled  endCause = iota + 1 // what has started goes on
	causeTerminated                     // what runs is stopped
	causeDependency                     // what it waited for ended as it must not; what has started goes on
	causeReleased                       // it has no claims any longer; what runs is stopped unless another submission waits for it
)

// CancelJob ends a job that has not started. Unknown and ended jobs are left alone.
type CancelJob struct {
	replies[Done]
	batch.Caller
	ID     batch.JobID
	Reason string
}

// apply ends at once what has not started. AWS Batch lets a PENDING job wait until its dependencies have ended and
// fails it then; that wait is of no use.
func (c CancelJob) apply(m *Machine, at batch.Time) (any, error) {
	m.endByID(at, c.ID, causeCancelled, c.Reason)
	m.audit(at, c.Caller, "CancelJob", string(c.ID))
	return c.reply(Done{})
}

// TerminateJob ends a job whatever it does. Unknown and ended jobs are left alone.
type TerminateJob struct {
	replies[Done]
	batch.Caller
	ID     batch.JobID
	Reason string
}

func (c TerminateJob) apply(m *Machine, at batch.Time) (any, error) {
	m.endByID(at, c.ID, causeTerminated, c.Reason)
	m.audit(at, c.Caller, "TerminateJob", string(c.ID))
	return c.reply(Done{})
}

// endByID ends a submission or a child. What is unknown or has ended is left alone.
func (m *Machine) endByID(at batch.Time, id batch.JobID, cause endCause, reason string) {
	j, array, index, exists := m.find(id)
	switch {
	case !exists:
		return
	case j == nil && (array.children.HasRow(index) || array.row.Array.Unborn.Status.Terminal()):
		return
	case j == nil:
		m.unbornEnds(at, array, index, cause, reason)
	default:
		m.end(at, j, cause, reason)
	}
}

// unbornEnds ends one child that has no row yet.
func (m *Machine) unbornEnds(at batch.Time, array *job, index int32, cause endCause, reason string) {
	child := m.born(array, index)
	m.requeueArray(array)
	m.end(at, child, cause, reason)
}

// end ends j for a cause. An array ends its children without a row in one row.
func (m *Machine) end(at batch.Time, j *job, cause endCause, reason string) {
	if j.row.Status.Terminal() {
		return
	}
	mark(j, cause)
	m.touch(j)
	switch {
	case j.isArray() && cause == causeDependency:
		j.row.StatusReason = clip(reason)
		m.failWaiting(at, j, bitset.FullMask(j.row.Size), reason)
		return
	case j.isArray():
		m.endArray(at, j, cause, reason)
		return
	}
	if !j.row.Status.Live() {
		m.move(at, j, batch.Failed, reason)
		return
	}
	run := j.row.Run
	switch {
	case cause == causeReleased && m.wanted(j):
		m.spare(j, reason)
	case (cause == causeTerminated || cause == causeReleased) && j.isGang():
		m.stopGang(at, j, batch.StopTerminated, reason)
	case cause == causeTerminated || cause == causeReleased:
		m.stop(at, j, batch.StopTerminated, reason)
	case run.Ahead && run.Stop == batch.NotStopped:
		m.stop(at, j, batch.StopRecalled, reason)
	case run.Stop == batch.StopRecalled && run.StopReason == "": // if it has not started, it never will
		run.StopReason = clip(reason)
	}
}

func mark(j *job, cause endCause) {
	switch cause {
	case causeCancelled:
		j.row.Cancelled = true
	case causeTerminated, causeReleased:
		j.row.Terminated = true
	case causeDependency:
	}
}

// endArray ends the children of array: those without a row in one row, then those that still wait, the last
// first, because the end of one may fail the next for another reason.
func (m *Machine) endArray(at batch.Time, array *job, cause endCause, reason string) {
	array.row.StatusReason = clip(reason)
	array.waitsNoMore()
	m.unqueue(array)
	m.moveUnborn(at, array, batch.Failed, reason)
	for _, child := range slices.Backward(array.children.Pending()) {
		m.end(at, child, cause, reason)
	}
	for _, child := range sorted(array.children.All) {
		m.end(at, child, cause, reason)
	}
	m.settleArray(at, array)
}

// Tick says that time has passed: deadlines are due.
type Tick struct{}

func (Tick) event() {}

func (Tick) fold(m *Machine, at batch.Time) { m.expire(at) }

// expire stops the attempts whose timeout has passed, cancels what has been blocked for too long, and lets claims lapse.
func (m *Machine) expire(at batch.Time) {
	for t, due := m.deadlines.PopDue(at); due; t, due = m.deadlines.PopDue(at) {
		switch t.kind {
		case ofLimit:
			m.limitPassed(at, t.job)
			continue
		case ofClaim:
			m.lapse(at, t.job)
			continue
		case ofAttempt:
		}
		t.job.due = 0
		switch j := t.job; {
		case j.row.Run == nil:
		case j.isGang():
			m.stopGang(at, j, batch.StopTimeout, reasonTimeout)
		default:
			m.stop(at, j, batch.StopTimeout, reasonTimeout)
		}
	}
}

// limitPassed cancels a job that has been blocked for too long.
func (m *Machine) limitPassed(at batch.Time, j *job) {
	j.limitDue = 0
	if j.row.BlockedAt != 0 {
		m.end(at, j, causeCancelled, reasonTimeLimit+string(why.CodeOf(j.row.StatusReason)))
	}
}

// lapse gives up the claims of j that are due. That ends j only if somebody who gave up a claim wanted it.
func (m *Machine) lapse(at batch.Time, j *job) {
	claims := j.row.Claims.Without("")
	claims.Held = slices.DeleteFunc(claims.Held, func(c batch.Claim) bool { return c.Until != 0 && c.Until <= at })
	m.setClaims(j, claims)
	m.endUnclaimed(at, j)
}

// endUnclaimed ends j if that was asked for and no claim is left. Attempts that another submission waits for go on.
func (m *Machine) endUnclaimed(at batch.Time, j *job) {
	if j.row.Claims.Over() {
		m.end(at, j, causeReleased, j.row.Claims.Reason)
	}
}
