package sched

import (
	"math"
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
		case m.consumables[n.Resource] == nil:
			return batch.Errorf(batch.InvalidRequest, "%s: consumable resource %s does not exist; create it first", field, n.Resource)
		case slices.ContainsFunc(needs[:i], func(o batch.Need) bool { return o.Resource == n.Resource }):
			return batch.Errorf(batch.InvalidRequest, "%s: consumable resource %s is given twice; give the sum once", field, n.Resource)
		}
	}
	return nil
}

// missingNeed returns the first of needs that cannot be taken now, and how much of it is available; missing is false if
// all can be taken. Of a resource that was deleted nothing is available.
func (m *Machine) missingNeed(needs []batch.Need) (need batch.Need, available int64, missing bool) {
	for _, n := range needs {
		c := m.consumables[n.Resource]
		switch {
		case c == nil:
			return n, 0, true
		case c.available() < n.Quantity:
			return n, c.available(), true
		}
	}
	return batch.Need{}, 0, false
}

// takeNeeds takes what an attempt needs when its start is decided.
func (m *Machine) takeNeeds(needs []batch.Need) {
	m.holdNeeds(needs)
	for _, n := range needs {
		if c := m.consumables[n.Resource]; c != nil && !c.row.Replenishable {
			c.row.Total -= n.Quantity
			m.saveConsumable(c)
		}
	}
}

// holdNeeds books again what a live attempt took, after a load: the totals in the rows are without it already.
func (m *Machine) holdNeeds(needs []batch.Need) {
	for _, n := range needs {
		if c := m.consumables[n.Resource]; c != nil && c.row.Replenishable {
			c.used += n.Quantity
		}
	}
}

// giveNeeds takes an attempt that has ended off the books. What is not replenishable comes back only if the attempt
// did not run.
func (m *Machine) giveNeeds(needs []batch.Need, ran bool) {
	for _, n := range needs {
		c := m.consumables[n.Resource]
		switch {
		case c == nil:
		case c.row.Replenishable:
			c.used -= n.Quantity
		case !ran:
			c.row.Total += min(n.Quantity, math.MaxInt64-c.row.Total)
			m.saveConsumable(c)
		}
	}
}

// consumableUse is how much attempts hold of each of these resources that exists.
func (m *Machine) consumableUse(names []string) map[string]int64 {
	use := make(map[string]int64, len(names))
	for _, name := range names {
		if c := m.consumables[name]; c != nil {
			use[name] = c.used
		}
	}
	return use
}

// checkConsumables holds the books against held, which is what live attempts need of each replenishable resource.
func (m *Machine) checkConsumables(held map[string]int64, fail func(string, ...any)) {
	for name, c := range m.consumables {
		if c.row.Replenishable && c.used != held[name] || !c.row.Replenishable && c.used != 0 {
			fail("consumable resource %s books %d in use, attempts hold %d", name, c.used, held[name])
		}
		if c.row.Total < 0 {
			fail("consumable resource %s has a total of %d", name, c.row.Total)
		}
	}
}
