package sched

import (
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
	"github.com/batchd/terraform-provider-batch/runtime/sched/lane"
)

// leave takes the ended attempt of j out of its lane. What it held goes to the first that waits; if none
// does, or more is held than may be, back to the environment and the host. More is held when a limit was lowered, and
// when the driver was heard to have passed on a place before the end of the one that had it.
func (m *Machine) leave(j *job) {
	l, run := j.lane, j.row.Run
	e := m.fleet.Environments[run.Environment]
	e.Attempts--
	if run.Ahead {
		l.Withdraw(j)
		e.Ahead--
		m.aheadShare(j, -1)
	} else {
		j.on.Leave()
	}
	m.mayFit()
	switch {
	case run.Ahead:
	case len(l.Ahead()) > 0 && !e.Over(j.on.Host):
		m.inherit(j, l, e)
	default:
		m.lanes.Drain(l)
		l.Holding--
		m.hold(j, -1)
	}
	j.lane = nil
	j.recount()
	j.on.Host, j.on = nil, nil
	m.lanes.Tidy(l)
	m.finishEnvironment(e)
}

// inherit gives the place of the attempt of from, which ended, to the first that waits in its lane.
func (m *Machine) inherit(from *job, l *lane.Lane[*job], e *fleet.Environment) {
	next := l.Next()
	e.Ahead--
	next.row.Run.Ahead = false
	m.aheadShare(next, -1)
	m.holdShare(from, -from.shape().MilliCPU)
	m.holdShare(next, next.shape().MilliCPU)
	next.on.Enter()
	next.recount()
	next.on.Expect()
	m.touch(next)
	m.round.promoted = append(m.round.promoted, next)
}

// join puts a new or loaded attempt of j into its lane and reserves what it holds.
func (m *Machine) join(j *job) {
	run := j.row.Run
	e := m.fleet.Environments[run.Environment]
	j.lane = m.lanes.Make(lane.Key{Environment: run.Environment, Host: run.Host, Shape: j.shape(), Container: j.inContainer()})
	j.on = &fleet.Allocation{Run: run, Host: m.fleet.Host(run.Host), Environment: e, Shape: j.shape(), Container: j.inContainer(), Needs: j.needs()}
	m.attempts[j.row.AttemptID()] = j
	e.Attempts++
	if run.Ahead {
		j.lane.Wait(j)
		e.Ahead++
		m.aheadShare(j, 1)
		return
	}
	j.lane.Holding++
	m.hold(j, 1)
	j.recount()
	j.on.Enter()
	j.on.Expect()
}

// promote gives a waiting attempt that turned out to run resources of its own.
func (m *Machine) promote(j *job) {
	e := m.fleet.Environments[j.row.Run.Environment]
	j.lane.Withdraw(j)
	e.Ahead--
	m.aheadShare(j, -1)
	j.lane.Holding++
	j.row.Run.Ahead = false
	m.hold(j, 1)
	j.recount()
	j.on.Enter()
	if e.Over(j.on.Host) {
		m.lanes.Drain(j.lane)
	}
}

// hold adds what j's attempt holds to the books, or takes it off them.
func (m *Machine) hold(j *job, sign int64) {
	j.on.Book(sign)
	m.holdShare(j, sign*j.shape().MilliCPU)
}

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
