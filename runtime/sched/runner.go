package sched

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// takes is how many attempts of j, or of its nodes, may be started on h now. What was refused more often than what else
// waits is not tried in this sweep; see [pass.back].
func (p *pass) takes(h *fleet.Host, j *job) int64 {
	if j.isGang() {
		return p.takesNodes(h, j)
	}
	return p.takesOf(j, h.Runner(j.inContainer()))
}

func (p *pass) takesOf(j *job, r *fleet.Runner) int64 {
	n := r.Takes(p.at)
	if back := int32(j.row.Refusals.Back); n > 0 && r.Tries() && back > p.back {
		p.later(back)
		return 0
	}
	return n
}

// takesNodes is how many nodes of j h takes. Those of one job are tried together: they start when the main one runs.
func (p *pass) takesNodes(h *fleet.Host, j *job) int64 {
	n := fleet.Boundless
	for _, part := range j.row.Nodes.Ranges {
		r := h.Runner(part.InContainer)
		takes := p.takesOf(j, r)
		if takes > 0 && r.Fault != nil && (r.Limit == nil || r.Limit.Attempts >= int32(r.Live)+j.row.Nodes.Count) {
			takes = fleet.Boundless
		}
		n = min(n, takes)
	}
	return n
}

// most is how many nodes of j h takes when nothing else is on it.
func most(h *fleet.Host, j *job) int64 {
	n := fleet.Boundless
	for _, inContainer := range j.runs() {
		if limit := h.Runner(inContainer).Limit; limit != nil {
			n = min(n, int64(limit.Attempts))
		}
	}
	return n
}

// throttled reports whether a host that j may use bounds how many attempts of its kind it takes.
func (m *Machine) throttled(j *job) bool {
	for _, e := range m.openOf(j.queue) {
		for _, h := range m.fleet.Pool(e).Hosts {
			for _, inContainer := range j.runs() {
				if r := h.Runner(inContainer); r.Fault != nil || r.Limit != nil {
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
	j, found := c.Head(), false
	for _, e := range m.openOf(j.queue) {
		for _, h := range m.fleet.Pool(e).Hosts {
			if !h.Row.Ready {
				continue
			}
			if p.takes(h, j) > 0 {
				return false
			}
			found = true
		}
	}
	return found
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

// runs is what j runs, as arguments of [fleet.Host.Runner].
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
