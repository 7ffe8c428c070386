package sched

import (
	"cmp"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// timer says when something is to be done about a job without an event. It counts only while its job still has that deadline.
type timer struct {
	at   batch.Time
	job  *job
	kind timerKind
}

// timerKind says what is to be done.
type timerKind uint8

const (
	ofAttempt timerKind = iota // the timeout of an attempt
	ofLimit                    // the end of how long a job may be blocked
	ofClaim                    // the lapse of a claim
)

// Due implements [deadline.Entry].
func (t timer) Due() batch.Time { return t.at }

// Counts implements [deadline.Entry].
func (t timer) Counts() bool {
	switch t.kind {
	case ofLimit:
		return t.job.limitDue == t.at
	case ofClaim:
		return t.job.claimDue == t.at
	default:
		return t.job.due == t.at
	}
}

// Compare implements [deadline.Entry].
func (t timer) Compare(other timer) int {
	return cmp.Or(cmp.Compare(t.at, other.at), compareJobs(t.job, other.job), cmp.Compare(t.kind, other.kind))
}

// Before implements [heap.Item].
func (t timer) Before(other timer) bool { return t.Compare(other) < 0 }

// Moved implements [heap.Item].
func (timer) Moved(int) {}

// arm gives the running attempt of j its timeout.
func (m *Machine) arm(j *job) {
	timeout := j.submission().Timeout
	if timeout <= 0 || j.due != 0 {
		return
	}
	j.due = j.row.Run.StartedAt.Add(timeout)
	m.deadlines.Push(timer{at: j.due, job: j})
}

// setClaims changes who holds j.
func (m *Machine) setClaims(j *job, claims *batch.Claims) {
	j.row.Claims = claims
	m.touch(j)
	m.armClaims(j)
}

// armClaims makes sure that the claims of j lapse when they are due.
func (m *Machine) armClaims(j *job) {
	if j.claimDue = j.row.Claims.NextLapse(); j.claimDue != 0 {
		m.deadlines.Push(timer{at: j.claimDue, job: j, kind: ofClaim})
	}
}

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
