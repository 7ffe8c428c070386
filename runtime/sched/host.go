package sched

import (
	"cmp"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
)

// host is a machine and what attempts hold of it.
type host struct {
	row     batch.Host
	used    batch.Shape
	stand   []stand // its places in pools
	runners runners
}

type stand struct {
	pool  *pool
	index int
}

// pool is the hosts that an environment, or several, place attempts on.
type pool struct {
	hosts []*host      // in the order in which they are tried
	free  *place.Rooms // what each has free now
	whole *place.Rooms // what each has when it is empty
	ends  ends         // expected ends of the attempts on them
	built bool         // free and whole are those of hosts
}

// boundless stands for a bound that is not set.
const boundless = int64(1) << 40

// capacity is what h has as placing sees it. The vCPUs of a LOCAL host are bounded by its environments alone, which may
// promise more than the cores; a host that is not ready has nothing.
func (h *host) capacity() batch.Shape {
	s := h.row.Capacity
	switch {
	case !h.row.Ready:
		return batch.Shape{MilliCPU: -1, MemoryMiB: -1, GPUs: -1}
	case h.row.Kind == batch.Local:
		s.MilliCPU = boundless
	}
	return s
}

func (h *host) free() batch.Shape {
	if !h.row.Ready {
		return h.capacity()
	}
	return h.capacity().Minus(h.used)
}

// hold adds to what attempts hold of h.
func (h *host) hold(delta batch.Shape) {
	h.used = h.used.Plus(delta)
	h.show()
}

// show tells the pools of h what it has free.
func (h *host) show() {
	for _, s := range h.stand {
		if s.pool.built {
			s.pool.free.Set(s.index, h.free())
		}
	}
}

// hostOf returns the host with that id, known or not yet.
func (m *Machine) hostOf(id string) *host {
	h := m.hosts[id]
	if h == nil {
		h = &host{row: batch.Host{ID: id}}
		h.read()
		m.hosts[id] = h
	}
	return h
}

// setHost makes row the state of its host and puts the host into the pools it belongs to.
func (m *Machine) setHost(row batch.Host) {
	h := m.hostOf(row.ID)
	moved := h.stand == nil || h.row.Kind != row.Kind || !slices.Equal(h.row.Environments, row.Environments)
	resized := h.row.Capacity != row.Capacity || h.row.Ready != row.Ready
	h.row = row
	h.read()
	m.noteHost(h)
	switch {
	case moved:
		live := m.leavePools(h)
		for _, name := range poolsOf(row) {
			p := m.poolNamed(name)
			p.hosts = append(p.hosts, h)
			h.stand = append(h.stand, stand{pool: p})
			p.built = false
		}
		for _, j := range live {
			j.takesPlace()
			m.expect(j)
		}
	case resized:
		for _, s := range h.stand {
			s.pool.built = false
		}
	}
}

// leavePools takes h out of its pools, and what is expected to end there with it. It returns the attempts that hold
// places on h.
func (m *Machine) leavePools(h *host) (live []*job) {
	if len(h.stand) == 0 {
		return nil
	}
	for _, j := range m.liveAttempts() {
		if j.host == h && !j.row.Run.Ahead {
			j.leavesPlace()
			live = append(live, j)
		}
	}
	for _, s := range h.stand {
		s.pool.hosts = slices.DeleteFunc(s.pool.hosts, func(other *host) bool { return other == h })
		s.pool.ends.leave(h)
		s.pool.built = false
	}
	h.stand = nil
	return live
}

// forgetHosts drops hosts that have been gone for so long that no census taken before they went is still on its way. They hold
// nothing: attempts are lost with their host.
func (m *Machine) forgetHosts(at batch.Time) {
	var gone []*host
	for _, h := range m.hosts {
		if !h.row.Ready && at.Sub(h.row.SeenAt) >= forgetHostAfter {
			gone = append(gone, h)
		}
	}
	slices.SortFunc(gone, func(a, b *host) int { return cmp.Compare(a.row.ID, b.row.ID) })
	for _, h := range gone[:min(len(gone), maxForgotten)] {
		m.leavePools(h)
		delete(m.hosts, h.row.ID)
		h.row.Deleted = true
		save(&m.round.delta.Hosts, h.row, func(row batch.Host) bool { return row.ID == h.row.ID })
	}
	if len(gone) > 0 {
		m.reconsiderAll() // who has no hosts of its own any more may use those of its kind
	}
}

// kindPool names the pool of the hosts that no environment has for itself. No environment's name begins like that.
func kindPool(k batch.Kind) string { return "/" + string(k) }

func poolsOf(row batch.Host) []string {
	if len(row.Environments) > 0 {
		return row.Environments
	}
	return []string{kindPool(row.Kind)}
}

func (m *Machine) poolNamed(name string) *pool {
	p := m.pools[name]
	if p == nil {
		p = &pool{}
		m.pools[name] = p
	}
	return p
}

// poolOf returns the hosts of e: those that name it; if none does, those of its kind that name nobody.
func (m *Machine) poolOf(e *environment) *pool {
	p := m.pools[e.row.Name]
	if p == nil || len(p.hosts) == 0 {
		p = m.poolNamed(kindPool(e.row.Kind))
	}
	p.build()
	return p
}

// build brings the order of hosts and the trees up to date. Hosts with fewer GPUs are tried first, so that work
// without GPUs leaves alone what only GPU work can use.
func (p *pool) build() {
	if p.built {
		return
	}
	slices.SortFunc(p.hosts, func(a, b *host) int {
		return cmp.Or(cmp.Compare(a.row.Capacity.GPUs, b.row.Capacity.GPUs), cmp.Compare(a.row.ID, b.row.ID))
	})
	p.free, p.whole = place.NewRooms(len(p.hosts)), place.NewRooms(len(p.hosts))
	for i, h := range p.hosts {
		at := slices.IndexFunc(h.stand, func(s stand) bool { return s.pool == p })
		h.stand[at].index = i
		p.free.Set(i, h.free())
		p.whole.Set(i, h.capacity())
	}
	p.built = true
}

// ready reports whether any host of p takes attempts.
func (p *pool) ready() bool { return p.whole.First(batch.Shape{}, 0) >= 0 }

// localHost is the machine batchd runs on, if e may use it now; nil otherwise.
func (m *Machine) localHost(e *environment) *host {
	if e == nil || !e.row.Open() || e.row.Kind != batch.Local {
		return nil
	}
	h := m.hosts[batch.LocalHost]
	if h == nil || !h.row.Ready || len(h.row.Environments) > 0 && !slices.Contains(h.row.Environments, e.row.Name) {
		return nil
	}
	return h
}
