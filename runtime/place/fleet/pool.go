package fleet

import (
	"cmp"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
)

// Pool is the hosts that an environment, or several, place attempts on.
type Pool struct {
	Hosts []*Host      // in the order in which they are tried
	Free  *place.Rooms // what each has free now
	whole *place.Rooms // what each has when it is empty
	Ends  Ends         // expected ends of the attempts on them
	built bool         // Free and whole are those of Hosts
}

// build brings the order of hosts and the trees up to date. Hosts with fewer GPUs are tried first, so that work
// without GPUs leaves alone what only GPU work can use.
func (p *Pool) build() {
	if p.built {
		return
	}
	slices.SortFunc(p.Hosts, func(a, b *Host) int {
		return cmp.Or(cmp.Compare(a.Row.Capacity.GPUs, b.Row.Capacity.GPUs), cmp.Compare(a.Row.ID, b.Row.ID))
	})
	p.Free, p.whole = place.NewRooms(len(p.Hosts)), place.NewRooms(len(p.Hosts))
	for i, h := range p.Hosts {
		at := slices.IndexFunc(h.stands, func(s stand) bool { return s.pool == p })
		h.stands[at].room = i
		p.Free.Set(i, h.Free())
		p.whole.Set(i, h.Capacity())
	}
	p.built = true
}

// Ready reports whether any host of p takes attempts.
func (p *Pool) Ready() bool { return p.whole.First(batch.Shape{}, 0) >= 0 }

// TooSmall reports whether p could not hold demands even if all of its hosts were empty.
func (p *Pool) TooSmall(demands []place.Demand) bool {
	if len(demands) == 1 && demands[0].Count == 1 {
		return p.whole.First(demands[0].Shape, 0) < 0
	}
	rooms, ok := place.Pack(demands, p.whole)
	place.GiveBack(demands, rooms, p.whole)
	return !ok
}

// TooFew reports whether the hosts of p, with nothing on them, would take fewer attempts than multi-node job a has nodes.
func (p *Pool) TooFew(a *Ask) bool {
	if !a.Gang {
		return false
	}
	room := int64(0)
	for _, h := range p.Hosts {
		if h.Open() {
			room += h.most(a)
		}
	}
	return room < a.Count()
}

// most is how many nodes of a h takes when nothing else is on it.
func (h *Host) most(a *Ask) int64 {
	n := Boundless
	for _, inContainer := range a.Containers {
		if limit := h.Runner(inContainer).Limit; limit != nil {
			n = min(n, int64(limit.Attempts))
		}
	}
	return n
}

// Largest is the most of each part that any ready host of p has.
func (p *Pool) Largest() (most batch.Shape, ok bool) {
	for _, h := range p.Hosts {
		if h.Open() {
			most, ok = most.Max(h.Row.Capacity), true
		}
	}
	return most, ok
}

// Spread finds hosts for all of demands at once among those that takes allows, all or nothing: that of each request, demand after
// demand. It takes nothing of their room. See [place.Pack].
func (p *Pool) Spread(demands []place.Demand, takes func(*Host) bool) (hosts []*Host, ok bool) {
	free := map[int]batch.Shape{}
	for i, h := range p.Hosts {
		if h.Open() && !takes(h) {
			free[i] = p.Free.Free(i)
			p.Free.Set(i, place.Nothing)
		}
	}
	rooms, ok := place.Pack(demands, p.Free)
	place.GiveBack(demands, rooms, p.Free)
	for i, shape := range free {
		p.Free.Set(i, shape)
	}
	return p.hostsOf(rooms), ok
}

// hostsOf returns the hosts of rooms, in their order.
func (p *Pool) hostsOf(rooms []int) []*Host {
	hosts := make([]*Host, len(rooms))
	for i, room := range rooms {
		hosts[i] = p.Hosts[room]
	}
	return hosts
}
