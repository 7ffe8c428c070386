package sched

import (
	"math"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// A host that refuses an attempt is at fault, and not the attempt: the attempt leaves its number to the next one of its
// job, which waits at its old place. While a runner of a host is at fault it gets one start at a time: in the place of an
// attempt that ends, which it is known to have room for, or beyond that after a back-off. A start beyond what it is known
// to hold ends the fault; then as many may follow as have succeeded, twice as many after each, so that a host whose room
// for processes is small and unknown is not sent a whole queue.

// saveHost puts the row of h into this round's delta, with its faults as they are.
func (m *Machine) saveHost(h *fleet.Host) {
	h.Row.Faults = nil
	for i := range h.Runners {
		if f := h.Runners[i].Fault; f != nil {
			h.Row.Faults = append(h.Row.Faults, *f)
		}
	}
	m.noteHost(h)
	save(&m.round.delta.Hosts, h.Row, func(row batch.Host) bool { return row.ID == h.Row.ID })
}

// noteHost keeps the sets of hosts that every round looks at: there may be thousands of others.
func (m *Machine) noteHost(h *fleet.Host) {
	faulty := h.Runners.Faulty()
	keepIf(m.faulty, h, faulty)
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
		r.Fault.Order, r.Fault.RetryAt = m.lastOrder, at
		m.believeWell(h, r)
	case r.Fault != nil && r.Fault.Reason == clip(said.Reason):
		return
	default:
		m.blameRunner(at, h, r, said.Reason)
	}
	m.saveHost(h)
	m.changed()
}

// blameRunner notes that r starts nothing.
func (m *Machine) blameRunner(at batch.Time, h *fleet.Host, r *fleet.Runner, reason string) {
	if r.Fault == nil {
		r.Fault = &batch.Fault{Runner: r.Kind}
	}
	f := r.Fault
	if f.Reason == "" {
		f.Since, f.Order, f.Allow, f.Grown = at, m.lastOrder, r.Running(), 0
		f.RetryAt, r.Due = at.Add(backOff(f.Tries)), false
		m.note(NoteFault, "", "host %s cannot start %s: %s", h.Row.ID, plurals[r.Kind], reason)
	}
	f.Reason = clip(reason)
}

// believeWell notes that r is no longer known to be at fault. The next start shows whether it is.
func (m *Machine) believeWell(h *fleet.Host, r *fleet.Runner) {
	if r.Fault.Reason != "" {
		m.note(NoteWell, "", "host %s starts %s again", h.Row.ID, plurals[r.Kind])
	}
	r.Fault.Reason, r.Fault.Since, r.Due = "", 0, false
}

var plurals = map[batch.Runner]string{batch.Processes: "processes", batch.Containers: "containers"}

// backOff is the time until the next try after that many in a row have failed: 1, 2, 4, … 60 seconds.
func backOff(tries int32) (pause time.Duration) {
	return min(firstRetry<<min(tries, maxRetryDoublings), lastRetry)
}

// refusedOn notes that r refused an attempt that was ordered as the order-th. Attempts that were on their way together are
// one try.
func (m *Machine) refusedOn(at batch.Time, h *fleet.Host, r *fleet.Runner, order int64, reason string) {
	if f := r.Fault; f != nil && order > f.Order {
		f.Order, f.Tries = m.lastOrder, min(f.Tries+1, maxRetryDoublings)
		f.RetryAt, r.Due = at.Add(backOff(f.Tries)), false
	}
	m.blameRunner(at, h, r, reason)
	f := r.Fault
	f.Allow, f.Grown, f.Ended = min(f.Allow, r.Running()), 0, false
	m.saveHost(h)
	m.changed()
}

// startedOn notes that an attempt that was ordered as the order-th runs on r.
func (m *Machine) startedOn(h *fleet.Host, r *fleet.Runner, order int64) {
	f := r.Fault
	if f == nil || order > f.Order {
		m.unsetBack(r)
	}
	if f == nil {
		return
	}
	switch running := r.Running(); {
	case running <= f.Allow:
	case order <= f.Order: // it was on its way when the fault began
		f.Allow = running
		m.saveHost(h)
	default:
		m.believeWell(h, r)
		f.Tries, f.RetryAt, f.Allow = 0, 0, running+1<<f.Grown
		if f.Grown++; f.Grown > maxGrowth {
			r.Fault = nil
		}
		m.saveHost(h)
	}
	m.changed()
}

// endedOn notes that an attempt of r that ran has ended: others may find room now, whoever was refused before.
func (m *Machine) endedOn(h *fleet.Host, r *fleet.Runner) {
	if r.Fault != nil && !r.Fault.Ended {
		r.Fault.Ended = true
		m.saveHost(h)
	}
}

// refused puts back a job whose attempt its host refused. That is the job's failure once it has been blamed too often.
func (m *Machine) refused(at batch.Time, j *job, run batch.Run, x batch.Exit) {
	if m.blamed(j, x) && !m.ended(j) {
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
	if f := h.Runner(j.inContainer()).Fault; f != nil {
		f.Tries, f.RetryAt = 0, at
		m.saveHost(h)
		m.changed()
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
	for _, inContainer := range j.runs() {
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
	m.changed()
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
				m.changed()
			default:
				m.wakeBy(r.Fault.RetryAt)
			}
		}
	}
}
