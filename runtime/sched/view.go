package sched

import (
	"maps"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
	"github.com/batchd/terraform-provider-batch/runtime/place/why"
)

// View returns the machine for readers.
func (m *Machine) View() View {
	v := View{Unfinished: len(m.jobs), Attempts: len(m.attempts)}
	for _, q := range m.rankedQueues() {
		head := QueueView{Name: q.row.Name, Runnable: q.counts[batch.Runnable], Counts: q.counts, Ended: q.ended}
		if c := q.line.First(); c != nil {
			head.Head = c.Head().row.ID
		}
		v.Queues = append(v.Queues, head)
	}
	faults := why.FaultsByPool(byID(m.faulty))
	for _, e := range m.fleet.Environments {
		shown := EnvironmentView{Name: e.Row.Name, Used: e.Used, Max: e.Row.Max}
		if len(faults) > 0 {
			shown.Fault = clip(faults[m.fleet.Pool(e)].StatusReason())
		}
		v.Environments = append(v.Environments, shown)
	}
	for _, h := range byID(m.shown) {
		v.Hosts = append(v.Hosts, view(h))
	}
	slices.SortFunc(v.Environments, func(a, b EnvironmentView) int { return strings.Compare(a.Name, b.Name) })
	return v
}

// byID returns hosts in order of their ids.
func byID(hosts map[*fleet.Host]bool) []*fleet.Host {
	return slices.SortedFunc(maps.Keys(hosts), func(a, b *fleet.Host) int { return strings.Compare(a.Row.ID, b.Row.ID) })
}

func view(h *fleet.Host) HostView {
	v := HostView{ID: h.Row.ID}
	for i := range h.Runners {
		r := &h.Runners[i]
		shown := RunnerView{Runner: r.Kind, Live: r.Live}
		if r.Fault != nil {
			shown.Fault, shown.Since = r.Fault.Reason, r.Fault.Since
		}
		if r.Limit != nil {
			shown.Limit, shown.LimitReason = int(r.Limit.Attempts), r.Limit.Reason
		}
		v.Runners = append(v.Runners, shown)
	}
	return v
}
