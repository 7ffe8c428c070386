package sched

import (
	"math"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// A host that refuses an attempt is at fault, and not the attempt: the attempt leaves its number to the next one of its
// job, which waits at its old place. While a runner of a host is at fault it gets one start at a time: in the place of an
// attempt that ends, which it is known to have room for, or beyond that after a back-off. A start beyond what it is known
// to hold ends the fault; then as many may follow as have succeeded, twice as many after each, so that a host whose room
// for processes is small and unknown is not sent a whole queue.

// saveHost puts the row of h into this round's delta, with its faults as they are.
func (m *Machine) saveHost(h *host) {
	h.row.Faults = nil
	for i := range h.runners {
		if f := h.runners[i].fault; f != nil {
			h.row.Faults = append(h.row.Faults, *f)
		}
	}
	m.noteHost(h)
	save(&m.round.delta.Hosts, h.row, func(row batch.Host) bool { return row.ID == h.row.ID })
}

// noteHost keeps the sets of hosts that every round looks at: there may be thousands of others.
func (m *Machine) noteHost(h *host) {
	faulty := h.runners.faulty()
	keepIf(m.faulty, h, faulty)
	keepIf(m.shown, h, h.row.Ready && (faulty || h.row.Kind == batch.Local))
}

func keepIf(set map[*host]bool, h *host, belongs bool) {
	if belongs {
		set[h] = true
	} else {
		delete(set, h)
	}
}

// hostFault takes in what a driver says of a runner.
func (m *Machine) hostFault(at batch.Time, said batch.HostFault) {
	h := m.hosts[said.Host]
	if h == nil || !h.row.Ready {
		return
	}
	r := h.runner(said.Runner == batch.Containers)
	switch {
	case said.Reason == "" && (r.fault == nil || r.fault.Reason == ""):
		return
	case said.Reason == "":
		r.fault.Order, r.fault.RetryAt = m.lastOrder, at
		m.believeWell(h, r)
	case r.fault != nil && r.fault.Reason == clip(said.Reason):
		return
	default:
		m.blameRunner(at, h, r, said.Reason)
	}
	m.saveHost(h)
	m.changed()
}

// blameRunner notes that r starts nothing.
func (m *Machine) blameRunner(at batch.Time, h *host, r *runner, reason string) {
	if r.fault == nil {
		r.fault = &batch.Fault{Runner: r.kind}
	}
	f := r.fault
	if f.Reason == "" {
		f.Since, f.Order, f.Allow, f.Grown = at, m.lastOrder, r.running(), 0
		f.RetryAt, r.due = at.Add(backOff(f.Tries)), false
		m.note(NoteFault, "", "host %s cannot start %s: %s", h.row.ID, plurals[r.kind], reason)
	}
	f.Reason = clip(reason)
}

// believeWell notes that r is no longer known to be at fault. The next start shows whether it is.
func (m *Machine) believeWell(h *host, r *runner) {
	if r.fault.Reason != "" {
		m.note(NoteWell, "", "host %s starts %s again", h.row.ID, plurals[r.kind])
	}
	r.fault.Reason, r.fault.Since, r.due = "", 0, false
}

var plurals = map[batch.Runner]string{batch.Processes: "processes", batch.Containers: "containers"}

// backOff is the time until the next try after that many in a row have failed: 1, 2, 4, … 60 seconds.
func backOff(tries int32) (pause time.Duration) {
	return min(firstRetry<<min(tries, maxRetryDoublings), lastRetry)
}

// refusedOn notes that r refused an attempt that was ordered as the order-th. Attempts that were on their way together are
// one try.
func (m *Machine) refusedOn(at batch.Time, h *host, r *runner, order int64, reason string) {
	if f := r.fault; f != nil && order > f.Order {
		f.Order, f.Tries = m.lastOrder, min(f.Tries+1, maxRetryDoublings)
		f.RetryAt, r.due = at.Add(backOff(f.Tries)), false
	}
	m.blameRunner(at, h, r, reason)
	f := r.fault
	f.Allow, f.Grown, f.Ended = min(f.Allow, r.running()), 0, false
	m.saveHost(h)
	m.changed()
}

// startedOn notes that an attempt that was ordered as the order-th runs on r.
func (m *Machine) startedOn(h *host, r *runner, order int64) {
	f := r.fault
	if f == nil || order > f.Order {
		m.unsetBack(r)
	}
	if f == nil {
		return
	}
	switch running := r.running(); {
	case running <= f.Allow:
	case order <= f.Order: // it was on its way when the fault began
		f.Allow = running
		m.saveHost(h)
	default:
		m.believeWell(h, r)
		f.Tries, f.RetryAt, f.Allow = 0, 0, running+1<<f.Grown
		if f.Grown++; f.Grown > maxGrowth {
			r.fault = nil
		}
		m.saveHost(h)
	}
	m.changed()
}

// endedOn notes that an attempt of r that ran has ended: others may find room now, whoever was refused before.
func (m *Machine) endedOn(h *host, r *runner) {
	if r.fault != nil && !r.fault.Ended {
		r.fault.Ended = true
		m.saveHost(h)
	}
}

// refused puts back a job whose attempt its host refused. That is the job's failure once it has been blamed too often.
func (m *Machine) refused(at batch.Time, j *job, run batch.Run, x batch.Exit) {
	if m.blamed(j, x) && !m.ended(j) {
		m.excuse(at, m.hosts[run.Host], j)
		x.Kind = batch.FailedToStart
		m.closeAttempt(at, j, run, x)
		return
	}
	m.sendBack(j)
	m.recalled(at, j, run, x.StoppedAt)
}

// excuse lets others be tried at once on h, of which j was refused for a cause of its own.
func (m *Machine) excuse(at batch.Time, h *host, j *job) {
	if f := h.runner(j.inContainer()).fault; f != nil {
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
func (m *Machine) unsetBack(r *runner) {
	back := m.setBack[r.kind]
	if len(back) == 0 {
		return
	}
	delete(m.setBack, r.kind)
	for _, j := range back {
		refusals := &j.row.Refusals
		if refusals.Back == 0 || j.row.Status.Terminal() {
			continue
		}
		if f := r.fault; f != nil && !f.Ended && j.row.Status == batch.Runnable {
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
		j.classOf().fix(j)
	}
}

// retryFaults has what waits looked at again when a runner may be tried again, and asks to be woken for those that may
// not yet.
func (m *Machine) retryFaults(at batch.Time) {
	for h := range m.faulty { // in any order: each may only bring the next wake-up forward
		for i := range h.runners {
			switch r := &h.runners[i]; {
			case r.fault == nil || r.due:
			case at >= r.fault.RetryAt:
				r.due = true
				m.changed()
			default:
				m.wakeBy(r.fault.RetryAt)
			}
		}
	}
}
