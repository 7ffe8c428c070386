package sched

import (
	"cmp"
	"iter"
	"math"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
	"github.com/batchd/terraform-provider-batch/runtime/place/why"
)

// setHost makes row the state of its host, and puts the host into the pools it belongs to.
func (m *Machine) setHost(row batch.Host) { m.noteHost(m.fleet.Set(row, m.allocations())) }

// allocations yields what live attempts hold, in the order of their jobs.
func (m *Machine) allocations() iter.Seq[*fleet.Allocation] {
	return func(yield func(*fleet.Allocation) bool) {
		for _, j := range m.liveAttempts() {
			if !yield(j.on) {
				return
			}
		}
	}
}

// forgetHosts drops hosts that have been gone for so long that no census taken before they went is still on its way. They hold
// nothing: attempts are lost with their host.
func (m *Machine) forgetHosts(at batch.Time) {
	var gone []*fleet.Host
	for _, h := range m.fleet.Hosts {
		launched := h.Row.Launch != nil && h.Row.Launch.Stage != batch.Gone // it may be ready later, or has yet to be given back
		if !h.Row.Ready && !launched && at.Sub(h.Row.SeenAt) >= forgetHostAfter {
			gone = append(gone, h)
		}
	}
	slices.SortFunc(gone, func(a, b *fleet.Host) int { return cmp.Compare(a.Row.ID, b.Row.ID) })
	for _, h := range gone[:min(len(gone), maxForgotten)] {
		m.fleet.Drop(h)
		h.Row.Deleted = true
		save(&m.round.delta.Hosts, h.Row, func(row batch.Host) bool { return row.ID == h.Row.ID })
	}
	if len(gone) > 0 {
		m.reconsiderAll() // an environment that has no hosts of its own any longer may use those of its kind
	}
}

// instance is what the reasons of attempts call a host: the name of its instance if it was launched, or else its id.
func (m *Machine) instance(id string) string {
	if h := m.fleet.Hosts[id]; h != nil && h.Row.Launch != nil {
		return cmp.Or(h.Row.Name, id)
	}
	return id
}

// saveHost puts the row of h into this round's delta, with its faults as they are.
func (m *Machine) saveHost(h *fleet.Host) {
	h.Save()
	m.noteHost(h)
	save(&m.round.delta.Hosts, h.Row, func(row batch.Host) bool { return row.ID == h.Row.ID })
}

// noteHost keeps the sets of hosts that every round looks at: there may be thousands of others.
func (m *Machine) noteHost(h *fleet.Host) {
	faulty := h.Runners.Faulty()
	keepIf(m.faulty, h, faulty)
	keepIf(m.closing, h, h.Row.Ready && h.Row.Closing != nil)
	keepIf(m.shown, h, h.Row.Ready && (faulty || h.Row.Kind == batch.Local))
}

func keepIf(set map[*fleet.Host]bool, h *fleet.Host, belongs bool) {
	if belongs {
		set[h] = true
	} else {
		delete(set, h)
	}
}

// hostFault takes in what a driver says of a runner.
func (m *Machine) hostFault(at batch.Time, said batch.HostFault) {
	h := m.fleet.Hosts[said.Host]
	if h == nil || !h.Row.Ready {
		return
	}
	r := h.Runner(said.Runner == batch.Containers)
	switch {
	case said.Reason == "" && (r.Fault == nil || r.Fault.Reason == ""):
		return
	case said.Reason == "":
		m.tell(h, r, r.Excuse(at, m.lastOrder))
	case r.Fault != nil && r.Fault.Reason == clip(said.Reason):
		return
	default:
		m.tell(h, r, r.Blame(at, m.lastOrder, clip(said.Reason)))
	}
	m.saveHost(h)
	m.mayFit()
}

// tell notes for people what has become of r, a runner of h.
func (m *Machine) tell(h *fleet.Host, r *fleet.Runner, news fleet.News) {
	switch news {
	case fleet.Failed:
		m.note(NoteFault, "", "host %s cannot start %s: %s", h.Row.ID, why.Plurals[r.Kind], r.Fault.Reason)
	case fleet.Well:
		m.note(NoteWell, "", "host %s starts %s again", h.Row.ID, why.Plurals[r.Kind])
	case fleet.NoNews:
	}
}

// refusedOn notes that r, a runner of h, refused an attempt that was ordered as the order-th.
func (m *Machine) refusedOn(at batch.Time, h *fleet.Host, r *fleet.Runner, order int64, reason string) {
	m.tell(h, r, r.Refused(at, order, m.lastOrder, clip(reason)))
	m.saveHost(h)
	m.mayFit()
}

// startedOn notes that an attempt that was ordered as the order-th runs on r, a runner of h.
func (m *Machine) startedOn(h *fleet.Host, r *fleet.Runner, order int64) {
	if r.Fault == nil || order > r.Fault.Order {
		m.unsetBack(r)
	}
	if r.Fault == nil {
		return
	}
	news, changed := r.Started(order)
	m.tell(h, r, news)
	if changed {
		m.saveHost(h)
	}
	m.mayFit()
}

// endedOn notes that an attempt of r, a runner of h, that ran has ended.
func (m *Machine) endedOn(h *fleet.Host, r *fleet.Runner) {
	if r.Ended() {
		m.saveHost(h)
	}
}

// refused puts back a job whose attempt its host refused. That is the job's failure once it has been blamed too often.
func (m *Machine) refused(at batch.Time, j *job, run batch.Run, x batch.Exit) {
	if m.blamed(j, x) && !j.calledOff() {
		m.excuse(at, m.fleet.Hosts[run.Host], j)
		x.Kind = batch.FailedToStart
		m.closeAttempt(at, j, run, x)
		return
	}
	m.sendBack(j)
	m.recalled(at, j, run, x.StoppedAt)
}

// excuse lets others be tried at once on h, of which j was refused for a cause of its own.
func (m *Machine) excuse(at batch.Time, h *fleet.Host, j *job) {
	if h.Runner(j.inContainer()).RetryNow(at) {
		m.saveHost(h)
		m.mayFit()
	}
}

// blamed reports whether a refusal is the failure of j, because it was to blame for as many as are allowed. A cause that is not
// known counts as one.
func (m *Machine) blamed(j *job, x batch.Exit) bool {
	refusals := &j.row.Refusals
	if !x.Doubtful {
		return refusals.Blamed >= maxBlamed
	}
	refusals.Blamed++
	return refusals.Blamed > maxDoubtful
}

// sendBack has what was refused less often than j tried first.
func (m *Machine) sendBack(j *job) {
	if j.row.Refusals.Back == 0 {
		m.awaitStart(j)
	}
	if j.row.Refusals.Back < math.MaxUint8 {
		j.row.Refusals.Back++
	}
}

// awaitStart has j take its place again when something starts on a runner of its kind.
func (m *Machine) awaitStart(j *job) {
	for _, inContainer := range j.ask().Containers {
		kind := batch.RunnerOf(inContainer)
		m.setBack[kind] = append(m.setBack[kind], j)
	}
}

// unsetBack gives jobs that were refused their places again, because something has started on r. If nothing had ended there, what
// was refused before may be to blame itself.
func (m *Machine) unsetBack(r *fleet.Runner) {
	back := m.setBack[r.Kind]
	if len(back) == 0 {
		return
	}
	delete(m.setBack, r.Kind)
	for _, j := range back {
		refusals := &j.row.Refusals
		if refusals.Back == 0 || j.row.Status.Terminal() {
			continue
		}
		if f := r.Fault; f != nil && !f.Ended && j.row.Status == batch.Runnable {
			refusals.Blamed++
		}
		refusals.Back = 0
		m.touch(j)
		m.rerank(j)
	}
	m.mayFit()
}

// rerank gives j its place in its queue after its rank has changed.
func (m *Machine) rerank(j *job) {
	switch {
	case j.parked:
		m.dequeue(j)
		m.enqueue(j)
	case j.entry >= 0:
		j.classOf().Fix(j)
	}
}

// retryFaults has what waits looked at again when a runner may be tried again, and asks to be woken for those that may
// not yet.
func (m *Machine) retryFaults(at batch.Time) {
	for h := range m.faulty { // in any order: each may only bring the next wake-up forward
		for i := range h.Runners {
			switch r := &h.Runners[i]; {
			case r.Fault == nil || r.Due:
			case at >= r.Fault.RetryAt:
				r.Due = true
				m.mayFit()
			default:
				m.wakeBy(r.Fault.RetryAt)
			}
		}
	}
}

// recount keeps the numbers of attempts that do not run yet. An attempt that has left its host is counted nowhere.
func (j *job) recount() {
	as := fleet.NotCounted
	switch run := j.row.Run; {
	case run == nil || run.Ahead || j.row.Status != batch.Starting || j.lane == nil:
	case run.Held:
		as = fleet.CountedHeld
	default:
		as = fleet.CountedStarting
	}
	j.on.Count(as)
}
