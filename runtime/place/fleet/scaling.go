package fleet

import (
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
)

// Scaling works out, for one moment, which hosts environments lack for what waits, and which they can spare. It is told what waits in
// the order in which that is served. What is free on hosts that are there or coming counts first: work is promised to them, so that
// nothing is launched twice for it. It uses the books of the fleet, so nothing else may until [Scaling.Undo] is called.
//
// For example, if a job of two vCPUs waits and a host of four is coming, the job is promised two of these, and nothing is launched. A
// second such job gets the other two. A third one has a host launched.
type Scaling struct {
	fleet   *Fleet
	at      batch.Time
	sites   map[*Environment]*site
	refused map[batch.Pool]batch.Time // until when pools are not asked; nil: not looked at yet
	wake    batch.Time                // when it is worth looking again without an event; 0: never
}

// Scaling begins to work out what environments lack at a moment.
func (f *Fleet) Scaling(at batch.Time) *Scaling {
	return &Scaling{fleet: f, at: at, sites: map[*Environment]*site{}}
}

// Group is a number of hosts to be launched together.
type Group struct {
	Offers   []batch.Offer // any of them will do, those preferred first
	Count    int
	Together bool // all of them, and in one zone, or none
}

// site is what a [Scaling] knows of one environment.
type site struct {
	*Environment
	pool     *Pool
	changed  []change       // of the rooms of the pool
	free     batch.Shape    // what its attempts may still hold, less what is promised
	milliCPU int64          // the most that all its hosts may have which are not gone
	coming   int            // hosts that are on their way, or to be launched
	wanted   map[*Host]bool // something that waits may be placed there
	offers   []batch.Offer  // that may be asked for at all, in the order of its strategy; nil: not looked at yet
	launches []Group
	lots     []lot
	lack     Lack
}

// lot is what is left on hosts to be launched: equal amounts on some of them.
type lot struct {
	free  batch.Shape
	count int64
}

// Answer is what an environment has for work that waits.
type Answer struct {
	Left int64 // pieces of work that it can get no room for
	// Host is the coming one that the first piece is promised to; nil if that is a host which is ready, or one to be launched.
	Host *Host
	// Launches says that hosts are launched for some of the work.
	Launches bool
	// Lack is why there is no room for what is left.
	Lack Lack
}

func (s *Scaling) site(e *Environment) *site {
	at := s.sites[e]
	if at != nil {
		return at
	}
	at = &site{Environment: e, pool: s.fleet.poolNamed(e.Row.Name), free: e.Free(), wanted: map[*Host]bool{}}
	at.pool.build()
	s.sites[e] = at
	for room, h := range at.pool.Hosts {
		l := h.Row.Launch
		switch {
		case l == nil || l.Stage == batch.Gone:
		case l.Stage.Coming():
			at.set(room, l.Least())
			at.milliCPU += l.MostMilliCPU()
			at.coming++
		case l.Stage == batch.Serving:
			at.milliCPU += h.Row.Capacity.MilliCPU
			if h.Runners[0].Takes(s.at) <= 0 || h.Runners[1].Takes(s.at) <= 0 {
				at.set(room, place.Nothing)
			}
		default:
			at.milliCPU += l.MostMilliCPU()
		}
	}
	return at
}

// set changes a room of the pool until [Scaling.Undo].
func (at *site) set(room int, free batch.Shape) {
	at.changed = append(at.changed, change{room, at.pool.Free.Free(room)})
	at.pool.Free.Set(room, free)
}

// Undo gives the books back what they had.
func (s *Scaling) Undo() {
	for _, at := range s.sites {
		for i := len(at.changed) - 1; i >= 0; i-- {
			at.pool.Free.Set(at.changed[i].room, at.changed[i].free)
		}
		at.changed = nil
	}
}

// Need asks for room in e for a number of equal pieces of work that wait.
func (s *Scaling) Need(e *Environment, a *Ask, count int64) Answer {
	at := s.site(e)
	at.lack = Lack{}
	total := a.Total()
	within := min(count, place.Fit(total, at.free))
	if within < count {
		at.lacks(AtMax)
	}
	answer, coming := Answer{Left: count - within}, at.coming
	if a.Gang {
		answer.Left += s.needGangs(at, a, within, &answer.Host)
	} else {
		answer.Left += s.needEach(at, total, within, &answer.Host)
	}
	at.free = at.free.Minus(total.Times(count - answer.Left))
	answer.Launches, answer.Lack = at.coming > coming, at.lack
	return answer
}

// needEach gives room to at most count requests, and returns for how many there is none.
func (s *Scaling) needEach(at *site, shape batch.Shape, count int64, first **Host) (left int64) {
	rooms := at.pool.Free
	for i := rooms.First(shape, 0); i >= 0 && count > 0; i = rooms.First(shape, i+1) {
		h, n := at.pool.Hosts[i], min(place.Fit(shape, rooms.Free(i)), count)
		at.set(i, rooms.Free(i).Minus(shape.Times(n)))
		at.wanted[h] = true
		if *first == nil && !h.Row.Ready {
			*first = h
		}
		count -= n
	}
	count -= at.takeLots(shape, count)
	for count > 0 {
		offers, hosts, each := s.choose(at, shape, count)
		if hosts == 0 {
			break
		}
		at.launch(Group{Offers: offers, Count: int(hosts)})
		at.lots = append(at.lots, lot{least(offers).Minus(shape.Times(each)), hosts})
		count -= hosts * each
	}
	return count
}

// takeLots gives room to at most count requests on hosts that are to be launched for others, and returns to how many.
func (at *site) takeLots(shape batch.Shape, count int64) (taken int64) {
	for i := 0; i < len(at.lots) && taken < count; i++ {
		l := at.lots[i]
		each := min(place.Fit(shape, l.free), count-taken)
		if each == 0 {
			continue
		}
		hosts := min(l.count, (count-taken)/each)
		taken += hosts * each
		at.lots[i] = lot{l.free.Minus(shape.Times(each)), hosts}
		if hosts < l.count {
			at.lots = append(at.lots, lot{l.free, l.count - hosts})
		}
	}
	return taken
}

// launch adds a group to those to be launched, or its hosts to the last one if they are of the same offers.
func (at *site) launch(g Group) {
	at.milliCPU += int64(g.Count) * most(g.Offers)
	at.coming += g.Count
	for g.Count > 0 {
		n := len(at.launches) - 1
		if n >= 0 && !g.Together && !at.launches[n].Together && at.launches[n].Count < MaxGroup && slices.Equal(at.launches[n].Offers, g.Offers) {
			more := min(g.Count, MaxGroup-at.launches[n].Count)
			at.launches[n].Count += more
			g.Count -= more
			continue
		}
		next := g
		if !g.Together {
			next.Count = min(g.Count, MaxGroup)
		}
		at.launches = append(at.launches, next)
		g.Count -= next.Count
	}
}

// Keep asks for the vCPUs that e has at least.
func (s *Scaling) Keep(e *Environment) {
	at := s.site(e)
	vcpu := batch.Shape{MilliCPU: 1000}
	for at.milliCPU < e.Row.MinMilliCPU {
		missing := (e.Row.MinMilliCPU - at.milliCPU + vcpu.MilliCPU - 1) / vcpu.MilliCPU
		offers, hosts, _ := s.choose(at, vcpu, missing)
		if hosts == 0 {
			return
		}
		hosts = min(hosts, max((e.Row.MinMilliCPU-at.milliCPU)/most(offers), 1))
		at.launch(Group{Offers: offers, Count: int(hosts)})
	}
}

// Launches returns the hosts that e lacks.
func (s *Scaling) Launches(e *Environment) []Group { return s.site(e).launches }

// Wake is when it is worth looking again without an event: when a pool that was needed may be asked, or a host may be spared. 0: never.
func (s *Scaling) Wake() batch.Time { return s.wake }

func (s *Scaling) wakeBy(at batch.Time) {
	if at > s.at && (s.wake == 0 || at < s.wake) {
		s.wake = at
	}
}

// Spare returns the hosts of e that nothing which waits may be placed on, that have no attempts, and that have been kept for long
// enough; but for what e has at least. A host is paid for at least for a while once it runs, and stays for that long.
func (s *Scaling) Spare(e *Environment, paid time.Duration) (spare []*Host) {
	at := s.site(e)
	for _, h := range at.pool.Hosts {
		l := h.Row.Launch
		if l == nil || l.Stage != batch.Serving || l.IdleSince == 0 || !h.Open() || at.wanted[h] {
			continue
		}
		until := l.RunsAt.Add(paid)
		if r := e.Row.Resources; r != nil && l.Used {
			until = max(until, l.IdleSince.Add(r.ScaleDownDelay))
		}
		switch size := h.Row.Capacity.MilliCPU; {
		case at.milliCPU-size < e.Row.MinMilliCPU:
		case until > s.at:
			s.wakeBy(until)
		default:
			spare = append(spare, h)
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

// HostMilliCPU is the most that the hosts of e which were launched and are not gone have together; -1 if it launches none.
func (f *Fleet) HostMilliCPU(e *Environment) (milliCPU int64) {
	hosts := f.Launched(e)
	if len(hosts) == 0 && len(e.Row.Offers) == 0 {
		return -1
	}
	for _, h := range hosts {
		switch l := h.Row.Launch; {
		case l.Stage == batch.Gone:
		case h.Row.Ready:
			milliCPU += h.Row.Capacity.MilliCPU
		default:
			milliCPU += l.MostMilliCPU()
		}
	}
	return milliCPU
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
