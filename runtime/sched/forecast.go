package sched

import (
	"cmp"
	"fmt"
	"math/bits"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/heap"
	"github.com/batchd/terraform-provider-batch/runtime/place"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// outlook is when work is expected to start and end.
type outlook struct {
	start, end batch.Time // of the first and of the last attempt; 0 if nothing can be said
	now        int64      // attempts that start at once
	basis      string
}

// forecast plays a queue forward: running attempts end as expected, and what waits before j is placed in order, first in,
// first out, then count attempts of j. It looks at j's queue alone, and changes nothing.
func (m *Machine) forecast(at batch.Time, j *job, position int64, count int64) outlook {
	f := m.newForecast(at, j.queue)
	defer f.undo()
	ahead := position - 1
	if ahead <= maxForecast {
		for other := range j.classOf().lineup.inOrder {
			if ahead <= 0 || other == j && !j.isArray() {
				break
			}
			n := min(int64(other.places()), ahead)
			if !f.placeAll(other, n) {
				return outlook{basis: "what waits before it has no place that can be foreseen"}
			}
			ahead -= n
		}
	} else {
		f.flow(j)
	}
	out := f.playTarget(j, count)
	out.start, out.end = min(out.start, maxOutlook), min(out.end, maxOutlook)
	out.basis = f.basis(m, j, position)
	return out
}

// forecast is the capacity of a queue's environments on its way through time.
type forecast struct {
	m     *Machine
	at    batch.Time
	now   batch.Time
	open  []*fleet.Environment
	free  map[*fleet.Environment]batch.Shape
	ends  heap.Heap[future]
	walks map[*fleet.Pool]*walk
	steps int // placements
	looks int // into rooms for work of several nodes
}

// future is an end that is expected.
type future struct {
	at          batch.Time
	seq         int
	environment *fleet.Environment
	pool        *fleet.Pool
	room        int
	shape       batch.Shape
}

func (m *Machine) newForecast(at batch.Time, q *queue) *forecast {
	f := &forecast{m: m, at: at, now: at, free: map[*fleet.Environment]batch.Shape{}, walks: map[*fleet.Pool]*walk{}}
	for _, o := range q.tried {
		e := m.fleet.Environments[o.Environment]
		if e == nil || !e.Row.Open() {
			continue
		}
		f.open = append(f.open, e)
		f.free[e] = e.Free()
		p := m.fleet.Pool(e)
		if f.walks[p] == nil {
			f.walks[p] = &walk{m: m, pool: p}
			f.watch(p)
		}
	}
	f.ends.Init()
	return f
}

// watch takes the ends of p that come first into the forecast.
func (f *forecast) watch(p *fleet.Pool) {
	p.Overdue(f.at)
	n := 0
	for entry := range p.Ends.Ascending {
		if n++; n > fleet.MaxEnds {
			return
		}
		a := entry.Allocation
		if room, ok := a.Host.RoomIn(p); ok {
			f.ends = append(f.ends, future{at: entry.At, seq: len(f.ends), environment: a.Environment, pool: p, room: room, shape: a.Shape})
		}
	}
}

func (f *forecast) undo() {
	for _, w := range f.walks {
		w.undo()
	}
}

// placeAll places n attempts of j one after another, none before the one before. It reports whether that can be foreseen.
func (f *forecast) placeAll(j *job, n int64) bool {
	for range n {
		if f.steps++; f.steps > maxForecast {
			f.flowBy(j, n)
			return true
		}
		if !f.place(j, f.m.lasts(j)) {
			return false
		}
	}
	return true
}

// place lets time pass until an attempt of j fits, and places it. If that takes too many looks, it lets the time pass that
// it takes at the rate of the capacity, and what comes after is estimated as well.
func (f *forecast) place(j *job, lasts time.Duration) bool {
	for !f.put(j, lasts) {
		if len(f.ends) == 0 {
			return false
		}
		if f.looks > maxForecastLooks {
			f.steps = maxForecast + 1
			f.flowBy(j, 1)
			return true
		}
		f.pass()
	}
	return true
}

// pass lets the next attempt end.
func (f *forecast) pass() {
	next := f.ends.Pop()
	f.now = max(f.now, next.at)
	w := f.walks[next.pool]
	w.set(next.room, next.pool.Free.Free(next.room).Plus(next.shape))
	if free, ok := f.free[next.environment]; ok {
		f.free[next.environment] = free.Plus(next.shape)
	}
}

// put places an attempt of j now, if it fits.
func (f *forecast) put(j *job, lasts time.Duration) bool {
	demands := j.demands()
	total := place.Total(demands)
	for _, e := range f.open {
		if place.Fit(total, f.free[e]) == 0 {
			continue
		}
		p := f.m.fleet.Pool(e)
		rooms, looks, ok := place.PackCounted(demands, p.Free)
		if f.looks += looks; !ok {
			continue
		}
		place.Each(demands, rooms, func(shape batch.Shape, room int) {
			p.Free.Set(room, p.Free.Free(room).Plus(shape)) // the walk takes it again, so that it can be undone
		})
		place.Each(demands, rooms, func(shape batch.Shape, room int) {
			f.walks[p].set(room, p.Free.Free(room).Minus(shape))
			f.ends.Push(future{at: f.now.Add(lasts), seq: f.steps, environment: e, pool: p, room: room, shape: shape})
		})
		f.free[e] = f.free[e].Minus(total)
		return true
	}
	return false
}

// playTarget places count attempts of j, at most so many at once as its array allows.
func (f *forecast) playTarget(j *job, count int64) outlook {
	var out outlook
	lasts := f.m.lasts(j)
	limit := j.top().row.MaxConcurrency
	var live []batch.Time // ends of its own, rising
	for i := range count {
		if limit > 0 && len(live) >= int(limit) {
			for f.now < live[0] {
				if len(f.ends) == 0 || f.ends[0].at > live[0] {
					f.now = live[0]
					break
				}
				f.pass()
			}
			live = live[1:]
		}
		if f.steps++; f.steps > maxForecast {
			if out.start == 0 {
				out.start = f.now
			}
			out.end = max(out.end, f.now.Add(lasts)) + f.m.workTime(f.open, j, count-i-1)
			return out
		}
		if !f.place(j, lasts) {
			return outlook{}
		}
		if out.start == 0 {
			out.start = f.now
		}
		if f.now == f.at {
			out.now++
		}
		out.end = max(out.end, f.now.Add(lasts))
		live = append(live, f.now.Add(lasts))
	}
	return out
}

// flow lets the time pass that all of the work before j takes at the rate of the capacity.
func (f *forecast) flow(j *job) {
	for _, c := range j.classOf().lineup.heads {
		var count int64
		for _, other := range c.entries {
			if other != j && other.rank().Before(j.rank()) {
				count += int64(other.places())
			}
		}
		f.flowBy(c.head(), count)
	}
}

// flowBy lets the time pass that count attempts of j take at the rate of the capacity.
func (f *forecast) flowBy(j *job, count int64) {
	f.now = min(f.now+f.m.workTime(f.open, j, count), maxOutlook)
}

// workTime is how many milliseconds count attempts of j take at the rate of the capacity, maxOutlook at most.
func (m *Machine) workTime(open []*fleet.Environment, j *job, count int64) batch.Time {
	wide, capacity := place.Total(j.demands()).MilliCPU*count, uint64(max(capacityOf(m, open), 1))
	hi, lo := bits.Mul64(uint64(wide), uint64(m.lasts(j).Milliseconds()))
	if hi >= capacity {
		return maxOutlook
	}
	millis, _ := bits.Div64(hi, lo, capacity)
	return batch.Time(min(millis, uint64(maxOutlook)))
}

// capacityOf is how many thousandths of a vCPU the environments have together.
func capacityOf(m *Machine, open []*fleet.Environment) (milli int64) {
	for _, e := range open {
		most := e.Row.Max.MilliCPU
		if e.Row.Kind != batch.Local {
			var hosts int64
			for _, h := range m.fleet.Pool(e).Hosts {
				if h.Row.Ready {
					hosts += h.Row.Capacity.MilliCPU
				}
			}
			most = min(most, hosts)
		}
		milli += most
	}
	return milli
}

// basis says what a forecast rests on.
func (f *forecast) basis(m *Machine, j *job, position int64) string {
	text := "its duration from " + m.expectedBasis(j)
	if position > 1 {
		text += fmt.Sprintf(", and those of the %d attempt%s before it", position-1, plural(position-1))
	}
	if f.steps > maxForecast || position-1 > maxForecast {
		text += ", at the rate at which the capacity does work"
	}
	return text
}

// Before implements [heap.Item].
func (e future) Before(other future) bool {
	return cmp.Or(cmp.Compare(e.at, other.at), cmp.Compare(e.seq, other.seq)) < 0
}

// Moved implements [heap.Item].
func (future) Moved(int) {}
