package sched

import (
	"fmt"
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// lane is the live attempts of one environment and one shape. When one of them ends, the driver may start
// the next that waits in its place, with no round and no commit between: the one that ends
// leaves exactly what the next one needs.
type lane struct {
	key     laneKey
	name    string
	holding int    // attempts that hold resources
	ahead   []*job // attempts that wait at the driver, first come first served
	// draining is set while more may run than was decided: the driver passes on places by itself, so until
	// nothing waits there any longer, too much would go on running.
	draining bool
	// paceMicros is about how long an attempt of this lane runs; 0: not known. No row implies it: it is a hint, lost in a
	// restart, that changes no outcome.
	paceMicros int64
}

// laneKey is what attempts of a lane have in common.
type laneKey struct {
	environment, host string
	shape             batch.Shape
	container         bool
}

func (k laneKey) String() string {
	return fmt.Sprintf("%s/%d/%d/%d/%t@%s", k.environment, k.shape.MilliCPU, k.shape.MemoryMiB, k.shape.GPUs, k.container, k.host)
}

// laneOf returns the lane of j's live attempt.
func (m *Machine) laneOf(j *job) *lane {
	key := laneKey{j.row.Run.Environment, j.row.Run.Host, j.shape(), j.inContainer()}
	l := m.lanes[key]
	if l == nil {
		l = &lane{key: key, name: key.String()}
		m.lanes[key] = l
	}
	return l
}

// leave takes the ended attempt of j out of its lane. What it held goes to the first that waits; if none
// does, or more is held than may be, back to the environment and the host. More is held when a limit was lowered, and
// when the driver was heard to have passed on a place before the end of the one that had it.
func (m *Machine) leave(j *job) {
	l, run := j.lane, j.row.Run
	e := m.fleet.Environments[run.Environment]
	e.Attempts--
	if run.Ahead {
		l.ahead = slices.DeleteFunc(l.ahead, func(a *job) bool { return a == j })
		e.Ahead--
		m.aheadShare(j, -1)
	} else {
		j.on.Leave()
	}
	m.mayFit()
	switch {
	case run.Ahead:
	case len(l.ahead) > 0 && !e.Over(j.on.Host):
		m.inherit(j, l, e)
	default:
		m.drains(l)
		l.holding--
		m.hold(j, -1)
	}
	j.lane = nil
	j.recount()
	j.on.Host, j.on = nil, nil
	if l.holding == 0 && len(l.ahead) == 0 {
		delete(m.lanes, l.key)
	}
	m.finishEnvironment(e)
}

// inherit gives the place of the attempt of from, which ended, to the first that waits in its lane.
func (m *Machine) inherit(from *job, l *lane, e *fleet.Environment) {
	next := l.ahead[0]
	l.ahead = l.ahead[1:]
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

// drains notes that more may run in l than was decided, if anything waits there.
func (m *Machine) drains(l *lane) {
	if was := l.draining; len(l.ahead) > 0 != was {
		l.draining = !was
		if l.draining {
			m.draining = append(m.draining, l)
		}
	}
}

// join puts a new or loaded attempt of j into its lane and reserves what it holds.
func (m *Machine) join(j *job) {
	run := j.row.Run
	e := m.fleet.Environments[run.Environment]
	j.lane = m.laneOf(j)
	j.on = &fleet.Allocation{Run: run, Host: m.fleet.Host(run.Host), Environment: e, Shape: j.shape(), Container: j.inContainer(), Needs: j.needs()}
	m.attempts[j.row.AttemptID()] = j
	e.Attempts++
	if run.Ahead {
		j.lane.ahead = append(j.lane.ahead, j)
		e.Ahead++
		m.aheadShare(j, 1)
		return
	}
	j.lane.holding++
	m.hold(j, 1)
	j.recount()
	j.on.Enter()
	j.on.Expect()
}

// promote gives a waiting attempt that turned out to run resources of its own.
func (m *Machine) promote(j *job) {
	e := m.fleet.Environments[j.row.Run.Environment]
	j.lane.ahead = slices.DeleteFunc(j.lane.ahead, func(a *job) bool { return a == j })
	e.Ahead--
	m.aheadShare(j, -1)
	j.lane.holding++
	j.row.Run.Ahead = false
	m.hold(j, 1)
	j.recount()
	j.on.Enter()
	if e.Over(j.on.Host) {
		m.drains(j.lane)
	}
}

// hold adds what j's attempt holds to the books, or takes it off them.
func (m *Machine) hold(j *job, sign int64) {
	j.on.Book(sign)
	m.holdShare(j, sign*j.shape().MilliCPU)
}

// learn takes the run time of an ended attempt into the pace of its lane.
func (l *lane) learn(ran time.Duration) {
	micros := max(ran.Microseconds(), 500) // below the resolution of the clock
	if l.paceMicros == 0 {
		l.paceMicros = micros
		return
	}
	l.paceMicros += (micros - l.paceMicros) / paceWeight
}

// depth is how many attempts should wait at the driver for a place in l.
func (l *lane) depth() int {
	if l.paceMicros == 0 {
		return 0
	}
	return int(min(aheadWindow.Microseconds()*int64(l.holding)/l.paceMicros, maxAhead))
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
			l := m.lanes[laneKey{e.Row.Name, h.Row.ID, c.Kind.Shape, false}]
			if l == nil || l.holding == 0 || l.draining {
				break
			}
			if p.kept.KeepFrom(&work, e, h) {
				break
			}
			n := min(l.depth()-len(l.ahead), head.Places(), p.budget)
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
