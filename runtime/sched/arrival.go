package sched

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// neverCame notes that a host of e has not come.
func (m *Machine) neverCame(e *fleet.Environment) {
	e.Row.NeverCame++
	if e.Protected() && e.Row.Health == batch.Valid {
		e.Row.StatusReason = healthOf(e)
	}
	m.saveEnvironment(e)
}

// protectedEnvironment has a place for a number of hosts.
const protectedEnvironment = healthyEnvironment + " - PROTECTED: the last %d instances did not join it; one at a time is launched until one does"

// healthOf is the statusReason of an environment that is VALID.
func healthOf(e *fleet.Environment) string {
	if e.Protected() {
		return fmt.Sprintf(protectedEnvironment, e.Row.NeverCame)
	}
	return healthyEnvironment
}

// closePools notes in the row of e why and until when pools are not asked for hosts: for longer if they have refused several times in a
// row. Refusals that have been over for a while are forgotten.
func (m *Machine) closePools(e *fleet.Environment, pools []batch.Pool, why batch.PoolRefusal) {
	why.Text = clip(why.Text)
	kept := slices.DeleteFunc(slices.Clone(e.Row.Refused), func(old batch.PoolRefusal) bool {
		return old.Until.Add(refusalMemory) <= m.at && !slices.Contains(pools, old.Pool)
	})
	for _, pool := range pools {
		r := why
		r.Pool, r.Times = pool, 1
		if i := slices.IndexFunc(kept, func(old batch.PoolRefusal) bool { return old.Pool == pool }); i >= 0 {
			old := kept[i]
			if r.Times = old.Times; old.Until <= m.at { // it was asked again
				r.Times++
			}
			r.Until = max(r.Until, old.Until)
			kept = slices.Delete(kept, i, i+1)
		}
		switch {
		case r.Until > m.at:
		case r.Times >= manyRefusals:
			r.Until = m.at.Add(longRefusalRest)
		default:
			r.Until = m.at.Add(refusalRest)
		}
		kept = append(kept, r)
	}
	e.Row.Refused = kept
	m.saveEnvironment(e)
}

// gave notes that a pool has given a host: what it refused before does not count any longer.
func (m *Machine) gave(e *fleet.Environment, pool batch.Pool) {
	i := slices.IndexFunc(e.Row.Refused, func(r batch.PoolRefusal) bool { return r.Pool == pool && r.Until <= m.at })
	if i >= 0 {
		e.Row.Refused = slices.Delete(slices.Clone(e.Row.Refused), i, i+1)
		m.saveEnvironment(e)
	}
}

// launched returns the host of that id if it was ordered and is not gone; nil otherwise.
func (m *Machine) launched(id string) *fleet.Host {
	h := m.fleet.Hosts[id]
	if h == nil || h.Row.Launch == nil || h.Row.Launch.Stage == batch.Gone {
		return nil
	}
	return h
}

// hostComing notes how far a host is on its way, and what it became. A host that is not wanted any longer, or has no row, is given back.
func (m *Machine) hostComing(at batch.Time, r batch.HostComing) {
	h := m.launched(r.ID)
	if h == nil || h.Row.Launch.Stage == batch.Releasing {
		m.order(ReleaseHost{Host: r.ID})
		return
	}
	was := h.Row.Launch.Stage
	further := was == batch.Ordered || was == batch.Launching && r.Stage == batch.Joining
	next := *h.Row.Launch
	if further {
		next = *staged(&next, r.Stage, at)
	}
	next.Became(r.Offer)
	name := cmp.Or(r.Name, h.Row.Name)
	if !further && name == h.Row.Name && sameLaunch(h.Row.Launch, &next) {
		return
	}
	h.Row.Launch, h.Row.Name = &next, name
	m.saveHost(h)
}

// hostRefused notes that a host will not come. The pools that refused are not asked again before the time that the refusal names.
func (m *Machine) hostRefused(at batch.Time, r batch.HostRefused) {
	h := m.launched(r.ID)
	if h == nil || h.Row.Ready {
		return
	}
	pools := r.Pools
	if len(pools) == 0 {
		pools = h.Row.Launch.Pools()
	}
	m.setStage(at, h, batch.Gone)
	if e := m.fleet.Environments[h.Row.Environments[0]]; e != nil {
		if r.Why == batch.NeverCame {
			m.neverCame(e)
		}
		m.closePools(e, pools, batch.PoolRefusal{Why: r.Why, Text: r.Text, Until: r.Until})
	}
}

// mayServe reports whether h, which a driver says is ready, is a host that is wanted. A host that was ordered keeps the kind and
// environment that it was ordered for; one that is not wanted any longer, or has no row, is given back.
func (m *Machine) mayServe(at batch.Time, h *batch.Host) bool {
	old := m.launched(h.ID)
	switch {
	case old == nil && h.Launch == nil:
		return true
	case old == nil || old.Row.Launch.Stage == batch.Releasing:
		m.order(ReleaseHost{Host: h.ID})
		return false
	}
	became, stage := h.Launch, old.Row.Launch.Stage
	h.Kind, h.Environments, h.Launch, h.Closing = old.Row.Kind, old.Row.Environments, staged(old.Row.Launch, batch.Serving, at), old.Row.Closing
	h.Name = cmp.Or(h.Name, old.Row.Name)
	if stage != batch.Serving {
		h.Launch.IdleSince = at
	}
	if became != nil {
		h.Launch.Became(became.Offer)
	}
	if e := m.fleet.Environments[h.Environments[0]]; e != nil && stage != batch.Serving {
		m.came(e, h.Launch.Offer.Pool)
	}
	return true
}

// came notes that a host of e takes attempts, and which pool gave it.
func (m *Machine) came(e *fleet.Environment, pool batch.Pool) {
	m.gave(e, pool)
	if e.Row.NeverCame == 0 {
		return
	}
	protected := e.Protected()
	if e.Row.NeverCame = 0; protected && e.Row.Health == batch.Valid {
		e.Row.StatusReason = healthyEnvironment
	}
	m.saveEnvironment(e)
}

// learnShape makes offers of the pool that h came from no larger than h: otherwise hosts would be launched again and again for work
// that fits the offer and not the host.
func (m *Machine) learnShape(h *batch.Host) {
	if h.Launch == nil {
		return
	}
	e := m.fleet.Environments[h.Environments[0]]
	if e == nil {
		return
	}
	offers := slices.Clone(e.Row.Offers)
	for i := range offers {
		if o := &offers[i]; o.Pool == h.Launch.Offer.Pool {
			o.Shape = batch.Shape{
				MilliCPU:  min(o.Shape.MilliCPU, h.Capacity.MilliCPU),
				MemoryMiB: min(o.Shape.MemoryMiB, h.Capacity.MemoryMiB),
				GPUs:      min(o.Shape.GPUs, h.Capacity.GPUs),
			}
		}
	}
	if !slices.Equal(offers, e.Row.Offers) {
		e.Row.Offers = offers
		m.saveEnvironment(e)
	}
}

// launchedIn compares the launched hosts with those that a census lists. Ready are those that take attempts.
func (m *Machine) launchedIn(at batch.Time, c Census, ready map[string]bool) {
	listed := map[string]bool{}
	for _, r := range c.Coming {
		listed[r.ID] = true
		if h := m.fleet.Hosts[r.ID]; h == nil || h.Row.SeenAt < c.AsOf {
			m.hostComing(at, r)
		}
	}
	for _, id := range c.UntakenHosts {
		listed[id] = true
	}
	again := map[string]bool{} // groups that are ordered again
	for _, id := range slices.Sorted(maps.Keys(m.fleet.Hosts)) {
		h := m.fleet.Hosts[id]
		if h.Row.Launch != nil && !listed[id] && !ready[id] && h.Row.SeenAt < c.AsOf && slices.Contains(c.Kinds, h.Row.Kind) {
			m.unlistedHost(at, h, again)
		}
	}
}

// unlistedHost handles a launched host that its driver does not have: its launch was never received, or it is gone.
func (m *Machine) unlistedHost(at batch.Time, h *fleet.Host, again map[string]bool) {
	l, e := h.Row.Launch, m.fleet.Environments[h.Row.Environments[0]]
	switch l.Stage {
	case batch.Ordered:
		asked := func(p batch.Pool) bool { return m.fleet.RefusedUntil(p) <= at }
		if e == nil || !e.Row.Open() || l.Spec != e.Row.Spec || !slices.ContainsFunc(l.Pools(), asked) {
			m.setStage(at, h, batch.Gone) // another is ordered when its environment and its pools may be asked
			return
		}
		if !again[l.Group] {
			again[l.Group] = true
			m.orderGroup(e, l.Group)
		}
	case batch.Launching, batch.Joining, batch.Serving, batch.Releasing:
		m.hostGone(at, h.Row.ID)
	case batch.Gone:
	}
}
