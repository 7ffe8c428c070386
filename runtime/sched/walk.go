package sched

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// endsFor yields by rising time the expected ends that may make room for j on the hosts of p: those on them, and if
// j needs consumable resources all others too.
func (m *Machine) endsFor(at batch.Time, j *job, p *fleet.Pool) iter.Seq[fleet.End] {
	if len(j.wants()) == 0 {
		return p.Ends.Ascending
	}
	for other := range m.fleet.Pools {
		other.Overdue(at)
	}
	return func(yield func(fleet.End) bool) {
		var sources []*source
		for other := range m.fleet.Pools {
			next, stop := iter.Pull(other.Ends.Ascending)
			defer stop()
			if first, ok := next(); ok {
				sources = append(sources, &source{first, next})
			}
		}
		for last := (*fleet.Allocation)(nil); len(sources) > 0; {
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
	end  fleet.End
	next func() (fleet.End, bool)
}

// walk is a look at what will be free.
type walk struct {
	m           *Machine
	job         *job
	pool        *fleet.Pool
	environment *fleet.Environment
	demands     []place.Demand
	total       batch.Shape
	kept        []*kept       // of heads that are served before the job
	lasts       time.Duration // how long the job is expected to run
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
	ends   *fleet.Allocation
	head   *reservation
	starts bool
}

// steps yields by rising time; at one time heads start first, for what ends then is theirs before it is anyone's.
func (w *walk) steps(yield func(step) bool) {
	var heads []step
	for _, r := range w.kept {
		if r.exact {
			heads = append(heads, step{at: r.at, head: r.reservation, starts: true}, step{at: r.at.Add(w.m.lasts(r.job)), head: r.reservation})
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
	for entry := range w.m.endsFor(w.at, w.job, w.pool) {
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
		for _, need := range w.m.returns(s.ends.Needs) {
			w.given[need.Resource] += need.Quantity
		}
	case s.starts:
		w.turn(s.head, batch.Shape.Minus)
		for name, quantity := range s.head.job.wants() {
			w.given[name] -= quantity
		}
	default:
		w.turn(s.head, batch.Shape.Plus)
		for name, quantity := range s.head.job.wants() {
			if c := w.m.consumables[name]; c != nil && c.row.Replenishable {
				w.given[name] += quantity
			}
		}
	}
}

// turn lets a head take its kept place, or leave it.
func (w *walk) turn(r *reservation, change func(free, by batch.Shape) batch.Shape) {
	for _, t := range r.takes {
		if room, ok := t.host.RoomIn(w.pool); ok {
			w.set(room, change(w.pool.Free.Free(room), t.shape))
		}
		if r.environment == w.environment {
			w.free = change(w.free, t.shape)
		}
	}
}

func (w *walk) give(h *fleet.Host, shape batch.Shape) {
	if room, ok := h.RoomIn(w.pool); ok {
		w.set(room, w.pool.Free.Free(room).Plus(shape))
	}
}

func (w *walk) fits() bool {
	_, ok := w.find()
	return ok
}

// find returns where all of the job would find its place now, and delay no head that has a place kept.
func (w *walk) find() (rooms []int, ok bool) {
	if place.Fit(w.total, w.free) == 0 || !w.m.available(w.job, w.given) {
		return nil, false
	}
	if !w.job.isGang() {
		return w.findRoom()
	}
	if rooms, ok = place.Pack(w.demands, w.pool.Free); !ok {
		return nil, false
	}
	hosts := make([]*fleet.Host, 0, len(rooms))
	place.Each(w.demands, rooms, func(shape batch.Shape, room int) {
		hosts = append(hosts, w.pool.Hosts[room])
		w.pool.Free.Set(room, w.pool.Free.Free(room).Plus(shape))
	})
	return rooms, !slices.ContainsFunc(w.beside(), func(k *kept) bool { return !k.hasRoomFor(w.job, w.environment, hosts) })
}

// findRoom is find for a job that is one attempt.
func (w *walk) findRoom() ([]int, bool) {
	room := w.pool.Free.First(w.total, 0)
	if room < 0 {
		return nil, false
	}
	beside := w.beside()
	for _, k := range beside {
		if place.Fit(w.total, k.room(w.environment)) == 0 || !k.exact && k.pool == w.pool {
			return nil, false
		}
	}
	for room >= 0 && slices.ContainsFunc(beside, func(k *kept) bool { return k.beside(w.job, w.environment, w.pool.Hosts[room]) == 0 }) {
		room = w.pool.Free.First(w.total, room+1)
	}
	return []int{room}, room >= 0
}

// beside are the heads with kept places that have not started when the job does, and do before it ends.
func (w *walk) beside() (heads []*kept) {
	for _, k := range w.kept {
		if (w.at < k.at || !w.begun) && k.at < w.at.Add(w.lasts) {
			heads = append(heads, k)
		}
	}
	return heads
}

// keep fills in what the job takes, and what is left beside it.
func (w *walk) keep(r *reservation) {
	r.left = w.free.Minus(w.total)
	r.leftOn = map[*fleet.Host]batch.Shape{}
	rooms, _ := w.find()
	place.Each(w.demands, rooms, func(shape batch.Shape, room int) {
		h := w.pool.Hosts[room]
		if _, known := r.leftOn[h]; !known {
			r.leftOn[h] = w.pool.Free.Free(room)
		}
		r.leftOn[h] = r.leftOn[h].Minus(shape)
		r.takes = append(r.takes, taken{h, shape})
	})
	r.leftOf = w.m.leftOf(w.job, w.given)
}

// demands is what j asks for, all at once; an array's next child stands for it.
func (j *job) demands() []place.Demand {
	if j.row.Nodes == nil {
		return []place.Demand{{Shape: j.shape(), Count: 1}}
	}
	demands := make([]place.Demand, len(j.row.Nodes.Ranges))
	for i, r := range j.row.Nodes.Ranges {
		demands[i] = place.Demand{Shape: r.Shape, Count: int64(r.To-r.From) + 1}
	}
	return demands
}
