package sched

import (
	"cmp"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// sortJobs puts jobs in order of submission and index.
func sortJobs(jobs []*job) { slices.SortFunc(jobs, compareJobs) }

// census compares what a driver holds with what should be there, and mends the difference.
func (m *Machine) census(at batch.Time, c Census) {
	covered := map[string]bool{}
	for _, h := range c.Hosts {
		if old := m.fleet.Hosts[h.ID]; old != nil && !old.Row.Ready && old.Row.SeenAt >= c.AsOf {
			continue // it has gone since
		}
		covered[h.ID] = true
		m.hostReady(at, h)
	}
	m.launchedIn(at, c, covered)
	m.askAgain(c)
	unlisted := map[batch.HostFault]bool{}
	for _, f := range c.Faults {
		if covered[f.Host] {
			m.hostFault(at, f)
			unlisted[batch.HostFault{Host: f.Host, Runner: f.Runner}] = f.Unlisted
		}
	}
	present := make(map[batch.AttemptID]bool, len(c.Waiting)+len(c.Running))
	for _, id := range c.Untaken {
		present[id] = true
	}
	for _, x := range c.Ended {
		if j := m.attempts[x.Attempt]; x.Kind.NothingRan() && j != nil && j.row.Run.OrderedAt >= c.AsOf {
			continue // it was recalled before it was ordered again under the same name
		}
		m.exited(at, x)
	}
	for _, s := range c.Running {
		present[s.Attempt] = true
		m.present(at, s)
	}
	for _, id := range c.Waiting {
		present[id] = true
		m.stillWaiting(id)
	}
	m.forgetHosts(at)
	live := m.liveAttempts()
	slices.SortFunc(live, func(a, b *job) int { return cmp.Compare(a.row.Run.Order, b.row.Run.Order) })
	for _, j := range live {
		run := j.row.Run // nil of a node that ended with its main node meanwhile
		if run != nil && !run.Held && !present[j.row.AttemptID()] && covered[run.Host] && run.OrderedAt < c.AsOf &&
			!unlisted[batch.HostFault{Host: run.Host, Runner: j.runner()}] {
			m.absent(at, j)
		}
	}
}

// present handles an attempt that runs.
func (m *Machine) present(at batch.Time, s batch.AttemptStarted) {
	j := m.attempts[s.Attempt]
	if j == nil {
		m.stopUnknown(s.Attempt)
		return
	}
	m.started(at, s)
	if run := j.row.Run; run.Stop != batch.NotStopped {
		m.order(StopAttempt{Attempt: s.Attempt, Host: run.Host, Runner: j.runner()})
	}
}

// stopUnknown ends what a driver holds and should not.
func (m *Machine) stopUnknown(id batch.AttemptID) {
	if !m.mayReturn(id) {
		m.order(StopAttempt{Attempt: id})
	}
}

// stillWaiting handles an attempt that waits at the driver.
func (m *Machine) stillWaiting(id batch.AttemptID) {
	j := m.attempts[id]
	switch {
	case j == nil:
		m.stopUnknown(id)
	case j.row.Run.Stop != batch.NotStopped:
		m.order(StopAttempt{Attempt: id, Host: j.row.Run.Host, Recall: j.row.Run.Stop == batch.StopRecalled, Runner: j.runner()})
	case !j.row.Run.Ahead:
		m.orderStart(j)
	}
}

// toBack gives an attempt that is ordered again the place that it will have at the driver: behind
// those of its lane that are there.
func (m *Machine) toBack(j *job) {
	if l := j.lane; j.row.Run.Ahead {
		l.Wait(j)
		m.lastOrder++
		j.row.Run.Order = m.lastOrder
		m.touch(j)
	}
}

// absent handles an attempt that the driver does not hold: a start that was never received
// is ordered again under the same name, a run that vanished is lost after the grace.
func (m *Machine) absent(at batch.Time, j *job) {
	id, run := j.row.AttemptID(), j.row.Run
	switch {
	case j.row.Status == batch.Starting && run.Stop != batch.NotStopped:
		m.order(StopAttempt{Attempt: id, Host: run.Host, Runner: j.runner()})
	case j.row.Status == batch.Starting:
		m.toBack(j)
		m.orderStart(j)
	default:
		since, known := m.missing[id]
		if !known {
			m.missing[id], since = at, at
		}
		if at.Sub(since) >= m.config.HostGrace {
			m.lose(at, j)
		}
	}
}
