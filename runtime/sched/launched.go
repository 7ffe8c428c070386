package sched

import (
	"maps"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// launched returns the host of that id if it was ordered and is not gone; nil otherwise.
func (m *Machine) launched(id string) *fleet.Host {
	h := m.fleet.Hosts[id]
	if h == nil || h.Row.Launch == nil || h.Row.Launch.Stage == batch.Gone {
		return nil
	}
	return h
}

// hostComing takes in how far a host is on its way. One that is wanted no more, or that nobody remembers, is given back.
func (m *Machine) hostComing(r batch.HostComing) {
	h := m.launched(r.ID)
	if h == nil || h.Row.Launch.Stage == batch.Releasing {
		m.order(ReleaseHost{Host: r.ID})
		return
	}
	was := h.Row.Launch.Stage
	if was == batch.Ordered || was == batch.Launching && r.Stage == batch.Joining {
		h.Row.Launch = staged(h.Row.Launch, r.Stage)
		m.saveHost(h)
	}
}

// hostRefused takes in that a host will not come. Its pool is not asked again for as long as it says.
func (m *Machine) hostRefused(at batch.Time, r batch.HostRefused) {
	h := m.launched(r.ID)
	if h == nil || h.Row.Ready {
		return
	}
	pool := h.Row.Launch.Offer.Pool
	m.setStage(at, h, batch.Gone)
	if r.Until <= at {
		r.Until = at.Add(refusalRest)
	}
	if e := m.fleet.Environments[h.Row.Environments[0]]; e != nil {
		m.closePool(e, batch.PoolRefusal{Pool: pool, Why: r.Why, Text: r.Text, Until: r.Until})
	}
}

// mayServe reports whether h, which a driver says is ready, is a host that is wanted. One that was ordered keeps what it was
// ordered for; one that is wanted no more, or that nobody remembers to have ordered, is given back.
func (m *Machine) mayServe(at batch.Time, h *batch.Host) bool {
	old := m.launched(h.ID)
	switch {
	case old == nil && h.Launch == nil:
		return true
	case old == nil || old.Row.Launch.Stage == batch.Releasing:
		m.order(ReleaseHost{Host: h.ID})
		return false
	}
	h.Kind, h.Environments, h.Launch = old.Row.Kind, old.Row.Environments, old.Row.Launch
	if h.Launch.Stage != batch.Serving {
		h.Launch = staged(h.Launch, batch.Serving)
		h.Launch.IdleSince = at
	}
	return true
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
			m.hostComing(r)
		}
	}
	for _, id := range c.UntakenHosts {
		listed[id] = true
	}
	for _, id := range slices.Sorted(maps.Keys(m.fleet.Hosts)) {
		h := m.fleet.Hosts[id]
		if h.Row.Launch != nil && !listed[id] && !ready[id] && h.Row.SeenAt < c.AsOf && slices.Contains(c.Kinds, h.Row.Kind) {
			m.unlistedHost(at, h)
		}
	}
}

// unlistedHost handles a launched host that its driver does not have: its launch was never received, or it is gone.
func (m *Machine) unlistedHost(at batch.Time, h *fleet.Host) {
	switch h.Row.Launch.Stage {
	case batch.Ordered:
		if m.fleet.RefusedUntil(h.Row.Launch.Offer.Pool) > at {
			m.setStage(at, h, batch.Gone) // another is ordered when its pool may be asked again
			return
		}
		m.orderLaunch(h)
	case batch.Launching, batch.Joining, batch.Serving, batch.Releasing:
		m.hostGone(at, h.Row.ID)
	case batch.Gone:
	}
}
