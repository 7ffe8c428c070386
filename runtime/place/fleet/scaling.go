package fleet

import (
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
)

// Scaling works out, for one moment, which hosts environments lack for what waits, and which they can spare. An environment gets
// enough hosts of the first of its offers that fits: what is free on hosts that are there or coming counts first. It has as many as
// it may once they have its maximum of vCPUs, so the last one may lead beyond that by less than its own size.
type Scaling struct {
	fleet *Fleet
	at    batch.Time
	sites map[*Environment]*site
	opens batch.Time // when a pool may be asked that something waits for; 0: none is closed to it
}

// site is what a [Scaling] knows of one environment.
type site struct {
	rooms    []room
	milliCPU int64 // of all hosts that are not gone
	launches []Group
}

// Group is a number of hosts to be launched together.
type Group struct {
	Offers []batch.Offer // any of them will do, those preferred first
	Count  int
}

// room is what may be free on a host that is there, coming, or to be launched.
type room struct {
	host   *Host // nil of one to be launched
	free   batch.Shape
	wanted bool // something that waits may be placed there
}

// Scaling begins to work out what environments lack at a moment.
func (f *Fleet) Scaling(at batch.Time) *Scaling {
	return &Scaling{fleet: f, at: at, sites: map[*Environment]*site{}}
}

func (s *Scaling) site(e *Environment) *site {
	known := s.sites[e]
	if known != nil {
		return known
	}
	known = &site{}
	s.sites[e] = known
	for _, h := range s.fleet.Launched(e) {
		switch l := h.Row.Launch; {
		case l.Stage.Coming():
			known.rooms = append(known.rooms, room{host: h, free: l.Least()})
			known.milliCPU += l.MostMilliCPU()
		case l.Stage == batch.Releasing:
			known.milliCPU += l.MostMilliCPU()
		case l.Stage == batch.Serving:
			if h.Row.Closing == nil && h.Runners[0].Takes(s.at) > 0 && h.Runners[1].Takes(s.at) > 0 {
				known.rooms = append(known.rooms, room{host: h, free: h.Free()})
			}
			known.milliCPU += h.Row.Capacity.MilliCPU
		}
	}
	return known
}

// Need asks for room in e for a number of equal requests that wait, and returns how many of them e cannot get room for.
func (s *Scaling) Need(e *Environment, shape batch.Shape, count int64) (left int64) {
	at := s.site(e)
	for i := range at.rooms {
		if count == 0 {
			return 0
		}
		count -= at.rooms[i].take(shape, count)
	}
	for count > 0 && at.milliCPU < e.Max().MilliCPU {
		offer, ok := s.first(e, shape)
		if !ok {
			break
		}
		count -= at.launch(offer).take(shape, count)
	}
	return count
}

// Keep asks for the vCPUs that e has at least.
func (s *Scaling) Keep(e *Environment) {
	at := s.site(e)
	for at.milliCPU < e.Row.MinMilliCPU {
		offer, ok := s.first(e, batch.Shape{MilliCPU: 1})
		if !ok {
			return
		}
		at.launch(offer)
	}
}

// first returns the first offer of e that has room for shape and whose pool may be asked.
func (s *Scaling) first(e *Environment, shape batch.Shape) (batch.Offer, bool) {
	for _, o := range e.Row.Offers {
		if !shape.Fits(o.Shape) {
			continue
		}
		until := s.fleet.RefusedUntil(o.Pool)
		if until <= s.at {
			return o, true
		}
		if s.opens == 0 || until < s.opens {
			s.opens = until
		}
	}
	return batch.Offer{}, false
}

func (at *site) launch(o batch.Offer) *room {
	if n := len(at.launches); n > 0 && at.launches[n-1].Offers[0] == o && at.launches[n-1].Count < MaxGroup {
		at.launches[n-1].Count++
	} else {
		at.launches = append(at.launches, Group{Offers: []batch.Offer{o}, Count: 1})
	}
	at.milliCPU += o.Shape.MilliCPU
	at.rooms = append(at.rooms, room{free: o.Shape})
	return &at.rooms[len(at.rooms)-1]
}

// take gives room to at most count requests, and returns to how many.
func (r *room) take(shape batch.Shape, count int64) int64 {
	n := min(place.Fit(shape, r.free), count)
	if n > 0 {
		r.free, r.wanted = r.free.Minus(shape.Times(n)), true
	}
	return n
}

// Launches returns the hosts that e lacks.
func (s *Scaling) Launches(e *Environment) []Group { return s.site(e).launches }

// Opens is when the first of the closed pools that were needed may be asked again; 0 if none was.
func (s *Scaling) Opens() batch.Time { return s.opens }

// Spare returns hosts of e that nothing which waits may be placed on and that have had no attempts for so long, but for what e has at
// least.
func (s *Scaling) Spare(e *Environment, idle time.Duration) (spare []*Host) {
	at := s.site(e)
	for _, r := range at.rooms {
		if r.host == nil || r.wanted {
			continue
		}
		l, size := r.host.Row.Launch, r.host.Row.Capacity.MilliCPU
		if l.Stage == batch.Serving && l.IdleSince != 0 && s.at.Sub(l.IdleSince) >= idle && at.milliCPU-size >= e.Row.MinMilliCPU {
			spare = append(spare, r.host)
			at.milliCPU -= size
		}
	}
	return spare
}

// Launched returns the hosts that were launched for e, those that are gone too, in the order in which they are tried.
func (f *Fleet) Launched(e *Environment) (launched []*Host) {
	p := f.pools[e.Row.Name]
	if p == nil {
		return nil
	}
	p.build()
	for _, h := range p.Hosts {
		if h.Row.Launch != nil {
			launched = append(launched, h)
		}
	}
	return launched
}

// RefusedUntil is until when a pool is not asked for hosts; 0 if it may be asked.
func (f *Fleet) RefusedUntil(p batch.Pool) (until batch.Time) {
	for _, e := range f.Environments {
		for _, r := range e.Row.Refused {
			if r.Pool == p {
				until = max(until, r.Until)
			}
		}
	}
	return until
}

// offered reports whether each request of demands fits a host that e can have launched.
func (e *Environment) offered(demands []place.Demand) bool {
	for _, d := range demands {
		if !slices.ContainsFunc(e.Row.Offers, func(o batch.Offer) bool { return d.Shape.Fits(o.Shape) }) {
			return false
		}
	}
	return true
}
