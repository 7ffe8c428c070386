package sched

import (
	"fmt"
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// lasts is how long an attempt of j is expected to run.
func (m *Machine) lasts(j *job) time.Duration {
	row := &j.top().row
	return m.duration(row.Timeout, row.Definition.Name)
}

// expectedBasis says what [Machine.lasts] rests on.
func (m *Machine) expectedBasis(j *job) string {
	_, basis := m.expected(j.top().row.Timeout, j.top().row.Definition.Name)
	return basis
}

// needs is what one attempt of j takes of consumable resources; of a multi-node job, see [job.allNeeds]. What a multi-node
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

// enough is how many attempts of j find what they need of consumable resources.
func (m *Machine) enough(j *job) int64 {
	n := fleet.Boundless
	for _, need := range j.needs() {
		c := m.consumables[need.Resource]
		if c == nil {
			return 0
		}
		n = min(n, max(c.available(), 0)/need.Quantity)
	}
	return n
}

// available reports whether j, all nodes of it, finds what it needs once given has come back.
func (m *Machine) available(j *job, given map[string]int64) bool {
	for name, quantity := range j.wants() {
		c := m.consumables[name]
		if c == nil || c.available()+given[name] < quantity {
			return false
		}
	}
	return true
}

// leftOf is what is left of the resources that j needs once given has come back and j has started.
func (m *Machine) leftOf(j *job, given map[string]int64) map[string]int64 {
	left := map[string]int64{}
	for name, quantity := range j.wants() {
		if c := m.consumables[name]; c != nil {
			left[name] = c.available() + given[name] - quantity
		}
	}
	return left
}

// wants is how much of each consumable resource has to be there for j to start.
func (j *job) wants() map[string]int64 {
	if j.isGang() {
		return j.allNeeds()
	}
	if len(j.needs()) == 0 {
		return nil
	}
	all := map[string]int64{}
	for _, need := range j.needs() {
		all[need.Resource] += need.Quantity
	}
	return all
}

// returns is what of needs comes back when the attempt that has taken them ends.
func (m *Machine) returns(needs []batch.Need) (back []batch.Need) {
	for _, need := range needs {
		if c := m.consumables[need.Resource]; c != nil && c.row.Replenishable {
			back = append(back, need)
		}
	}
	return back
}

// missingNeeds says which consumable resource j lacks; empty if none.
func (m *Machine) missingNeeds(j *job) string {
	need, available, missing := m.missingNeed(j.wantsInOrder())
	switch c := m.consumables[need.Resource]; {
	case !missing:
	case c == nil:
		return fmt.Sprintf("Consumable resource %s has been deleted.", need.Resource)
	default:
		return fmt.Sprintf("It needs %d of consumable resource %s, of which %d of %d are available.", need.Quantity, need.Resource, available, c.row.Total)
	}
	return ""
}

// wantsInOrder is [job.wants] in the order in which resources are named first, so that the same one is named each time.
func (j *job) wantsInOrder() []batch.Need {
	needs := slices.Clone(j.needs())
	if j.isGang() {
		for _, r := range j.row.Nodes.Ranges {
			needs = append(needs, r.Needs...)
		}
	}
	wants := j.wants()
	var named []batch.Need
	for _, n := range needs {
		if !slices.ContainsFunc(named, func(o batch.Need) bool { return o.Resource == n.Resource }) {
			named = append(named, batch.Need{Resource: n.Resource, Quantity: wants[n.Resource]})
		}
	}
	return named
}
