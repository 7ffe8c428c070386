package sched

import (
	"maps"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// View returns the machine for readers.
func (m *Machine) View() View {
	v := View{Unfinished: len(m.jobs), Attempts: len(m.attempts)}
	for _, q := range m.rankedQueues() {
		head := QueueView{Name: q.row.Name, Runnable: q.counts[batch.Runnable], Counts: q.counts, Ended: q.ended}
		if c := q.first(); c != nil {
			head.Head = c.head().row.ID
		}
		v.Queues = append(v.Queues, head)
	}
	faults := m.faultsByPool()
	for _, e := range m.environments {
		shown := EnvironmentView{Name: e.row.Name, Used: e.used, Max: e.row.Max}
		if len(faults) > 0 {
			shown.Fault = faults[m.poolOf(e)].words()
		}
		v.Environments = append(v.Environments, shown)
	}
	for _, h := range byID(m.shown) {
		v.Hosts = append(v.Hosts, h.view())
	}
	slices.SortFunc(v.Environments, func(a, b EnvironmentView) int { return strings.Compare(a.Name, b.Name) })
	return v
}

// byID returns hosts in order of their ids.
func byID(hosts map[*host]bool) []*host {
	return slices.SortedFunc(maps.Keys(hosts), func(a, b *host) int { return strings.Compare(a.row.ID, b.row.ID) })
}

func (h *host) view() HostView {
	v := HostView{ID: h.row.ID}
	for i := range h.runners {
		r := &h.runners[i]
		shown := RunnerView{Runner: r.kind, Live: r.live}
		if r.fault != nil {
			shown.Fault, shown.Since = r.fault.Reason, r.fault.Since
		}
		if r.limit != nil {
			shown.Limit, shown.LimitReason = int(r.limit.Attempts), r.limit.Reason
		}
		v.Runners = append(v.Runners, shown)
	}
	return v
}
