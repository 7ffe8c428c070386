package sched

import (
	"cmp"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// ListHosts asks for the hosts that are there or on their way, and for what runs on them.
type ListHosts struct {
	Environment string // only those that it may use; empty: all
	Jobs        int    // of how many jobs a host names the ids, at most
}

// Inventory is the answer to [ListHosts].
type Inventory struct{ Hosts []HostInventory }

// HostInventory is one host and what attempts hold of it.
type HostInventory struct {
	Row  batch.Host
	Used batch.Shape
	Live int           // attempts that hold a place
	Jobs []batch.JobID // of the live attempts, those that were ordered first
}

func (ListHosts) query() {}

// Answers implements [Answering].
func (ListHosts) Answers(Inventory) {}

// inventory answers [ListHosts]: hosts by environment and id, without those that are gone.
func (m *Machine) inventory(q ListHosts) (Inventory, error) {
	e := m.fleet.Environments[q.Environment]
	if e == nil && q.Environment != "" {
		return Inventory{}, batch.Errorf(batch.NotFound, "compute environment %s does not exist", q.Environment)
	}
	held := map[*fleet.Host][]*job{}
	for _, j := range m.attempts {
		if j.on != nil && j.on.Host != nil {
			held[j.on.Host] = append(held[j.on.Host], j)
		}
	}
	var answer Inventory
	for _, h := range m.fleet.Hosts {
		if l := h.Row.Launch; l != nil && l.Stage == batch.Gone || l == nil && !h.Row.Ready || e != nil && !serves(h, e) {
			continue
		}
		slices.SortFunc(held[h], func(a, b *job) int { return cmp.Compare(a.row.Run.Order, b.row.Run.Order) })
		listed := HostInventory{Row: h.Row, Used: h.Used, Live: h.Live()}
		for _, j := range held[h][:min(q.Jobs, len(held[h]))] {
			listed.Jobs = append(listed.Jobs, j.row.ID)
		}
		answer.Hosts = append(answer.Hosts, listed)
	}
	slices.SortFunc(answer.Hosts, func(a, b HostInventory) int {
		return cmp.Or(slices.Compare(a.Row.Environments, b.Row.Environments), strings.Compare(a.Row.ID, b.Row.ID))
	})
	return answer, nil
}

// serves reports whether h is one of the hosts of e.
func serves(h *fleet.Host, e *fleet.Environment) bool {
	if len(h.Row.Environments) == 0 {
		return h.Row.Kind == e.Row.Kind
	}
	return slices.Contains(h.Row.Environments, e.Row.Name)
}
