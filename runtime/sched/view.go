package sched

import (
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
	for _, e := range m.environments {
		v.Environments = append(v.Environments, EnvironmentView{Name: e.row.Name, Used: e.used, Max: e.row.Max})
	}
	slices.SortFunc(v.Environments, func(a, b EnvironmentView) int { return strings.Compare(a.Name, b.Name) })
	return v
}
