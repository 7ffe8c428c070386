package sim

import (
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// What the laws know of the machine's limits on its tries, see package sched.
const (
	maxBlamed   = 10
	maxDoubtful = 3
)

// unfit looks at hosts at fault and at limits.
func (l *laws) unfit(open []*batch.Job) {
	if !l.w.unfit {
		return
	}
	for _, id := range sortedKeys(l.w.store.Hosts) {
		h := l.w.store.Hosts[id]
		for _, f := range h.Faults {
			if f.Reason != "" {
				l.oneTry(h, f, open)
				l.shown(h, f)
			}
		}
		for _, limit := range l.limitsOf(id) {
			l.limit(h, limit, open)
		}
	}
}

// limitsOf are those that a host really has.
func (l *laws) limitsOf(id string) []batch.Limit {
	for _, d := range l.w.drivers {
		if m := d.machine(id); m != nil {
			return m.row.Limits
		}
	}
	return nil
}

// oneTry looks whether a host at fault is tried with one attempt at a time. The nodes of a multi-node job are one.
func (l *laws) oneTry(h batch.Host, f batch.Fault, open []*batch.Job) {
	tried := map[batch.JobID]bool{}
	for _, row := range open {
		if run := row.Run; run != nil && row.Nodes == nil && run.Host == h.ID && l.runnerOf(row) == f.Runner &&
			row.Status == batch.Starting && !run.Ahead && !run.Held && run.Order > f.Order {
			if _, _, isNode := row.ID.SplitNode(); isNode {
				tried[row.ID.Root()] = true
			} else {
				tried[row.ID] = true
			}
		}
	}
	if len(tried) > 1 {
		l.w.broken("one try", "host %s is at fault (%s) and tried with %v", h.ID, f.Reason, sortedIDs(tried))
	}
}

func (l *laws) runnerOf(row *batch.Job) batch.Runner {
	return batch.RunnerOf(l.w.store.Jobs[row.ID.Root()].InContainer)
}

// shown looks whether a host that is well is taken for one at fault for long.
func (l *laws) shown(h batch.Host, f batch.Fault) {
	if l.w.faults.rates[JobRefused] > 0 || !h.Ready {
		return
	}
	for _, d := range l.w.drivers {
		m := d.machine(h.ID)
		if m == nil || m.ails.now[f.Runner] != nil || !m.up {
			continue
		}
		if since := max(m.ails.wellAt[f.Runner], l.w.engine.loadedAt, m.upAt); l.w.now-since > longestBelief {
			l.w.broken("recovery", "host %s starts %s for %s and is taken for one that does not: %s", h.ID, f.Runner, std(l.w.now-since), f.Reason)
		}
	}
}

// limit looks whether a host has more attempts than it takes, when one was started.
func (l *laws) limit(h batch.Host, limit batch.Limit, open []*batch.Job) {
	live, started := 0, false
	for _, row := range open {
		if run := row.Run; run != nil && row.Nodes == nil && run.Host == h.ID && !run.Ahead && l.runnerOf(row) == limit.Runner {
			live++
		}
	}
	for _, row := range l.turn.starts {
		started = started || row.Run.Host == h.ID && !row.Run.Ahead && l.runnerOf(row) == limit.Runner
	}
	if started && live > int(limit.Attempts) && !l.w.pardoned() {
		l.w.broken("limit", "host %s takes %d attempts (%s) and has %d", h.ID, limit.Attempts, limit.Runner, live)
	}
}

// turnedAway is what waits and is not placed for another reason than want of room, by runner: a fault that is known. all is set
// if more than that may be turned away, so that nothing can be said of what waits.
func (l *laws) turnedAway() (runners map[batch.Runner]bool, all bool) {
	runners = map[batch.Runner]bool{}
	if !l.w.unfit {
		return runners, false
	}
	for _, h := range l.w.store.Hosts {
		all = all || h.Ready && len(h.Limits) > 0
		for _, f := range h.Faults {
			runners[f.Runner] = true
			all = all || f.Reason == "" || f.Allow > 0 || l.turn.at >= f.RetryAt || h.Kind != batch.Local
		}
	}
	return runners, all || len(runners) > 1
}
