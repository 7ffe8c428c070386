package sched

import (
	"cmp"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// lose ends an attempt whose outcome will never be known.
func (m *Machine) lose(at batch.Time, j *job) {
	m.note(NoteLost, j.row.ID, "attempt %s is lost with its host", j.row.AttemptID())
	m.exited(at, batch.Exit{Attempt: j.row.AttemptID(), Kind: batch.Lost, StartedAt: j.row.Run.StartedAt, StoppedAt: at})
}

func (m *Machine) started(at batch.Time, s batch.AttemptStarted) {
	j := m.attempts[s.Attempt]
	if j == nil {
		m.note(NoteStale, s.Attempt.Job, "start of attempt %s, which is over", s.Attempt)
		return
	}
	delete(m.missing, s.Attempt)
	if j.row.Status != batch.Starting {
		return
	}
	run := j.row.Run
	if run.Ahead {
		m.promote(j)
	}
	if run.Stop == batch.StopRecalled {
		run.Stop, run.StopReason, run.StoppingAt = batch.NotStopped, "", 0
	}
	run.StartedAt, run.Log = cmp.Or(s.At, at), s.Log
	j.row.StartedAt, j.row.Refusals = run.StartedAt, batch.Refusals{}
	if array := j.array; array != nil && (array.row.StartedAt == 0 || run.StartedAt < array.row.StartedAt) {
		array.row.StartedAt = run.StartedAt
	}
	m.move(at, j, batch.Running, "")
	j.recount()
	m.startedOn(j.on.Host, j.on.Host.Runner(j.inContainer()), run.Order)
	j.on.Expect()
	if j.gang != nil {
		if j.index == j.gang.row.Nodes.Main {
			m.mainStarted(at, j.gang, j)
		}
		return
	}
	m.arm(j)
}

// exitReported folds in a reported exit. A report that nothing ran may be a late one, of a recall or a refusal before the
// attempt was ordered again under the same name: it is, if it is older than the order, or if no recall was ordered
// since. Should it be true after all, as when the clock was set back, the next census says so.
func (m *Machine) exitReported(at batch.Time, x batch.Exit) {
	if j := m.attempts[x.Attempt]; j != nil && x.Kind.NothingRan() {
		if run := j.row.Run; x.Kind == batch.Recalled && run.Stop == batch.NotStopped || x.StoppedAt < run.OrderedAt {
			m.note(NoteStale, x.Attempt.Job, "recall of attempt %s, which was ordered again", x.Attempt)
			return
		}
	}
	m.exited(at, x)
}

// mayReturn reports whether an attempt that is not live is the next one of a job that waits: it was taken for
// recalled, and will be ordered again under its name. What the driver holds of it is left alone.
func (m *Machine) mayReturn(id batch.AttemptID) bool {
	j, _, _, _ := m.find(id.Job)
	return j != nil && j.row.Status == batch.Runnable && id.Number == j.row.Attempt+1
}

// exited closes an attempt and decides what becomes of its job.
func (m *Machine) exited(at batch.Time, x batch.Exit) {
	j := m.attempts[x.Attempt]
	if j == nil {
		m.note(NoteStale, x.Attempt.Job, "exit of attempt %s, which is over", x.Attempt)
		if x.Kind.NothingRan() || !m.mayReturn(x.Attempt) {
			m.order(ForgetAttempt{Attempt: x.Attempt})
		}
		return
	}
	if x.StartedAt != 0 && j.row.Status == batch.Starting {
		m.started(at, batch.AttemptStarted{Attempt: x.Attempt, At: x.StartedAt, Log: x.Log.Begun()})
	}
	run, h := *j.row.Run, j.on.Host
	if x.Kind == batch.Recalled && run.StartedAt != 0 { // its driver holds nothing of it, but it ran: its number is used up
		x.Kind, x.StartedAt = batch.Lost, run.StartedAt
	}
	if x.Kind == batch.Refused && j.gang != nil && m.nodeRefused(at, j, x) {
		return
	}
	m.giveNeeds(j.needs(), j.row.Status == batch.Running)
	if x.Kind == batch.Exited && x.StartedAt != 0 {
		j.lane.Learn(x.StoppedAt.Sub(x.StartedAt))
	}
	m.leave(j)
	delete(m.attempts, x.Attempt)
	delete(m.missing, x.Attempt)
	m.land(j)
	m.order(ForgetAttempt{Attempt: x.Attempt, Host: run.Host})
	if r := h.Runner(j.inContainer()); x.Kind == batch.Refused {
		m.refusedOn(at, h, r, run.Order, x.Reason)
	} else if x.StartedAt != 0 {
		m.endedOn(h, r)
	}
	j.row.Run, j.due = nil, 0
	if j.gang != nil {
		x.StoppedAt = cmp.Or(x.StoppedAt, at)
		m.nodeEnded(at, j, run, x)
		return
	}
	switch x.Kind {
	case batch.Recalled:
		m.recalled(at, j, run, x.StoppedAt)
	case batch.Refused:
		m.refused(at, j, run, x)
	case batch.Exited, batch.FailedToStart, batch.Lost:
		m.closeAttempt(at, j, run, x)
	}
	m.disband(j)
	m.takeRecent(at, j)
}

// recalled puts back a job whose attempt never started, as if it had not been placed.
func (m *Machine) recalled(at batch.Time, j *job, run batch.Run, recalledAt batch.Time) {
	j.row.Attempt--
	j.recalledAt = recalledAt
	if j.calledOff() {
		m.move(at, j, batch.Failed, run.StopReason)
		return
	}
	m.move(at, j, batch.Runnable, "")
}

// closeAttempt records an attempt that ended and moves its job on.
func (m *Machine) closeAttempt(at batch.Time, j *job, run batch.Run, x batch.Exit) {
	x.StoppedAt = cmp.Or(x.StoppedAt, at)
	j.row.Refusals = batch.Refusals{}
	out := m.outcome(j, run, x)
	m.learn(j, out.To, x)
	m.recordAttempt(j, run, x, out.Reason)
	m.saveResult(j, x)
	if out.To.Terminal() {
		j.row.StoppedAt = x.StoppedAt
	}
	switch {
	case out.To == batch.Succeeded && x.ResultError == "":
		j.row.ContentKey = j.contentKey(x)
	case out.To == batch.Succeeded && j.array != nil:
		j.array.row.Array.ResultErrors++ // its row is written because of the counts
	}
	m.move(at, j, out.To, out.Reason)
	if out.To == batch.Succeeded {
		m.shareResult(at, j, x)
	}
}
