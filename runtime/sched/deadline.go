package sched

import (
	"cmp"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/heap"
)

// deadlines is a heap of attempt timeouts, of the ends of how long jobs may be blocked, and of lapses of claims. An entry
// counts only while its job still has that deadline.
type deadlines struct{ heap.Heap[deadline] }

type deadline struct {
	at   batch.Time
	job  *job
	kind deadlineKind
}

// deadlineKind says what happens at a deadline.
type deadlineKind uint8

const (
	ofAttempt deadlineKind = iota // the timeout of an attempt
	ofLimit                       // the end of how long a job may be blocked
	ofClaim                       // the lapse of a claim
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

func (d deadline) compare(other deadline) int {
	return cmp.Or(cmp.Compare(d.at, other.at), compareJobs(d.job, other.job), cmp.Compare(d.kind, other.kind))
}

// Before implements [heap.Item].
func (d deadline) Before(other deadline) bool { return d.compare(other) < 0 }

// Moved implements [heap.Item].
func (deadline) Moved(int) {}

// push adds entry. Before the heap grows, entries that do not count any longer, and duplicates, are dropped.
func (d *deadlines) push(entry deadline) {
	if len(d.Heap) == cap(d.Heap) {
		d.Heap = slices.DeleteFunc(d.Heap, func(entry deadline) bool { return !entry.counts() })
		slices.SortFunc(d.Heap, deadline.compare) // a sorted slice is a heap
		d.Heap = slices.Compact(d.Heap)
		d.Heap = slices.Grow(d.Heap, max(len(d.Heap), minDeadlines))
	}
	d.Push(entry)
}

// next returns the earliest deadline that still counts; 0 for none.
func (d *deadlines) next() batch.Time {
	for len(d.Heap) > 0 && !d.Heap[0].counts() {
		d.Pop()
	}
	if len(d.Heap) == 0 {
		return 0
	}
	return d.Heap[0].at
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
		entry := m.deadlines.Pop()
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
