package sched

import (
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// runAhead hands to the driver the first work of q, which will fit when one of its lane ends, so that short attempts
// follow one another without a round between. Only processes of this machine run ahead, only as much as about
// aheadWindow of work, and only in an environment in which nothing ranked higher waits.
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
			l := m.lanes[laneKey{e.Row.Name, h.Row.ID, c.Kind.Shape, false}]
			if l == nil || l.holding == 0 || l.draining {
				break
			}
			if p.kept.KeepFrom(&work, e, h) {
				break
			}
			n := min(l.depth()-len(l.ahead), head.Places(), p.budget)
			if head.top().sharesPoints() {
				n = min(n, 1)
			}
			if n <= 0 {
				break
			}
			for range n {
				m.start(p, head, e, h, true)
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
	var waiting []*job
	still := m.draining[:0]
	for _, l := range m.draining {
		waiting = append(waiting, l.ahead...)
		if l.draining = len(l.ahead) > 0; l.draining {
			still = append(still, l)
		}
	}
	m.draining = still
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
	var found []*job
	for _, l := range m.lanes {
		if l.key.environment == e.Row.Name {
			found = append(found, l.ahead...)
		}
	}
	sortJobs(found)
	return found
}
