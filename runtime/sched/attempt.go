package sched

import (
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
	"github.com/batchd/terraform-provider-batch/runtime/sched/lane"
	"github.com/batchd/terraform-provider-batch/runtime/sched/outcome"
)

// start gives j, or the next unborn child of array j, an attempt.
func (m *Machine) start(at batch.Time, j *job, e *fleet.Environment, h *fleet.Host, ahead bool) {
	if j.row.BlockedAt != 0 {
		m.unblock(j)
	}
	if j.isArray() {
		j = m.born(j, j.children.Next())
	} else {
		j.classOf().Remove(j) // not by the change of status: a start lets nothing go that did not fit
	}
	j.row.Attempt++
	j.row.ExitCode, j.row.Reason, j.row.ResultError = nil, "", ""
	m.lastOrder++
	orderedAt := max(at, j.recalledAt+1) // so that a late report of that recall is told from one of this attempt
	j.row.Run = &batch.Run{
		Environment: e.Row.Name, Host: h.Row.ID, OrderedAt: orderedAt, Order: m.lastOrder, Ahead: ahead, Expected: m.lasts(j),
	}
	m.takeNeeds(j.needs())
	m.move(at, j, batch.Starting, "")
	m.join(j)
	m.lead(j)
	m.orderStart(j)
}

func (m *Machine) orderStart(j *job) {
	run := j.row.Run
	top := j.submission()
	o := StartAttempt{
		Attempt: j.row.AttemptID(), Host: run.Host, Environment: run.Environment, QueueName: j.row.QueueName,
		Lane: j.lane.Name, Ahead: run.Ahead, Points: top.Array != nil && top.Array.Points,
	}
	if j.array != nil {
		o.ArraySize = top.Size
	}
	if j.gang != nil {
		o.NodeCount, o.MainNode = j.gang.row.Nodes.Count, j.gang.row.Nodes.Main
		if j.index != o.MainNode {
			o.MainAddress = m.fleet.Hosts[j.gang.row.Run.Host].Row.Address
		}
	}
	m.order(o)
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

// stop orders the live attempt of j to end. A stronger cause replaces a recall, and an order that comes because a host closes.
func (m *Machine) stop(at batch.Time, j *job, cause batch.StopCause, reason string) {
	run := j.row.Run
	if run.Stop != batch.NotStopped && run.Stop != batch.StopRecalled && (run.Stop != batch.StopClosing || cause != batch.StopTerminated) {
		return
	}
	if cause != batch.StopRecalled {
		delete(m.spared, j)
	}
	run.Stop, run.StopReason, run.StoppingAt = cause, clip(reason), at
	m.touch(j)
	m.order(StopAttempt{Attempt: j.row.AttemptID(), Host: run.Host, Recall: cause == batch.StopRecalled, Runner: j.runner()})
}

// outcome is what an attempt of j that ended as x says makes of it.
func (m *Machine) outcome(j *job, run batch.Run, x batch.Exit) outcome.Outcome {
	top := j.submission()
	return outcome.Of(outcome.Attempt{
		Run: &run, Exit: &x, Instance: m.instance(run.Host), Retry: top.Retry, Count: j.row.Attempt - j.row.AttemptsBefore,
		Ended: j.calledOff(), FailOnResultError: top.FailOnResultError,
	})
}

// learn takes the run time of an attempt that succeeded into the history of its definition.
func (m *Machine) learn(j *job, to batch.Status, x batch.Exit) {
	if to == batch.Succeeded && x.StartedAt != 0 {
		m.history.Observe(j.submission().Definition.Name, x.StoppedAt.Sub(x.StartedAt), &m.round.delta.Histories)
	}
}

// recordAttempt writes the row of an attempt of j that ended.
func (m *Machine) recordAttempt(j *job, run batch.Run, x batch.Exit, reason string) {
	m.round.delta.Attempts = append(m.round.delta.Attempts, batch.Attempt{
		ID: x.Attempt, Environment: run.Environment, Host: run.Host, StartedAt: x.StartedAt, StoppedAt: x.StoppedAt,
		StatusReason: clip(reason), Reason: clip(x.Reason), ExitCode: x.Code, Log: x.Log, Usage: x.Usage, ImageDigest: x.ImageDigest,
		ResultError: clip(x.ResultError),
	})
	j.row.ExitCode, j.row.Reason = x.Code, clip(x.Reason)
}

// saveResult keeps what the last attempt of j left, and nothing of an earlier one.
func (m *Machine) saveResult(j *job, x batch.Exit) {
	j.noteResult(x)
	if x.Result != nil {
		m.round.delta.Results = append(m.round.delta.Results, batch.Result{Attempt: x.Attempt, Body: x.Result})
	}
}

func (j *job) noteResult(x batch.Exit) {
	j.row.Result, j.row.ResultError = batch.AttemptID{}, clip(x.ResultError)
	if x.Result != nil {
		j.row.Result = x.Attempt
	}
}

// contentKey is the key of what an attempt of j left. What version 1 submitted with dependencies has none, because its base key
// says nothing of them.
func (j *job) contentKey(x batch.Exit) string {
	if top := j.submission(); top.Key != "" || len(top.DependsOn) == 0 {
		return batch.ContentKey(x.BaseKey, x.ImageDigest, top.InContainer)
	}
	return ""
}
