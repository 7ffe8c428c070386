package sched

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
	"github.com/batchd/terraform-provider-batch/runtime/place/why"
)

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

// isObstacle reports whether a statusReason says that a job can never be placed as things are.
func isObstacle(reason string) bool {
	return reason == reasonOf(place.OverEnvironment) || reason == reasonOf(place.OverHost) || reason == reasonOf(place.Unsuited)
}

func reasonOf(obstacle place.Obstacle) string { return why.ObstacleCode(obstacle).StatusReason() }

// reconsider puts what was set aside in q back among the work that can be placed, because
// something it depends on has changed.
func (m *Machine) reconsider(q *queue) {
	work := make([]*job, 0, len(q.aside))
	for j := range q.aside {
		work = append(work, j)
	}
	slices.SortFunc(work, func(a, b *job) int { return compareJobs(a, b) })
	for _, j := range work {
		if obstacle := m.obstacle(j); obstacle != place.NoObstacle {
			m.restate(j, obstacle)
			continue
		}
		delete(q.aside, j)
		j.aside = false
		m.unblock(j)
		m.enqueue(j)
	}
}

// reconsiderAll is reconsider for every queue.
func (m *Machine) reconsiderAll() {
	m.mayFit()
	for _, q := range m.rankedQueues() {
		m.reconsider(q)
	}
}

// obstacle is why j can never be placed as things are.
func (m *Machine) obstacle(j *job) place.Obstacle { return m.fleet.Obstacle(j.ask(), j.queue.tried) }
