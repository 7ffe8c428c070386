package sched

import (
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
	"github.com/batchd/terraform-provider-batch/runtime/place/why"
)

// blamed is what is known of why the head of a queue waits. It is a hint: after a restart it begins with what the row says.
type blamed struct {
	job   *job
	code  why.Code
	since batch.Time
}

// blame keeps the statusReason of the head of q: it is written when the cause has been the same for a while, so that
// readers do not see it flicker, and cleared when the job is not the head any longer.
func (m *Machine) blame(at batch.Time, q *queue) {
	var head *job
	if c := q.line.First(); c != nil {
		head = c.Head()
	}
	if old := q.blamed.job; old != head {
		if old != nil && old.row.BlockedAt != 0 && !old.aside {
			m.unblock(old)
		}
		q.blamed = blamed{job: head, since: at}
	}
	if head == nil {
		return
	}
	question := m.question(at, head)
	if code := question.Code(); code != q.blamed.code {
		q.blamed.code, q.blamed.since = code, at
		if head.row.BlockedAt != 0 {
			m.unblock(head)
		}
	}
	text, due := clip(question.StatusReason(q.blamed.code)), q.blamed.since.Add(blameAfter)
	if q.blamed.code == why.HostFault {
		due = q.blamed.since
	}
	switch {
	case text == "":
	case head.row.BlockedAt != 0:
		m.setReason(head, text)
	case at < due:
		m.wakeBy(due)
	default:
		m.block(head, q.blamed.since, text)
	}
}

// setAside takes out of the way work that can never be placed as things are.
func (m *Machine) setAside(at batch.Time, j *job, obstacle place.Obstacle) {
	j.classOf().Remove(j)
	j.queue.aside[j] = true
	j.aside = true
	m.block(j, at, reasonOf(obstacle))
}

// restate says why j, which is set aside, cannot be placed now: for another reason, it has been blocked since now.
func (m *Machine) restate(j *job, obstacle place.Obstacle) {
	if reason := reasonOf(obstacle); j.row.StatusReason != reason {
		m.unblock(j)
		m.block(j, m.at, reason)
	}
}

func reasonOf(obstacle place.Obstacle) string { return why.ObstacleCode(obstacle).StatusReason() }

// block says in the row of j why it cannot be placed, and since when.
func (m *Machine) block(j *job, since batch.Time, reason string) {
	if j.row.BlockedAt == 0 {
		m.line(batch.Transition{Kind: batch.Blocked, Job: j.row.ID, From: batch.Runnable, To: batch.Runnable, At: m.at})
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

// armLimit makes sure that j is cancelled when it has been blocked for as long as its queue allows.
func (m *Machine) armLimit(j *job) {
	j.limitDue = 0
	for _, limit := range j.queue.row.TimeLimits {
		due := j.row.BlockedAt.Add(limit.After)
		if strings.HasPrefix(j.row.StatusReason, limit.Reason) && (j.limitDue == 0 || due < j.limitDue) {
			j.limitDue = due
		}
	}
	if j.limitDue != 0 {
		m.deadlines.Push(timer{at: j.limitDue, job: j, kind: ofLimit})
	}
}

// armLimits does so for all work of q, after its limits have changed.
func (m *Machine) armLimits(q *queue) {
	blocked := make([]*job, 0, len(q.aside)+1)
	for j := range q.aside {
		blocked = append(blocked, j)
	}
	if j := q.blamed.job; j != nil && j.row.BlockedAt != 0 && !j.aside {
		blocked = append(blocked, j)
	}
	sortJobs(blocked)
	for _, j := range blocked {
		m.armLimit(j)
	}
}

// limitPassed cancels a job that has been blocked for too long.
func (m *Machine) limitPassed(at batch.Time, j *job) {
	j.limitDue = 0
	if j.row.BlockedAt != 0 {
		m.end(at, j, causeCancelled, reasonTimeLimit+string(why.CodeOf(j.row.StatusReason)))
	}
}
