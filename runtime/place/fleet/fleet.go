package fleet

import (
	"iter"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Fleet is all environments, hosts and consumable resources.
type Fleet struct {
	Environments map[string]*Environment // by name
	Hosts        map[string]*Host        // by id
	Stocks       map[string]*Stock       // by name
	pools        map[string]*Pool        // see [poolsOf]
	changes      []change                // room for a walk
}

// New returns a fleet without anything.
func New() *Fleet {
	return &Fleet{
		Environments: map[string]*Environment{}, Hosts: map[string]*Host{}, Stocks: map[string]*Stock{}, pools: map[string]*Pool{},
	}
}

// Host returns the host with that id, known or not yet.
func (f *Fleet) Host(id string) *Host {
	h := f.Hosts[id]
	if h == nil {
		h = &Host{Row: batch.Host{ID: id}}
		h.read()
		f.Hosts[id] = h
	}
	return h
}

// Set makes row the state of its host, and puts the host into the pools that it belongs to. Live yields the allocations of all
// attempts; those on the host move with it.
func (f *Fleet) Set(row batch.Host, live iter.Seq[*Allocation]) *Host {
	h := f.Host(row.ID)
	moved := h.stands == nil || h.Row.Kind != row.Kind || !slices.Equal(h.Row.Environments, row.Environments)
	resized := h.Row.Capacity != row.Capacity || h.Row.Ready != row.Ready || (h.Row.Closing == nil) != (row.Closing == nil)
	h.Row = row
	h.read()
	switch {
	case moved:
		on := f.leavePools(h, live)
		for _, name := range poolsOf(row) {
			p := f.poolNamed(name)
			p.Hosts = append(p.Hosts, h)
			h.stands = append(h.stands, stand{pool: p})
			p.built = false
		}
		for _, a := range on {
			a.Enter()
			a.Expect()
		}
	case resized:
		for _, s := range h.stands {
			s.pool.built = false
		}
	}
	return h
}

// Drop forgets h, which holds nothing.
func (f *Fleet) Drop(h *Host) {
	f.leavePools(h, func(func(*Allocation) bool) {})
	delete(f.Hosts, h.Row.ID)
}

// leavePools takes h out of its pools, and what is expected to end there with it. It returns the allocations that hold
// places on h.
func (f *Fleet) leavePools(h *Host, live iter.Seq[*Allocation]) (on []*Allocation) {
	if len(h.stands) == 0 {
		return nil
	}
	for a := range live {
		if a.Host == h && !a.Run.Ahead {
			a.Leave()
			on = append(on, a)
		}
	}
	for _, s := range h.stands {
		s.pool.Hosts = slices.DeleteFunc(s.pool.Hosts, func(other *Host) bool { return other == h })
		s.pool.Ends.leave(h)
		s.pool.built = false
	}
	h.stands = nil
	return on
}

// kindPool names the pool of the hosts that no environment has for itself. No environment's name begins like that.
func kindPool(k batch.Kind) string { return "/" + string(k) }

// poolsOf names the pools that a host belongs to: those of the environments that it names, or else that of its kind.
func poolsOf(row batch.Host) []string {
	if len(row.Environments) > 0 {
		return row.Environments
	}
	return []string{kindPool(row.Kind)}
}

func (f *Fleet) poolNamed(name string) *Pool {
	p := f.pools[name]
	if p == nil {
		p = &Pool{}
		f.pools[name] = p
	}
	return p
}

// Pool returns the hosts of e: those that name it; if none does and e launches none, those of its kind that name none.
func (f *Fleet) Pool(e *Environment) *Pool {
	p := f.poolNamed(e.Row.Name)
	if len(p.Hosts) == 0 && len(e.Row.Offers) == 0 {
		p = f.poolNamed(kindPool(e.Row.Kind))
	}
	p.build()
	return p
}

// Pools yields all pools, in no order.
func (f *Fleet) Pools(yield func(*Pool) bool) {
	for _, p := range f.pools {
		if !yield(p) {
			return
		}
	}
}

// Local is the machine that batchd runs on, if e may use it now; nil otherwise.
func (f *Fleet) Local(e *Environment) *Host {
	if e == nil || !e.Row.Open() || e.Row.Kind != batch.Local {
		return nil
	}
	h := f.Hosts[batch.LocalHost]
	if h == nil || !h.Row.Ready || len(h.Row.Environments) > 0 && !slices.Contains(h.Row.Environments, e.Row.Name) {
		return nil
	}
	return h
}
