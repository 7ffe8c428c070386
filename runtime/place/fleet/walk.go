package fleet

import (
	"cmp"
	"iter"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
)

// endsFor yields by rising time the expected ends that may make room for a on the hosts of p: those on them, and if
// a needs consumable resources all others too.
func (f *Fleet) endsFor(at batch.Time, a *Ask, p *Pool) iter.Seq[End] {
	if len(a.Needs) == 0 {
		return p.Ends.Ascending
	}
	for other := range f.Pools {
		other.Overdue(at)
	}
	return func(yield func(End) bool) {
		var sources []*source
		for other := range f.Pools {
			next, stop := iter.Pull(other.Ends.Ascending)
			defer stop()
			if first, ok := next(); ok {
				sources = append(sources, &source{first, next})
			}
		}
		for last := (*Allocation)(nil); len(sources) > 0; {
			first := slices.MinFunc(sources, func(a, b *source) int { return a.end.Compare(b.end) })
			if first.end.Allocation != last && !yield(first.end) { // a host may stand in several pools
				return
			}
			last = first.end.Allocation
			var more bool
			if first.end, more = first.next(); !more {
				sources = slices.DeleteFunc(sources, func(s *source) bool { return s == first })
			}
		}
	}
}

// source is a pool on the way through its ends.
type source struct {
	end  End
	next func() (End, bool)
}

// walk is a look at what will be free.
type walk struct {
	fleet       *Fleet
	work        *Work
	pool        *Pool
	environment *Environment
	total       batch.Shape
	kept        []*kept // of heads that are served before the work
	at          batch.Time
	begun       bool             // a step was taken
	free        batch.Shape      // of the environment
	given       map[string]int64 // consumable resources that came back
	changed     []change         // of the pool's rooms
}

type change struct {
	room int
	free batch.Shape // before
}

// step is the expected end of an attempt or, if head is set, the start or end of a head with a kept place.
type step struct {
	at     batch.Time
	ends   *Allocation
	head   *Reservation
	starts bool
}

// steps yields by rising time; at one time heads start first, for what ends then is theirs before it is anyone's.
func (w *walk) steps(yield func(step) bool) {
	var heads []step
	for _, r := range w.kept {
		if r.Exact {
			heads = append(heads, step{at: r.At, head: r.Reservation, starts: true}, step{at: r.At.Add(r.Work.Lasts), head: r.Reservation})
		}
	}
	slices.SortStableFunc(heads, func(a, b step) int {
		switch {
		case a.at != b.at || a.starts == b.starts:
			return cmp.Compare(a.at, b.at)
		case a.starts:
			return -1
		default:
			return 1
		}
	})
	for entry := range w.fleet.endsFor(w.at, w.work.Ask, w.pool) {
		for len(heads) > 0 && heads[0].at <= entry.At {
			if !yield(heads[0]) {
				return
			}
			heads = heads[1:]
		}
		if !yield(step{at: entry.At, ends: entry.Allocation}) {
			return
		}
	}
	for _, s := range heads {
		if !yield(s) {
			return
		}
	}
}

// set changes a room for the time of the walk.
func (w *walk) set(room int, free batch.Shape) {
	w.changed = append(w.changed, change{room, w.pool.Free.Free(room)})
	w.pool.Free.Set(room, free)
}

// undo gives the rooms back what they had.
func (w *walk) undo() {
	for i := len(w.changed) - 1; i >= 0; i-- {
		w.pool.Free.Set(w.changed[i].room, w.changed[i].free)
	}
}

// take takes a step.
func (w *walk) take(s step) {
	w.at, w.begun = max(w.at, s.at), true
	switch {
	case s.head == nil:
		w.give(s.ends.Host, s.ends.Shape)
		if s.ends.Environment == w.environment {
			w.free = w.free.Plus(s.ends.Shape)
		}
		for _, need := range w.fleet.Returns(s.ends.Needs) {
			w.given[need.Resource] += need.Quantity
		}
	case s.starts:
		w.turn(s.head, batch.Shape.Minus)
		for _, n := range s.head.Work.Needs {
			w.given[n.Resource] -= n.Quantity
		}
	default:
		w.turn(s.head, batch.Shape.Plus)
		for _, n := range w.fleet.Returns(s.head.Work.Needs) {
			w.given[n.Resource] += n.Quantity
		}
	}
}

// turn lets a head take its kept place, or leave it.
func (w *walk) turn(r *Reservation, change func(free, by batch.Shape) batch.Shape) {
	for _, t := range r.takes {
		if room, ok := t.host.RoomIn(w.pool); ok {
			w.set(room, change(w.pool.Free.Free(room), t.shape))
		}
		if r.Environment == w.environment {
			w.free = change(w.free, t.shape)
		}
	}
}

func (w *walk) give(h *Host, shape batch.Shape) {
	if room, ok := h.RoomIn(w.pool); ok && h.Open() {
		w.set(room, w.pool.Free.Free(room).Plus(shape))
	}
}

func (w *walk) fits() bool {
	_, ok := w.find()
	return ok
}

// find returns where all of the work would find its place now, and delay no head that has a place kept.
func (w *walk) find() (rooms []int, ok bool) {
	if place.Fit(w.total, w.free) == 0 || !w.fleet.available(w.work.Ask, w.given) {
		return nil, false
	}
	if !w.work.Gang {
		return w.findRoom()
	}
	if rooms, ok = place.Pack(w.work.Demands, w.pool.Free); !ok {
		return nil, false
	}
	place.GiveBack(w.work.Demands, rooms, w.pool.Free)
	hosts := w.pool.hostsOf(rooms)
	return rooms, !slices.ContainsFunc(w.beside(), func(k *kept) bool { return !k.hasRoomFor(w.work, w.environment, hosts) })
}

// findRoom is find for work that is one attempt.
func (w *walk) findRoom() ([]int, bool) {
	room := w.pool.Free.First(w.total, 0)
	if room < 0 {
		return nil, false
	}
	beside := w.beside()
	for _, k := range beside {
		if place.Fit(w.total, k.room(w.environment)) == 0 || !k.Exact && k.Pool == w.pool {
			return nil, false
		}
	}
	for room >= 0 && slices.ContainsFunc(beside, func(k *kept) bool { return k.beside(w.work, w.environment, w.pool.Hosts[room]) == 0 }) {
		room = w.pool.Free.First(w.total, room+1)
	}
	return []int{room}, room >= 0
}

// beside are the heads with kept places that have not started when the work does, and do before it ends.
func (w *walk) beside() (heads []*kept) {
	for _, k := range w.kept {
		if (w.at < k.At || !w.begun) && k.At < w.at.Add(w.work.Lasts) {
			heads = append(heads, k)
		}
	}
	return heads
}

// keep fills in what the work takes, and what is left beside it.
func (w *walk) keep(r *Reservation) {
	r.left = w.free.Minus(w.total)
	r.leftOn = map[*Host]batch.Shape{}
	rooms, _ := w.find()
	place.Each(w.work.Demands, rooms, func(shape batch.Shape, room int) {
		h := w.pool.Hosts[room]
		if _, known := r.leftOn[h]; !known {
			r.leftOn[h] = w.pool.Free.Free(room)
		}
		r.leftOn[h] = r.leftOn[h].Minus(shape)
		r.takes = append(r.takes, taken{h, shape})
	})
	r.leftOf = w.fleet.leftOf(w.work.Ask, w.given)
}

// Reserve finds out where and when blocked work is expected to start in one of the environments that its queue tries, given
// the places that others keep of heads that are served before it; nil if that cannot be said.
func (f *Fleet) Reserve(at batch.Time, w Work, tried []batch.EnvironmentOrder, others *Reservations) *Reservation {
	var best *Reservation
	for _, o := range tried {
		e := f.Environments[o.Environment]
		if e == nil || !e.Row.Open() || place.Fit(w.Total(), e.Max()) == 0 {
			continue
		}
		if r := f.reserveIn(at, w, e, others.before(&w)); r != nil && (best == nil || r.At < best.At) {
			best = r
		}
	}
	return best
}

// reserveIn lets the attempts that hold places in e, or on its hosts, end one after another as they are expected to, and
// the heads with kept places start and end, until the work fits. It looks at no more than MaxEnds ends.
func (f *Fleet) reserveIn(at batch.Time, work Work, e *Environment, kept []*kept) *Reservation {
	p := f.Pool(e)
	p.Overdue(at)
	w := walk{
		fleet: f, work: &work, pool: p, environment: e, total: work.Total(), kept: kept,
		at: at, free: e.Free(), given: map[string]int64{}, changed: f.changes[:0],
	}
	defer func() {
		w.undo()
		f.changes = w.changed
	}()
	r := &Reservation{Work: work, Environment: e, Pool: p}
	if w.fits() {
		r.At, r.Exact = at, true
		w.keep(r)
		return r
	}
	n := 0
	for s := range w.steps {
		if n++; n > MaxEnds && !r.Exact {
			r.At = s.at
			return r
		}
		if r.Exact && (s.at > r.At || n > MaxEnds) {
			break // what else may end at that time is not counted on
		}
		w.take(s)
		if !r.Exact && !s.starts && w.fits() {
			r.At, r.Exact = w.at, true
		}
	}
	if !r.Exact {
		return nil
	}
	w.keep(r)
	return r
}
