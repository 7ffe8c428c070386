package sched

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// checkNeeds refuses a submission whose attempts need something that is not there. More than there is of a resource is in
// order: it waits.
func (m *Machine) checkNeeds(needs []batch.Need) error {
	const field = "consumableResourceProperties.consumableResourceList"
	if n := len(needs); n > batch.MaxNeeds {
		return batch.Errorf(batch.InvalidRequest, "%s has %d entries; at most %d are allowed", field, n, batch.MaxNeeds)
	}
	for i, n := range needs {
		switch {
		case n.Quantity < 1 || n.Quantity > maxQuantity:
			return batch.Errorf(batch.InvalidRequest, "%s: the quantity of %s is %d; 1 to %d are allowed", field, n.Resource, n.Quantity, int64(maxQuantity))
		case m.fleet.Stocks[n.Resource] == nil:
			return batch.Errorf(batch.InvalidRequest, "%s: consumable resource %s does not exist; create it first", field, n.Resource)
		case slices.ContainsFunc(needs[:i], func(o batch.Need) bool { return o.Resource == n.Resource }):
			return batch.Errorf(batch.InvalidRequest, "%s: consumable resource %s is given twice; give the sum once", field, n.Resource)
		}
	}
	return nil
}

// takeNeeds takes what an attempt needs when its start is decided.
func (m *Machine) takeNeeds(needs []batch.Need) {
	for _, n := range needs {
		if s := m.fleet.Stocks[n.Resource]; s != nil && s.Take(n.Quantity) {
			m.saveConsumable(s)
		}
	}
}

// holdNeeds books again what a live attempt took, after a load: the totals in the rows are without it already.
func (m *Machine) holdNeeds(needs []batch.Need) {
	for _, n := range m.fleet.Returns(needs) {
		m.fleet.Stocks[n.Resource].Used += n.Quantity
	}
}

// giveNeeds takes an attempt that has ended off the books. What is not replenishable comes back only if the attempt
// did not run.
func (m *Machine) giveNeeds(needs []batch.Need, ran bool) {
	for _, n := range needs {
		if s := m.fleet.Stocks[n.Resource]; s != nil && s.Give(n.Quantity, ran) {
			m.saveConsumable(s)
		}
	}
}

// consumableUse is how much there is of each of these resources that exists, and how much of it attempts hold.
func (m *Machine) consumableUse(names []string) map[string]ConsumableStock {
	use := make(map[string]ConsumableStock, len(names))
	for _, name := range names {
		if c := m.fleet.Stocks[name]; c != nil {
			use[name] = ConsumableStock{Total: c.Row.Total, InUse: c.Used}
		}
	}
	return use
}

// checkConsumables holds the books against held, which is what live attempts need of each replenishable resource.
func (m *Machine) checkConsumables(held map[string]int64, fail func(string, ...any)) {
	for name, c := range m.fleet.Stocks {
		if c.Row.Replenishable && c.Used != held[name] || !c.Row.Replenishable && c.Used != 0 {
			fail("consumable resource %s books %d in use, attempts hold %d", name, c.Used, held[name])
		}
		if c.Row.Total < 0 {
			fail("consumable resource %s has a total of %d", name, c.Row.Total)
		}
	}
}

// needs is what one attempt of j takes of consumable resources; of a multi-node job, see [fleet.Ask]. What a multi-node
// job needs once is taken by its main node.
func (j *job) needs() []batch.Need {
	if j.gang == nil {
		return j.top().row.Needs
	}
	nodes := j.gang.row.Nodes
	if j.index == nodes.Main && len(j.gang.row.Needs) > 0 {
		return slices.Concat(j.gang.row.Needs, nodes.Range(j.index).Needs)
	}
	return nodes.Range(j.index).Needs
}

// lacksNeeds reports whether j lacks a consumable resource.
func (m *Machine) lacksNeeds(j *job) bool {
	_, _, missing := m.fleet.Missing(j.ask().Needs)
	return missing
}
