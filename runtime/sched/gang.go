package sched

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
	"github.com/batchd/terraform-provider-batch/runtime/sched/outcome"
)

// A multi-node job waits, is retried and ends as one job. When it is placed, all of its nodes are, each with a row, an
// attempt and a place of its own, or none; so two such jobs never hold what the other waits for. The main
// node starts first and the others when it runs; its end is the end of the job, and the end of another
// node is not (AWS Batch user guide, "Multi-node parallel jobs"). The rows of nodes start anew with each attempt.

// placeGang starts every node of j in e, if there is room for all of them.
func (m *Machine) placeGang(p *pass, j *job, e *fleet.Environment) bool {
	w := m.work(j)
	if m.lacksNeeds(j) || place.Fit(w.Total(), e.Free()) == 0 || j.allowed() == 0 {
		return false
	}
	hosts, ok := m.fleet.Pool(e).Spread(w.Demands, func(h *fleet.Host) bool { return p.Takes(h, &w) > 0 })
	if !ok {
		return false
	}
	if len(hosts) > p.budget && p.budget < maxStartsPerRound {
		p.budget = 0 // it is placed in the next round
		return false
	}
	if !p.TakeAll(hosts, &w) || !p.kept.AllowsGang(&w, e, hosts) {
		return false
	}
	m.startGang(p, j, e, hosts)
	return true
}

// startGang gives every node of j an attempt. Only the main one is ordered to start now.
func (m *Machine) startGang(p *pass, j *job, e *fleet.Environment, hosts []*fleet.Host) {
	if j.row.BlockedAt != 0 {
		m.unblock(j)
	}
	j.classOf().Remove(j) // as in [Machine.start]
	j.row.Attempt++
	j.row.ExitCode, j.row.Reason, j.row.ResultError = nil, "", ""
	main := hosts[j.row.Nodes.Main]
	j.row.Run = &batch.Run{Environment: e.Row.Name, Host: main.Row.ID, OrderedAt: p.At, Expected: m.lasts(j)}
	m.move(p.At, j, batch.Starting, "")
	if j.row.Attempt > 1 { // the nodes that have just ended have one row with those that begin
		m.round.dirty = slices.DeleteFunc(m.round.dirty, func(d *job) bool { return d.gang == j })
	}
	j.nodes = make(map[int32]*job, len(hosts))
	for i, h := range hosts {
		index := int32(i)
		node := &job{row: j.row.SynthesiseNode(index), queue: j.queue, gang: j, index: index, entry: -1}
		node.row.Status, node.row.Attempt, node.row.StatusReason = batch.Runnable, j.row.Attempt, ""
		m.lastOrder++
		node.row.Run = &batch.Run{
			Environment: e.Row.Name, Host: h.Row.ID, OrderedAt: p.At, Order: m.lastOrder, Expected: j.row.Run.Expected,
			Held: index != j.row.Nodes.Main,
		}
		j.nodes[index] = node
		m.takeNeeds(node.needs())
		m.move(p.At, node, batch.Starting, "")
		m.join(node)
		p.budget--
	}
	m.placed(p.At, j, 1)
	m.orderStart(j.nodes[j.row.Nodes.Main])
}

// mainStarted lets the other nodes start, which can reach the main one now.
func (m *Machine) mainStarted(at batch.Time, gang *job, main *job) {
	gang.row.StartedAt, gang.row.Refusals = main.row.StartedAt, batch.Refusals{}
	gang.row.Run.StartedAt, gang.row.Run.Log = main.row.Run.StartedAt, main.row.Run.Log
	m.move(at, gang, batch.Running, "")
	m.arm(gang)
	for _, node := range gang.liveNodes() {
		if run := node.row.Run; run.Held && run.Stop == batch.NotStopped {
			m.letStart(at, node)
		}
	}
}

// letStart lets a node start that was held.
func (m *Machine) letStart(at batch.Time, node *job) {
	run := node.row.Run
	run.Held, run.OrderedAt = false, max(at, node.recalledAt+1)
	node.recount()
	m.touch(node)
	node.on.Expect()
	m.orderStart(node)
}

// nodeRefused deals with a node whose attempt its host refused while the main node runs: it keeps its place, and is ordered
// again when its host may be tried again. It reports false if that is not so, or has been done too often.
func (m *Machine) nodeRefused(at batch.Time, node *job, x batch.Exit) bool {
	run, h := node.row.Run, node.on.Host
	if node.index == node.gang.row.Nodes.Main || node.gang.row.Run.Outcome != batch.Submitted || run.Stop != batch.NotStopped || node.row.Refusals.Blamed >= maxBlamed {
		return false
	}
	order := run.Order
	node.row.Refusals.Blamed++
	run.Held, node.recalledAt = true, x.StoppedAt
	node.recount()
	m.lastOrder++
	run.Order = m.lastOrder
	m.touch(node)
	m.held = append(m.held, node)
	m.order(ForgetAttempt{Attempt: x.Attempt, Host: run.Host})
	m.refusedOn(at, h, h.Runner(node.inContainer()), order, x.Reason)
	return true
}

// releaseHeld lets nodes start that their hosts refused and may be tried with again.
func (m *Machine) releaseHeld(at batch.Time) {
	still := m.held[:0]
	for _, node := range m.held {
		run := node.row.Run
		if run == nil || !run.Held || run.Stop != batch.NotStopped || m.attempts[node.row.AttemptID()] != node {
			continue
		}
		if r := node.on.Host.Runner(node.inContainer()); r.Fault == nil || r.Starting == 0 && at >= r.Fault.RetryAt {
			m.letStart(at, node)
			continue
		}
		still = append(still, node)
	}
	m.held = still
}

// nodeEnded closes the attempt of a node. The end of the main node decides what becomes of the job, once the
// others have been stopped.
func (m *Machine) nodeEnded(at batch.Time, node *job, run batch.Run, x batch.Exit) {
	gang := node.gang
	isMain := node.index == gang.row.Nodes.Main
	if x.Kind == batch.Refused && run.Stop == batch.NotStopped && (isMain && m.blamed(gang, x) || !isMain && gang.row.Run.Outcome == batch.Submitted) {
		x.Kind = batch.FailedToStart
	}
	if isMain {
		m.mainEnded(at, gang, run, x)
	}
	if x.Kind.NothingRan() || run.Held {
		node.row.Attempt = 0
		m.move(at, node, batch.Failed, run.StopReason)
	} else {
		out := m.nodeOutcome(node, run, x)
		m.recordAttempt(node, run, x, out.Reason)
		m.saveResult(node, x)
		node.row.StoppedAt = x.StoppedAt
		m.move(at, node, out.To, out.Reason)
	}
	m.finishGang(at, gang)
}

// nodeOutcome is what an ended attempt makes of a node alone: nothing retries a node.
func (m *Machine) nodeOutcome(node *job, run batch.Run, x batch.Exit) outcome.Outcome {
	out := m.outcome(node, run, x)
	if out.To == batch.Runnable {
		out.To = batch.Failed
	}
	return out
}

// mainEnded decides what becomes of gang, and stops its other nodes.
func (m *Machine) mainEnded(at batch.Time, gang *job, run batch.Run, x batch.Exit) {
	out := outcome.Outcome{To: batch.Failed, Reason: run.StopReason}
	switch {
	case x.Kind == batch.Refused && run.Stop == batch.NotStopped:
		out = outcome.Outcome{To: batch.Runnable}
		gang.row.AttemptsBefore++ // its number stays used, so that no order for a node of it meets one of the next
		m.sendBack(gang)
	case !x.Kind.NothingRan():
		out = m.outcome(gang, run, x)
		own := x
		own.Attempt = gang.row.AttemptID()
		m.learn(gang, out.To, x)
		m.recordAttempt(gang, *gang.row.Run, own, out.Reason)
		gang.noteResult(x)
	}
	gang.row.Run.Outcome, gang.row.StatusReason = out.To, clip(out.Reason)
	if out.To.Terminal() {
		gang.row.StoppedAt = x.StoppedAt
	}
	gang.due = 0
	m.touch(gang)
	m.stopNodes(at, gang, batch.StopTerminated, reasonMainEnded)
}

// stopGang ends gang for a cause: its main node is told to end, and with it the others.
func (m *Machine) stopGang(at batch.Time, gang *job, cause batch.StopCause, reason string) {
	if run := gang.row.Run; run.Outcome == batch.Runnable { // it is not tried again, and that is why
		run.Outcome, gang.row.StatusReason, gang.row.StoppedAt = batch.Failed, clip(reason), at
		m.touch(gang)
	}
	if main := gang.nodes[gang.row.Nodes.Main]; main != nil {
		m.stop(at, main, cause, reason)
	}
	m.stopNodes(at, gang, cause, reason)
}

// stopNodes ends every live node of gang but those that are being stopped. Those that wait for the main node never start.
func (m *Machine) stopNodes(at batch.Time, gang *job, cause batch.StopCause, reason string) {
	for _, node := range gang.liveNodes() {
		switch run := node.row.Run; {
		case run == nil: // the main node, which has just ended
		case !run.Held:
			m.stop(at, node, cause, reason)
		case gang.row.Run.Outcome != batch.Submitted:
			run.StopReason = reason
			m.exited(at, batch.Exit{Attempt: node.row.AttemptID(), Kind: batch.Recalled, StoppedAt: at})
		}
	}
}

// finishGang moves gang on when its main node has decided and no node is left.
func (m *Machine) finishGang(at batch.Time, gang *job) {
	if len(gang.nodes) > 0 || gang.row.Run == nil || gang.row.Run.Outcome == batch.Submitted {
		return
	}
	to, reason := gang.row.Run.Outcome, gang.row.StatusReason
	if to == batch.Runnable && gang.calledOff() {
		to = batch.Failed
	}
	gang.row.Run = nil
	m.move(at, gang, to, reason)
}

// liveNodes returns the live nodes of a multi-node job, by index.
func (j *job) liveNodes() []*job {
	nodes := make([]*job, 0, len(j.nodes))
	for _, node := range j.nodes {
		nodes = append(nodes, node)
	}
	slices.SortFunc(nodes, func(a, b *job) int { return int(a.index - b.index) })
	return nodes
}
