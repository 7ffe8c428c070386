package sched

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

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

// faulty reports whether a runner has a fault.
func (r *runners) faulty() bool {
	return slices.ContainsFunc(r[:], func(one runner) bool { return one.fault != nil })
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
