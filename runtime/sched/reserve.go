package sched

import (
	"cmp"
	"iter"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
)

// reservation is the place that the blocked head of a queue is expected to take, and what is left beside it.
// Work behind the head may start if it is expected to end before, or in what is left: the head then starts
// no later for it (EASY backfilling; Lifka, "The ANL/IBM SP scheduling system", 1995).
type reservation struct {
	job         *job
	environment *environment
	pool        *pool
	// at is when the place is expected to be free. Unless exact, it is that or later, and nothing is left.
	at    batch.Time
	exact bool
	// left is what the environment has then beside the head, and leftOn what the hosts that the head takes have.
	// Other hosts are bounded by left alone.
	left   batch.Shape
	leftOn map[*host]batch.Shape
	// leftOf is what consumable resources that the head needs have then.
	leftOf map[string]int64
}

func (p *pass) keep(r *reservation) {
	if r != nil {
		p.kept = append(p.kept, r)
	}
}

// allows is how many attempts of j may start on h in e without delaying a head that has a place kept.
func (p *pass) allows(m *Machine, j *job, e *environment, h *host) int64 {
	n := place.Unbounded
	for _, r := range p.kept {
		switch end := p.at.Add(m.lasts(j)); {
		case r.binds(end, j):
			n = min(n, r.beside(j, e, h))
		case r.goesBefore(j):
			n = min(n, r.spares(m, j))
		}
	}
	return n
}

// binds reports whether an attempt of j that ends at that time may delay the head, and must not.
func (r *reservation) binds(end batch.Time, j *job) bool { return end > r.at && r.goesBefore(j) }

// goesBefore reports whether the head is served before j: in another queue, j may be ranked before it.
func (r *reservation) goesBefore(j *job) bool {
	return j.queue == r.job.queue || !j.rank().Before(r.job.rank())
}

// spares is how many attempts of j, which end before the head starts, leave it what it needs of consumable resources: what is
// not replenishable does not come back.
func (r *reservation) spares(m *Machine, j *job) int64 {
	n := place.Unbounded
	for name, quantity := range j.wants() {
		if left, needed := r.leftOf[name]; needed && !m.consumables[name].row.Replenishable {
			n = min(n, max(left, 0)/quantity)
		}
	}
	return n
}

// useUp takes from what is left what n attempts of j do not give back.
func (r *reservation) useUp(m *Machine, j *job, n int64) {
	for name, quantity := range j.wants() {
		if _, needed := r.leftOf[name]; needed && !m.consumables[name].row.Replenishable {
			r.leftOf[name] -= n * quantity
		}
	}
}

// beside is how many attempts of j fit beside the head.
func (r *reservation) beside(j *job, e *environment, h *host) int64 {
	n := place.Unbounded
	if e == r.environment {
		n = place.Fit(j.shape(), r.left)
	}
	left, taken := r.leftOn[h]
	switch {
	case taken:
		n = min(n, place.Fit(j.shape(), left))
	case !r.exact && h.standsIn(r.pool):
		return 0
	}
	for _, need := range j.submission().Needs {
		if of, needed := r.leftOf[need.Resource]; needed {
			n = min(n, max(of, 0)/need.Quantity)
		}
	}
	return n
}

func (h *host) standsIn(p *pool) bool {
	for _, s := range h.stand {
		if s.pool == p {
			return true
		}
	}
	return false
}

// took notes that n attempts of j, which may outlast the wait of a head, have started beside it.
func (p *pass) took(m *Machine, j *job, e *environment, h *host, n int64) {
	for _, r := range p.kept {
		if p.at.Add(m.lasts(j)) <= r.at { // what is not bound takes of what is left too
			r.useUp(m, j, n)
			continue
		}
		taken := place.Total([]place.Demand{{Shape: j.shape(), Count: n}})
		if e == r.environment {
			r.left = r.left.Minus(taken)
		}
		if left, ok := r.leftOn[h]; ok {
			r.leftOn[h] = left.Minus(taken)
		}
		for _, need := range j.submission().Needs {
			if _, needed := r.leftOf[need.Resource]; needed {
				r.leftOf[need.Resource] -= n * need.Quantity
			}
		}
	}
}

// reserve finds out where and when the blocked job j is expected to start; nil if nobody can say.
func (m *Machine) reserve(at batch.Time, j *job) *reservation {
	var best *reservation
	for _, o := range j.queue.row.Environments {
		e := m.environments[o.Environment]
		if e == nil || !e.row.Open() || place.Fit(place.Total(j.demands()), e.max()) == 0 {
			continue
		}
		if r := m.reserveIn(at, j, e); r != nil && (best == nil || r.at < best.at) {
			best = r
		}
	}
	return best
}

// reserveIn lets the attempts that hold places in e, or on its hosts, end one after another as they are expected to, until
// j fits. It looks at no more than maxEnds of them.
func (m *Machine) reserveIn(at batch.Time, j *job, e *environment) *reservation {
	p := m.poolOf(e)
	p.overdue(at)
	w := walk{m: m, job: j, pool: p, environment: e, free: e.free(), given: map[string]int64{}}
	defer w.undo()
	r := &reservation{job: j, environment: e, pool: p}
	if w.fits() {
		r.at, r.exact = at, true
		w.keep(r)
		return r
	}
	n := 0
	for entry := range m.endsFor(at, j, p) {
		if r.exact && entry.at > r.at {
			break
		}
		if n++; n > maxEnds && !r.exact {
			r.at = entry.at
			return r
		}
		w.end(entry.job)
		if !r.exact && w.fits() {
			r.at, r.exact = entry.at, true
		}
	}
	if !r.exact {
		return nil
	}
	w.keep(r)
	return r
}

// endsFor yields by rising time the expected ends that may make room for j on the hosts of p: those on them, and if
// j needs consumable resources all others too.
func (m *Machine) endsFor(at batch.Time, j *job, p *pool) iter.Seq[end] {
	if len(j.wants()) == 0 {
		return p.ends.ascending
	}
	for _, other := range m.pools {
		other.overdue(at)
	}
	return func(yield func(end) bool) {
		var sources []*source
		for _, other := range m.pools {
			next, stop := iter.Pull(other.ends.ascending)
			defer stop()
			if first, ok := next(); ok {
				sources = append(sources, &source{first, next})
			}
		}
		for last := (*job)(nil); len(sources) > 0; {
			first := slices.MinFunc(sources, func(a, b *source) int {
				return cmp.Or(cmp.Compare(a.end.at, b.end.at), compareJobs(a.end.job, b.end.job))
			})
			if first.end.job != last && !yield(first.end) { // a host may stand in several pools
				return
			}
			last = first.end.job
			var more bool
			if first.end, more = first.next(); !more {
				sources = slices.DeleteFunc(sources, func(s *source) bool { return s == first })
			}
		}
	}
}

// source is a pool on the way through its ends.
type source struct {
	end  end
	next func() (end, bool)
}

// walk is a look at what will be free.
type walk struct {
	m           *Machine
	job         *job
	pool        *pool
	environment *environment
	free        batch.Shape      // of the environment
	given       map[string]int64 // consumable resources that came back
	changed     []change         // of the pool's rooms
}

type change struct {
	room int
	free batch.Shape // before
}

// set changes a room for the time of the walk.
func (w *walk) set(room int, free batch.Shape) {
	w.changed = append(w.changed, change{room, w.pool.free.Free(room)})
	w.pool.free.Set(room, free)
}

// undo gives the rooms back what they had.
func (w *walk) undo() {
	for i := len(w.changed) - 1; i >= 0; i-- {
		w.pool.free.Set(w.changed[i].room, w.changed[i].free)
	}
}

// end lets the attempt of j end.
func (w *walk) end(j *job) {
	for _, s := range j.host.stand {
		if s.pool == w.pool {
			w.set(s.index, w.pool.free.Free(s.index).Plus(j.holds()))
		}
	}
	if j.row.Run.Environment == w.environment.row.Name {
		w.free = w.free.Plus(j.holds())
	}
	for _, need := range w.m.returns(j) {
		w.given[need.Resource] += need.Quantity
	}
}

// fits reports whether all of the job would find its place now.
func (w *walk) fits() bool {
	demands := w.job.demands()
	if place.Fit(place.Total(demands), w.free) == 0 || !w.m.available(w.job, w.given) {
		return false
	}
	if len(demands) == 1 && demands[0].Count == 1 {
		return w.pool.free.First(demands[0].Shape, 0) >= 0
	}
	rooms, ok := place.Pack(demands, w.pool.free)
	if ok {
		eachOf(demands, rooms, func(shape batch.Shape, room int) { w.pool.free.Set(room, w.pool.free.Free(room).Plus(shape)) })
	}
	return ok
}

// keep fills in what is left beside the job once everything that ends by then has ended.
func (w *walk) keep(r *reservation) {
	demands := w.job.demands()
	r.left = w.free.Minus(place.Total(demands))
	r.leftOn = map[*host]batch.Shape{}
	rooms, _ := place.Pack(demands, w.pool.free)
	eachOf(demands, rooms, func(_ batch.Shape, room int) { r.leftOn[w.pool.hosts[room]] = w.pool.free.Free(room) })
	eachOf(demands, rooms, func(shape batch.Shape, room int) { w.pool.free.Set(room, w.pool.free.Free(room).Plus(shape)) })
	r.leftOf = w.m.leftOf(w.job, w.given)
}

// eachOf goes over the rooms that a packing gave, with what each was given for.
func eachOf(demands []place.Demand, rooms []int, do func(shape batch.Shape, room int)) {
	i := 0
	for _, d := range demands {
		for range d.Count {
			if i < len(rooms) {
				do(d.Shape, rooms[i])
			}
			i++
		}
	}
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
