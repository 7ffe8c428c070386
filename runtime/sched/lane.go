package sched

import (
	"fmt"
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// lane is the live attempts of one environment and one shape. When one of them ends, the driver may start
// the next that waits in its place, with no round and no commit between: the one that ends
// leaves exactly what the next one needs.
type lane struct {
	name    string
	holding int    // attempts that hold resources
	ahead   []*job // attempts that wait at the driver, first come first served
	// draining is set while more may run than was decided: the driver passes on places by itself, so until
	// nothing waits there any more, too much would stay too much.
	draining bool
	// paceMicros is about how long an attempt of this lane runs; 0: not known. It is the one thing
	// in the machine that no row implies: a hint, lost in a restart, that changes no outcome.
	paceMicros int64
}

func laneName(environment string, shape batch.Shape, container bool) string {
	return fmt.Sprintf("%s/%d/%d/%d/%t", environment, shape.MilliCPU, shape.MemoryMiB, shape.GPUs, container)
}

// laneOf returns the lane of j's attempts in that environment.
func (m *Machine) laneOf(environment string, j *job) *lane {
	name := laneName(environment, j.shape(), j.submission().InContainer)
	l := m.lanes[name]
	if l == nil {
		l = &lane{name: name}
		m.lanes[name] = l
	}
	return l
}

// leave takes the ended attempt of j out of its lane. What it held goes to the first that waits; if none
// does, or more is held than may be, back to the environment and the host. More is held when a limit was lowered, and
// when the driver was heard to have passed on a place before the end of the one that had it.
func (m *Machine) leave(j *job) {
	l, run := j.lane, j.row.Run
	m.environments[run.Environment].attempts--
	switch {
	case run.Ahead:
		l.ahead = slices.DeleteFunc(l.ahead, func(a *job) bool { return a == j })
	case len(l.ahead) > 0 && !m.over(run.Environment, run.Host):
		next := l.ahead[0]
		l.ahead = l.ahead[1:]
		next.row.Run.Ahead = false
		m.touch(next)
		m.round.promoted = append(m.round.promoted, next)
	default:
		l.draining = len(l.ahead) > 0
		l.holding--
		m.hold(j, -1)
	}
	j.lane = nil
	if l.holding == 0 && len(l.ahead) == 0 {
		delete(m.lanes, l.name)
	}
	m.finishEnvironment(m.environments[run.Environment])
}

// over reports whether attempts hold more than their environment may, or their host has.
func (m *Machine) over(environment, host string) bool {
	if e := m.environments[environment]; !e.used.Fits(e.max()) {
		return true
	}
	h := m.hosts[host]
	return h != nil && !m.hostUsed[host].Fits(hostRoom(h.Capacity))
}

// join puts a new or loaded attempt of j into its lane and reserves what it holds.
func (m *Machine) join(j *job) {
	run := j.row.Run
	j.lane = m.laneOf(run.Environment, j)
	m.attempts[j.row.AttemptID()] = j
	m.environments[run.Environment].attempts++
	if run.Ahead {
		j.lane.ahead = append(j.lane.ahead, j)
		return
	}
	j.lane.holding++
	m.hold(j, 1)
}

// promote gives a waiting attempt that turned out to run resources of its own.
func (m *Machine) promote(j *job) {
	j.lane.ahead = slices.DeleteFunc(j.lane.ahead, func(a *job) bool { return a == j })
	j.lane.holding++
	j.row.Run.Ahead = false
	m.hold(j, 1)
	if m.over(j.row.Run.Environment, j.row.Run.Host) {
		j.lane.draining = len(j.lane.ahead) > 0
	}
}

// hold adds what j's attempt holds to the books, or takes it off them.
func (m *Machine) hold(j *job, sign int64) {
	s := j.shape()
	delta := batch.Shape{MilliCPU: sign * s.MilliCPU, MemoryMiB: sign * s.MemoryMiB, GPUs: sign * s.GPUs}
	e := m.environments[j.row.Run.Environment]
	e.used = e.used.Plus(delta)
	m.hostUsed[j.row.Run.Host] = m.hostUsed[j.row.Run.Host].Plus(delta)
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
