package sched

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// A host that refuses an attempt is at fault, and not the attempt: the attempt leaves its number to the next one of its
// job, which waits at its old place. While a runner of a host is at fault it gets one start at a time: in the place of an
// attempt that ends, which it is known to have room for, or beyond that after a back-off. A start beyond what it is known
// to hold ends the fault; then as many may follow as have succeeded, twice as many after each, so that a host whose room
// for processes is small and unknown is not sent a whole queue.

// runner is what a host holds of one of the ways in which it runs attempts.
type runner struct {
	kind     batch.Runner
	limit    *batch.Limit // nil: no bound
	fault    *batch.Fault // nil: it is well
	live     int          // attempts that hold a place
	starting int          // of these, those that are ordered and not known to run
	held     int          // of these, nodes that wait for their main node
	due      bool         // that its next try is due has been told to what waits
}

// runners of a host, by whether they run an image.
type runners [2]runner

func (h *host) runner(inContainer bool) *runner {
	if inContainer {
		return &h.runners[1]
	}
	return &h.runners[0]
}

// read takes over the limits and faults of the row of h.
func (h *host) read() {
	for i, kind := range []batch.Runner{batch.Processes, batch.Containers} {
		r := &h.runners[i]
		r.kind, r.limit, r.fault = kind, nil, nil
		for _, limit := range h.row.Limits {
			if limit.Runner == kind {
				r.limit = &limit
			}
		}
		for _, fault := range h.row.Faults {
			if fault.Runner == kind {
				r.fault = &fault
			}
		}
	}
}

// saveHost puts the row of h into this round's delta, with its faults as they are.
func (m *Machine) saveHost(h *host) {
	h.row.Faults = nil
	for i := range h.runners {
		if f := h.runners[i].fault; f != nil {
			h.row.Faults = append(h.row.Faults, *f)
		}
	}
	save(&m.round.delta.Hosts, h.row, func(row batch.Host) bool { return row.ID == h.row.ID })
}

// running is how many attempts r is known to hold.
func (r *runner) running() int32 { return int32(r.live - r.starting - r.held) }

// takes is how many more attempts may be started on r now.
func (r *runner) takes(at batch.Time) int64 {
	n := boundless
	if r.limit != nil {
		n = int64(r.limit.Attempts) - int64(r.live)
	}
	f := r.fault
	if f == nil {
		return max(n, 0)
	}
	room := int64(f.Allow) - int64(r.live)
	if room <= 0 && r.starting == 0 && at >= f.RetryAt {
		room = 1
	}
	if f.Reason != "" {
		room = min(room, int64(max(1-r.starting, 0)))
	}
	return max(min(n, room), 0)
}

// tries reports whether a start on r would be beyond what it is known to hold.
func (r *runner) tries() bool { return r.fault != nil && int64(r.live) >= int64(r.fault.Allow) }

// takes is how many attempts of j, or of its nodes, may be started on h now. What was refused more often than what else
// waits is not tried in this sweep; see [pass.back].
func (h *host) takes(p *pass, j *job) int64 {
	if j.isGang() {
		return h.takesNodes(p, j)
	}
	return h.takesOf(p, j, h.runner(j.inContainer()))
}

func (h *host) takesOf(p *pass, j *job, r *runner) int64 {
	n := r.takes(p.at)
	if back := int32(j.row.Refusals.Back); n > 0 && r.tries() && back > p.back {
		p.later(back)
		return 0
	}
	return n
}

// takesNodes is how many nodes of j h takes. Those of one job are tried together: they start when the main one runs.
func (h *host) takesNodes(p *pass, j *job) int64 {
	n := boundless
	for _, part := range j.row.Nodes.Ranges {
		r := h.runner(part.InContainer)
		takes := h.takesOf(p, j, r)
		if takes > 0 && r.fault != nil && (r.limit == nil || r.limit.Attempts >= int32(r.live)+j.row.Nodes.Count) {
			takes = boundless
		}
		n = min(n, takes)
	}
	return n
}

// most is how many nodes of j h takes when nothing else is on it.
func (h *host) most(j *job) int64 {
	n := boundless
	for _, inContainer := range j.runs() {
		if limit := h.runner(inContainer).limit; limit != nil {
			n = min(n, int64(limit.Attempts))
		}
	}
	return n
}

// throttled reports whether a host that j may use bounds how many attempts of its kind it takes.
func (m *Machine) throttled(j *job) bool {
	for _, e := range m.openOf(j.queue) {
		for _, h := range m.poolOf(e).hosts {
			for _, inContainer := range j.runs() {
				if r := h.runner(inContainer); r.fault != nil || r.limit != nil {
					return true
				}
			}
		}
	}
	return false
}

// later notes that something waits which was refused that often, for another sweep.
func (p *pass) later(back int32) {
	if p.next == 0 || back < p.next {
		p.next = back
	}
}

// turnsAway reports whether hosts are there for c in the environments of its queue, and none of them takes work of it now, because
// of a fault or a limit. Such work holds back nobody.
func (m *Machine) turnsAway(p *pass, c *class) bool {
	j, found := c.head(), false
	for _, e := range m.openOf(j.queue) {
		for _, h := range m.poolOf(e).hosts {
			if !h.row.Ready {
				continue
			}
			if h.takes(p, j) > 0 {
				return false
			}
			found = true
		}
	}
	return found
}

// counted is where an attempt that does not run yet is counted by its runner.
type counted uint8

const (
	notCounted counted = iota
	countedStarting
	countedHeld
)

// count returns the number that an attempt is counted in.
func (r *runner) count(as counted) *int {
	switch as {
	case countedStarting:
		return &r.starting
	case countedHeld:
		return &r.held
	default:
		return new(int)
	}
}

// recount keeps the numbers of attempts that do not run yet. An attempt that left h is counted nowhere.
func (j *job) recount(h *host) {
	as := notCounted
	switch run := j.row.Run; {
	case run == nil || run.Ahead || j.row.Status != batch.Starting || j.lane == nil:
	case run.Held:
		as = countedHeld
	default:
		as = countedStarting
	}
	r := h.runner(j.inContainer())
	*r.count(j.counted)--
	*r.count(as)++
	j.counted = as
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
		m.note(NoteFault, "", "host %s starts no %s: %s", h.row.ID, plurals[r.kind], reason)
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
	if j.row.Refusals.Back < math.MaxUint8 {
		j.row.Refusals.Back++
	}
	m.awaitStart(j)
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
	for _, h := range m.hosts {
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

// faultOf is why no host of the environments of its queue starts what j runs; false if one may.
func (m *Machine) faultOf(j *job) (string, bool) {
	reason, found := "", false
	for _, e := range m.openOf(j.queue) {
		for _, h := range m.poolOf(e).hosts {
			if !h.row.Ready {
				continue
			}
			words := h.faultFor(j)
			if words == "" {
				return "", false
			}
			reason, found = words, true
		}
	}
	return reason, found
}

// faultFor is why h starts nothing of what j runs; empty if it does.
func (h *host) faultFor(j *job) string {
	for _, inContainer := range j.runs() {
		if r := h.runner(inContainer); r.fault != nil && r.fault.Reason != "" {
			return fmt.Sprintf("host %s starts no %s: %s", h.row.ID, plurals[r.kind], r.fault.Reason)
		}
	}
	return ""
}

// runs is what j runs, as arguments of [host.runner].
func (j *job) runs() []bool {
	if !j.isGang() {
		return []bool{j.inContainer()}
	}
	var all []bool
	for _, part := range j.row.Nodes.Ranges {
		if !slices.Contains(all, part.InContainer) {
			all = append(all, part.InContainer)
		}
	}
	return all
}
