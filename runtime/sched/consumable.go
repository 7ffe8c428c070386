package sched

import (
	"maps"
	"math"
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// tokenMemory is for how long an update of a consumable resource is recognised by its client token (AWS's).
const tokenMemory = 8 * time.Hour

// loadConsumables makes the consumable resources; what live attempts hold of them is then given by holdNeeds.
func (m *Machine) loadConsumables(s batch.Snapshot) {
	for _, row := range s.Consumables {
		m.fleet.Stocks[row.Name] = &fleet.Stock{Row: row}
	}
}

func (m *Machine) dumpConsumables(line func(string, ...any)) {
	for _, name := range slices.Sorted(maps.Keys(m.fleet.Stocks)) {
		c := m.fleet.Stocks[name]
		line("consumable %s used=%d row=%s", name, c.Used, batch.Text(c.Row))
	}
}

// CreateConsumable makes a consumable resource.
type CreateConsumable struct {
	replies[Done]
	batch.Caller
	Consumable batch.Consumable
	Tags       map[string]string
}

func (c CreateConsumable) apply(m *Machine, at batch.Time) (any, error) {
	row := c.Consumable
	if err := checkNew("consumable resource", m.fleet.Stocks, row.Name, batch.MaxConsumables); err != nil {
		return nil, err
	}
	if row.Total < 0 {
		return nil, batch.Errorf(batch.InvalidRequest, "totalQuantity: given %d; 0 or more is allowed", row.Total)
	}
	row.CreatedAt, row.Token, row.TokenAt, row.Deleted = at, "", 0, false
	m.fleet.Stocks[row.Name] = &fleet.Stock{Row: row}
	m.saveConsumable(m.fleet.Stocks[row.Name])
	m.reconsiderAll()
	m.setResourceTags(batch.ResourceConsumable+"/"+row.Name, c.Tags)
	m.audit(at, c.Caller, "CreateConsumableResource", row.Name)
	return c.reply(Done{})
}

// UpdateConsumable changes the total of a consumable resource.
type UpdateConsumable struct {
	replies[ConsumableReply]
	batch.Caller
	Name      string
	Operation ConsumableOperation
	Quantity  int64  // 0 or more
	Token     string // a repeated update with the same token changes nothing; empty for none
}

// ConsumableOperation is what an update does to the total.
type ConsumableOperation string

// The operations. A total never falls below zero.
const (
	SetTotal    ConsumableOperation = "SET"
	AddTotal    ConsumableOperation = "ADD"
	RemoveTotal ConsumableOperation = "REMOVE"
)

// ConsumableReply says what there is now.
type ConsumableReply struct{ Total int64 }

func (c UpdateConsumable) apply(m *Machine, at batch.Time) (any, error) {
	r, ok := m.fleet.Stocks[c.Name]
	if !ok {
		return nil, batch.Errorf(batch.NotFound, "consumable resource %s does not exist", c.Name)
	}
	if c.Token != "" && c.Token == r.Row.Token && at.Sub(r.Row.TokenAt) < tokenMemory {
		return c.reply(ConsumableReply{Total: r.Row.Total})
	}
	total, err := changedTotal(r, c)
	if err != nil {
		return nil, err
	}
	r.Row.Total = total
	if c.Token != "" {
		r.Row.Token, r.Row.TokenAt = c.Token, at
	}
	m.saveConsumable(r)
	m.reconsiderAll()
	m.audit(at, c.Caller, "UpdateConsumableResource", c.Name)
	return c.reply(ConsumableReply{Total: total})
}

// changedTotal is the total of s after that update.
func changedTotal(s *fleet.Stock, u UpdateConsumable) (int64, error) {
	total := s.Row.Total
	if u.Quantity < 0 {
		return 0, batch.Errorf(batch.InvalidRequest, "quantity: given %d; 0 or more is allowed", u.Quantity)
	}
	switch u.Operation {
	case SetTotal:
		return u.Quantity, nil
	case AddTotal:
		if u.Quantity > math.MaxInt64-total {
			return 0, batch.Errorf(batch.InvalidRequest, "quantity: given %d; consumable resource %s has a total of %d, so at most %d can be added", u.Quantity, u.Name, total, math.MaxInt64-total)
		}
		return total + u.Quantity, nil
	case RemoveTotal:
		if u.Quantity > total {
			return 0, batch.Errorf(batch.InvalidRequest, "quantity: given %d; consumable resource %s has a total of %d, so at most that can be removed", u.Quantity, u.Name, total)
		}
		return total - u.Quantity, nil
	default:
		return 0, batch.Errorf(batch.InvalidRequest, "operation: given %q; SET, ADD and REMOVE are allowed", u.Operation)
	}
}

// DeleteConsumable deletes a consumable resource that no unfinished job needs.
type DeleteConsumable struct {
	replies[Done]
	batch.Caller
	Name string
}

func (c DeleteConsumable) apply(m *Machine, at batch.Time) (any, error) {
	r, ok := m.fleet.Stocks[c.Name]
	if !ok {
		return c.reply(Done{})
	}
	if j := m.oldestNeeding(c.Name); j != nil {
		return nil, batch.Errorf(batch.InvalidRequest, "Cannot delete, job %s needs consumable resource %s and has not ended; wait for it or terminate it", j.row.ID, c.Name)
	}
	delete(m.fleet.Stocks, c.Name)
	r.Row.Deleted = true
	m.saveConsumable(r)
	m.setResourceTags(batch.ResourceConsumable+"/"+c.Name, nil)
	m.audit(at, c.Caller, "DeleteConsumableResource", c.Name)
	return c.reply(Done{})
}

// oldestNeeding returns the first submission that needs the resource and has not ended; nil if there is none.
func (m *Machine) oldestNeeding(resource string) *job {
	var oldest *job
	for _, j := range m.jobs {
		if needsResource(&j.row, resource) && (oldest == nil || compareJobs(j, oldest) < 0) {
			oldest = j
		}
	}
	return oldest
}

// needsResource reports whether attempts of a submission need the resource.
func needsResource(row *batch.Job, resource string) bool {
	named := func(n batch.Need) bool { return n.Resource == resource }
	if slices.ContainsFunc(row.Needs, named) {
		return true
	}
	return row.Nodes != nil && slices.ContainsFunc(row.Nodes.Ranges, func(r batch.NodeRange) bool {
		return slices.ContainsFunc(r.Needs, named)
	})
}

// saveConsumable puts the row of s into the delta of this round, once.
func (m *Machine) saveConsumable(s *fleet.Stock) {
	rows := &m.round.delta.Consumables
	slot, there := m.round.stocks[s.Row.Name]
	if !there {
		slot = len(*rows)
	}
	if m.round.stocks == nil {
		m.round.stocks = map[string]int{}
	}
	m.round.stocks[s.Row.Name] = put(rows, slot, s.Row)
}

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
