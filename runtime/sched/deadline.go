package sched

import (
	"cmp"

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
