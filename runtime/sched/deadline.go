package sched

import (
	"cmp"
	"container/heap"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// deadlines is a heap of attempt timeouts, of the ends of how long jobs may be blocked, and of lapses of claims. An entry
// counts only while its job still has that deadline.
type deadlines []deadline

type deadline struct {
	at   batch.Time
	job  *job
	kind deadlineKind
}

// deadlineKind is what a deadline is of.
type deadlineKind uint8

const (
	ofAttempt deadlineKind = iota // its timeout
	ofLimit                       // of being blocked
	ofClaim                       // its lapse
)

func (d deadline) counts() bool {
	switch d.kind {
	case ofLimit:
		return d.job.limitDue == d.at
	case ofClaim:
		return d.job.claimDue == d.at
	default:
		return d.job.due == d.at
	}
}

func (d deadlines) Len() int { return len(d) }

func (d deadlines) Less(i, k int) bool {
	if d[i].at != d[k].at {
		return d[i].at < d[k].at
	}
	return cmp.Or(compareJobs(d[i].job, d[k].job), cmp.Compare(d[i].kind, d[k].kind)) < 0
}
func (d deadlines) Swap(i, k int) { d[i], d[k] = d[k], d[i] }

// Push implements [heap.Interface].
func (d *deadlines) Push(x any) {
	entry, _ := x.(deadline)
	*d = append(*d, entry)
}

// Pop implements [heap.Interface].
func (d *deadlines) Pop() any {
	last := len(*d) - 1
	entry := (*d)[last]
	(*d)[last] = deadline{}
	*d = (*d)[:last]
	return entry
}

// push adds entry. What does not count any more is dropped before room is made for more.
func (d *deadlines) push(entry deadline) {
	if len(*d) == cap(*d) {
		*d = slices.DeleteFunc(*d, func(entry deadline) bool { return !entry.counts() })
		heap.Init(d)
		*d = slices.Grow(*d, max(len(*d), minStaleEnds))
	}
	heap.Push(d, entry)
}

// next returns the earliest deadline that still counts; 0 for none.
func (d *deadlines) next() batch.Time {
	for len(*d) > 0 && !(*d)[0].counts() {
		heap.Pop(d)
	}
	if len(*d) == 0 {
		return 0
	}
	return (*d)[0].at
}

// arm gives the running attempt of j its timeout.
func (m *Machine) arm(j *job) {
	timeout := j.submission().Timeout
	if timeout <= 0 || j.due != 0 {
		return
	}
	j.due = j.row.Run.StartedAt.Add(timeout)
	m.deadlines.push(deadline{at: j.due, job: j})
}

// expire stops the attempts whose timeout has passed, cancels what has been blocked for too long, and lets claims lapse.
func (m *Machine) expire(at batch.Time) {
	for due := m.deadlines.next(); due != 0 && due <= at; due = m.deadlines.next() {
		entry, _ := heap.Pop(&m.deadlines).(deadline)
		switch entry.kind {
		case ofLimit:
			m.limitPassed(at, entry.job)
			continue
		case ofClaim:
			m.lapse(at, entry.job)
			continue
		case ofAttempt:
		}
		entry.job.due = 0
		switch j := entry.job; {
		case j.row.Run == nil:
		case j.isGang():
			m.stopGang(at, j, batch.StopTimeout, reasonTimeout)
		default:
			m.stop(at, j, batch.StopTimeout, reasonTimeout)
		}
	}
}
