package sched

import (
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
	"github.com/batchd/terraform-provider-batch/runtime/sched/lane"
)

// joins has the first work of c join an attempt that runs the same, if there is one.
func (m *Machine) joins(p *pass, c *class) bool {
	j := c.Head()
	index := j.index
	if j.isArray() {
		index = j.children.Next()
	}
	leader := m.leader(j.top(), index)
	if leader == nil {
		return false
	}
	if j.row.BlockedAt != 0 {
		m.unblock(j)
	}
	if j.isArray() {
		array := j
		j = m.born(array, index)
		m.requeueArray(array)
	} else {
		m.dequeue(j)
	}
	m.follow(j, leader)
	if j.array != nil {
		m.unpark(j.array)
	}
	p.budget--
	return true
}

// runAhead hands to the driver the first work of q, which will fit when one of its lane ends, so that short attempts
// follow one another without a round between. Only processes of this machine run ahead, only as much as about
// 150 ms of work (see package lane), and only in an environment in which nothing ranked higher waits.
func (m *Machine) runAhead(p *pass, q *queue) {
	if q.line.Allowance < 0 {
		return // what ends is to be kept free, and not to be passed on
	}
	head := q.line.First().Head()
	work := m.work(head)
	for _, o := range q.tried {
		e := m.fleet.Environments[o.Environment]
		h := m.fleet.Local(e)
		if h == nil || h.Runner(false).Fault != nil || e.Over(h) || p.contended[e.Row.Name] > q.row.Priority {
			continue
		}
		m.recallLower(p, e, q)
		for p.budget > 0 {
			c := q.line.First()
			if c == nil || c.Head() != head || !mayRunAhead(c) {
				return
			}
			if m.joins(p, c) {
				continue
			}
			lacks := m.lanes.Find(lane.Key{Environment: e.Row.Name, Host: h.Row.ID, Shape: c.Kind.Shape}).Lacks()
			if lacks <= 0 || p.kept.KeepFrom(&work, e, h) {
				break
			}
			n := min(lacks, head.Places(), p.budget)
			if head.top().points.Shared() {
				n = min(n, 1)
			}
			if n <= 0 {
				break
			}
			for range n {
				m.start(p.At, head, e, h, true)
				p.budget--
			}
			m.requeueArray(head)
		}
	}
}

// mayRunAhead reports whether work of c needs nothing but the room of one that ends. Containers do not run ahead: starting one
// costs a hundred times a commit.
func mayRunAhead(c *class) bool {
	return !c.Kind.Container && c.Kind.Plain() && c.Head().submission().MaxConcurrency == 0
}

// recallLower takes back what queues of a lower priority have waiting in e: the next place that
// becomes free there belongs to q.
func (m *Machine) recallLower(p *pass, e *fleet.Environment, q *queue) {
	for _, j := range m.aheadIn(e) {
		if j.queue.row.Priority < q.row.Priority {
			m.recall(p, j)
		}
	}
}

// drain takes back what waits at the driver in lanes that hold more than they may.
func (m *Machine) drain(p *pass) {
	waiting := m.lanes.Draining()
	sortJobs(waiting)
	for _, j := range waiting {
		m.recall(p, j)
	}
}

func (m *Machine) recall(p *pass, j *job) {
	if j.row.Run.Stop == batch.NotStopped {
		m.stop(p.At, j, batch.StopRecalled, "")
	}
}

// aheadIn returns the attempts that wait at the driver for a place in e, in order of submission.
func (m *Machine) aheadIn(e *fleet.Environment) []*job {
	if e.Ahead == 0 {
		return nil
	}
	waiting := m.lanes.AheadIn(e.Row.Name)
	sortJobs(waiting)
	return waiting
}

// confirmPromoted repeats the start of attempts that inherited a place and are not known to run. The driver
// has usually started them already; it has not if they reached it after the place became free.
func (m *Machine) confirmPromoted() {
	for _, j := range m.round.promoted {
		if j.row.Status == batch.Starting && !j.row.Run.Ahead && j.row.Run.Stop == batch.NotStopped {
			m.orderStart(j)
		}
	}
	m.round.promoted = nil
}
