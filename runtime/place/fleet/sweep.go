package fleet

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
)

// Sweep is one look at all work that waits. What is tried on a host at fault is what was refused least often: work that was refused
// more often than Back is left for the next sweep.
type Sweep struct {
	At   batch.Time
	Back int32
	// next is the smallest number above Back that was met; 0: none was.
	next int32
}

// Again prepares the sweep for what was left out of the one before. It reports false if nothing was.
func (s *Sweep) Again() bool {
	if s.next == 0 {
		return false
	}
	s.Back, s.next = s.next, 0
	return true
}

// Takes is how many attempts of w, or of its nodes, may be started on h now. The nodes of one job are tried together: they
// start when the main one runs.
func (s *Sweep) Takes(h *Host, w *Work) int64 {
	if !w.Gang {
		return s.takes(h.Runner(w.Containers[0]), w)
	}
	n := Boundless
	for _, inContainer := range w.Containers {
		r := h.Runner(inContainer)
		takes := s.takes(r, w)
		if takes > 0 && r.Fault != nil && (r.Limit == nil || int64(r.Limit.Attempts) >= int64(r.Live)+w.Count()) {
			takes = Boundless
		}
		n = min(n, takes)
	}
	return n
}

func (s *Sweep) takes(r *Runner, w *Work) int64 {
	n := r.Takes(s.At)
	if back := w.Rank.Back; n > 0 && r.Tries() && back > s.Back {
		if s.next == 0 || back < s.next {
			s.next = back
		}
		return 0
	}
	return n
}

// TakeAll reports whether each of hosts takes as many nodes of w as it stands for.
func (s *Sweep) TakeAll(hosts []*Host, w *Work) bool {
	nodes := map[*Host]int64{}
	for _, h := range hosts {
		nodes[h]++
	}
	for h, n := range nodes {
		if s.Takes(h, w) < n {
			return false
		}
	}
	return true
}

// TurnsAway reports whether hosts are there for w in the environments that its queue tries, and none of them takes it now, because
// of a fault or a limit. Other work does not wait for it.
func (f *Fleet) TurnsAway(s *Sweep, w *Work, tried []batch.EnvironmentOrder) bool {
	found := false
	for _, e := range f.Open(tried) {
		for _, h := range f.Pool(e).Hosts {
			if !h.Open() {
				continue
			}
			if s.Takes(h, w) > 0 {
				return false
			}
			found = true
		}
	}
	return found
}

// Throttled reports whether a host that a may use bounds how many attempts of its kind it takes.
func (f *Fleet) Throttled(a *Ask, tried []batch.EnvironmentOrder) bool {
	for _, e := range f.Open(tried) {
		for _, h := range f.Pool(e).Hosts {
			if slices.ContainsFunc(a.Containers, func(c bool) bool { r := h.Runner(c); return r.Fault != nil || r.Limit != nil }) {
				return true
			}
		}
	}
	return false
}

// Room reports whether all of w would find room in e now, kept for others or not.
func (f *Fleet) Room(s *Sweep, w *Work, e *Environment) bool {
	if place.Fit(w.Total(), e.Free()) == 0 {
		return false
	}
	p := f.Pool(e)
	if w.Gang {
		_, ok := p.Spread(w.Demands, func(h *Host) bool { return s.Takes(h, w) > 0 })
		return ok
	}
	room := p.Free.First(w.Shape(), 0)
	for room >= 0 && s.Takes(p.Hosts[room], w) == 0 {
		room = p.Free.First(w.Shape(), room+1)
	}
	return room >= 0
}

// Open returns those of the environments that attempts may be placed in, in order.
func (f *Fleet) Open(tried []batch.EnvironmentOrder) (open []*Environment) {
	for _, o := range tried {
		if e := f.Environments[o.Environment]; e != nil && e.Row.Open() {
			open = append(open, e)
		}
	}
	return open
}

// Obstacle is why a can never be placed as things are, in any of the environments that suit it. An environment without hosts may have some
// later; one that launches hosts never has larger ones than its offers.
func (f *Fleet) Obstacle(a *Ask, tried []batch.EnvironmentOrder) (obstacle place.Obstacle) {
	suiting := f.Suiting(a, tried)
	if len(suiting) == 0 && len(tried) > 0 {
		return place.Unsuited
	}
	for _, o := range suiting {
		e := f.Environments[o.Environment]
		if e == nil {
			return place.NoObstacle
		}
		switch p := f.Pool(e); {
		case place.Fit(a.Total(), e.Max()) == 0:
			obstacle = place.OverEnvironment
		case e.offered(a.Demands):
			return place.NoObstacle
		case p.Ready() && (p.TooSmall(a.Demands) || p.TooFew(a)), !p.Ready() && len(e.Row.Offers) > 0:
			obstacle = place.OverHost
		default:
			return place.NoObstacle
		}
	}
	return obstacle
}
