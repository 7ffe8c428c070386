package sched

import (
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// runAhead hands to the driver work that will fit when one of its lane ends, so that short attempts
// follow one another without a round between. Only processes run ahead, only as much as about
// aheadWindow of work, and only in an environment in which nothing ranked higher waits.
func (m *Machine) runAhead(d *dispatch, q *queue) {
	for _, o := range q.row.Environments {
		e := m.environments[o.Environment]
		host := m.hostFor(e)
		if host == nil || m.over(e.row.Name, host.ID) {
			continue
		}
		if d.full[e.row.Name] > q.row.Priority {
			continue
		}
		m.recallLower(d, e, q)
		for d.budget > 0 {
			j := q.runnable.head()
			if j == nil || j.submission().InContainer {
				return
			}
			l := m.lanes[laneName(e.row.Name, j.shape(), false)]
			if l == nil || l.holding == 0 || l.draining {
				break
			}
			n := min(l.depth()-len(l.ahead), j.places(), d.budget)
			if n <= 0 {
				break
			}
			for range n {
				m.start(d, j, e, host, true)
			}
			m.requeueArray(j)
		}
	}
}

// recallLower takes back what queues of a lower priority have waiting in e: the next place that
// becomes free there belongs to q.
func (m *Machine) recallLower(d *dispatch, e *environment, q *queue) {
	for _, j := range m.aheadIn(e) {
		if j.queue.row.Priority < q.row.Priority && j.row.Run.Stop == batch.NotStopped {
			m.stop(d.at, j, batch.StopRecalled, "")
		}
	}
}

// drain takes back what waits at the driver in lanes that hold more than they may.
func (m *Machine) drain(d *dispatch) {
	var waiting []*job
	for _, l := range m.lanes {
		if l.draining {
			waiting = append(waiting, l.ahead...)
			l.draining = len(l.ahead) > 0
		}
	}
	sortJobs(waiting)
	for _, j := range waiting {
		if j.row.Run.Stop == batch.NotStopped {
			m.stop(d.at, j, batch.StopRecalled, "")
		}
	}
}

// aheadIn returns the attempts that wait at the driver for a place in e, in order of submission.
func (m *Machine) aheadIn(e *environment) []*job {
	var found []*job
	for _, l := range m.lanes {
		for _, j := range l.ahead {
			if j.row.Run.Environment == e.row.Name {
				found = append(found, j)
			}
		}
	}
	sortJobs(found)
	return found
}
