package sched

import (
	"cmp"
	"iter"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
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
		if onTheWay := h.Row.Launch != nil && h.Row.Launch.Stage != batch.Gone; !h.Row.Ready && !onTheWay && at.Sub(h.Row.SeenAt) >= forgetHostAfter {
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
		m.reconsiderAll() // who has no hosts of its own any more may use those of its kind
	}
}
