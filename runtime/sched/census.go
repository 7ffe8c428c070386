package sched

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// sortJobs puts jobs in order of submission and index.
func sortJobs(jobs []*job) { slices.SortFunc(jobs, compareJobs) }

// census compares what a driver holds with what should be there, and mends the difference.
func (m *Machine) census(at batch.Time, c Census) {
	covered := map[string]bool{}
	for _, h := range c.Hosts {
		covered[h.ID] = true
		m.hostReady(at, h)
	}
	present := make(map[batch.AttemptID]bool, len(c.Waiting)+len(c.Running))
	for _, x := range c.Ended {
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
	for _, j := range m.liveAttempts() {
		run := j.row.Run
		if !present[j.row.AttemptID()] && covered[run.Host] && run.OrderedAt < c.AsOf {
			m.absent(at, j)
		}
	}
}

// present handles an attempt that runs.
func (m *Machine) present(at batch.Time, s batch.AttemptStarted) {
	j := m.attempts[s.Attempt]
	if j == nil {
		m.order(StopAttempt{Attempt: s.Attempt})
		return
	}
	m.started(at, s)
	if run := j.row.Run; run.Stop != batch.NotStopped {
		m.order(StopAttempt{Attempt: s.Attempt, Host: run.Host})
	}
}

// stillWaiting handles an attempt that waits at the driver.
func (m *Machine) stillWaiting(id batch.AttemptID) {
	j := m.attempts[id]
	switch {
	case j == nil:
		m.order(StopAttempt{Attempt: id})
	case j.row.Run.Stop != batch.NotStopped:
		m.order(StopAttempt{Attempt: id, Host: j.row.Run.Host, Recall: j.row.Run.Stop == batch.StopRecalled})
	case !j.row.Run.Ahead:
		m.orderStart(j)
	}
}

// absent handles an attempt that the driver does not hold: a start that was never received
// is ordered again under the same name, a run that vanished is lost after the grace.
func (m *Machine) absent(at batch.Time, j *job) {
	id, run := j.row.AttemptID(), j.row.Run
	switch {
	case j.row.Status == batch.Starting && run.Stop != batch.NotStopped:
		m.order(StopAttempt{Attempt: id, Host: run.Host})
	case j.row.Status == batch.Starting:
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
