package fleet

import (
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
)

// Host is a machine and what attempts hold of it.
type Host struct {
	Row     batch.Host
	Used    batch.Shape
	Runners Runners
	stands  []stand // its places in pools
}

// stand is the place of a host in a pool: the number of its room.
type stand struct {
	pool *Pool
	room int
}

// Capacity is what h has as placing sees it. The vCPUs of a LOCAL host are bounded by its environments alone, which may
// promise more than the cores; a host that takes no attempts has nothing.
func (h *Host) Capacity() batch.Shape {
	s := h.Row.Capacity
	switch {
	case !h.Open():
		return place.Nothing
	case h.Row.Kind == batch.Local:
		s.MilliCPU = Boundless
	}
	return s
}

// Open reports whether h takes attempts: it is ready, and does not close.
func (h *Host) Open() bool { return h.Row.Ready && h.Row.Closing == nil }

// Live is how many attempts hold a place on h.
func (h *Host) Live() int { return h.Runners[0].Live + h.Runners[1].Live }

// Free is what h has and no attempt holds.
func (h *Host) Free() batch.Shape {
	if !h.Open() {
		return place.Nothing
	}
	return h.Capacity().Minus(h.Used)
}

// hold adds to what attempts hold of h.
func (h *Host) hold(delta batch.Shape) {
	h.Used = h.Used.Plus(delta)
	for _, s := range h.stands {
		if s.pool.built {
			s.pool.Free.Set(s.room, h.Free())
		}
	}
}

// RoomIn is the number of the room of h in p; ok is false if h is not in p.
func (h *Host) RoomIn(p *Pool) (room int, ok bool) {
	for _, s := range h.stands {
		if s.pool == p {
			return s.room, true
		}
	}
	return 0, false
}

// in reports whether h is one of the hosts of p.
func (h *Host) in(p *Pool) bool {
	_, ok := h.RoomIn(p)
	return ok
}

// Pools yields the pools that h is in.
func (h *Host) Pools(yield func(*Pool) bool) {
	for _, s := range h.stands {
		if !yield(s.pool) {
			return
		}
	}
}
