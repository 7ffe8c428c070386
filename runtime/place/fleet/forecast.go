package fleet

import (
	"cmp"
	"math/bits"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/heap"
	"github.com/batchd/terraform-provider-batch/runtime/place"
)

// Outlook is when work is expected to start and end.
type Outlook struct {
	Start, End batch.Time // of the first and of the last attempt; 0 if that cannot be said
	Now        int64      // attempts that start at once
}

// Forecast is the capacity of some environments on its way through time: running attempts end as expected, and what is placed
// meanwhile takes and leaves its place. It uses the books of the fleet, so nothing else may until [Forecast.Undo] is called.
type Forecast struct {
	fleet *Fleet
	at    batch.Time
	now   batch.Time
	open  []*Environment
	free  map[*Environment]batch.Shape
	ends  heap.Heap[future]
	walks map[*Pool]*walk
	steps int // placements
	looks int // into rooms for work of several nodes
}

// future is an end that is expected.
type future struct {
	at          batch.Time
	seq         int
	environment *Environment
	pool        *Pool
	room        int // -1: its host takes nothing more
	shape       batch.Shape
}

// Forecast returns a forecast of those of the environments that take work.
func (f *Fleet) Forecast(at batch.Time, tried []batch.EnvironmentOrder) *Forecast {
	c := &Forecast{fleet: f, at: at, now: at, free: map[*Environment]batch.Shape{}, walks: map[*Pool]*walk{}}
	for _, o := range tried {
		e := f.Environments[o.Environment]
		if e == nil || !e.Row.Open() {
			continue
		}
		c.open = append(c.open, e)
		c.free[e] = e.Free()
		p := f.Pool(e)
		if c.walks[p] == nil {
			c.walks[p] = &walk{fleet: f, pool: p}
			c.watch(p)
		}
	}
	c.ends.Init()
	return c
}

// watch takes the ends of p that come first into the forecast.
func (f *Forecast) watch(p *Pool) {
	p.Overdue(f.at)
	n := 0
	for entry := range p.Ends.Ascending {
		if n++; n > MaxEnds {
			return
		}
		a := entry.Allocation
		if room, ok := a.Host.RoomIn(p); ok {
			if !a.Host.Open() {
				room = -1
			}
			f.ends = append(f.ends, future{at: entry.At, seq: len(f.ends), environment: a.Environment, pool: p, room: room, shape: a.Shape})
		}
	}
}

// Undo gives the books back what they had.
func (f *Forecast) Undo() {
	for _, w := range f.walks {
		w.undo()
	}
}

// PlaceAll places n attempts of w one after another, none before the one before. It reports whether that can be foreseen.
func (f *Forecast) PlaceAll(w *Work, n int64) bool {
	for range n {
		if f.steps++; f.steps > MaxForecast {
			f.Flow(w, n)
			return true
		}
		if !f.place(w) {
			return false
		}
	}
	return true
}

// place lets time pass until an attempt of w fits, and places it. If that takes too many looks, it lets the time pass that
// it takes at the rate of the capacity, and what comes after is estimated as well.
func (f *Forecast) place(w *Work) bool {
	for !f.put(w) {
		if len(f.ends) == 0 {
			return false
		}
		if f.looks > maxForecastLooks {
			f.steps = MaxForecast + 1
			f.Flow(w, 1)
			return true
		}
		f.pass()
	}
	return true
}

// pass lets the next attempt end.
func (f *Forecast) pass() {
	next := f.ends.Pop()
	f.now = max(f.now, next.at)
	if next.room >= 0 {
		f.walks[next.pool].set(next.room, next.pool.Free.Free(next.room).Plus(next.shape))
	}
	if free, ok := f.free[next.environment]; ok {
		f.free[next.environment] = free.Plus(next.shape)
	}
}

// put places an attempt of w now, if it fits.
func (f *Forecast) put(w *Work) bool {
	total := w.Total()
	for _, e := range f.open {
		if place.Fit(total, f.free[e]) == 0 {
			continue
		}
		p := f.fleet.Pool(e)
		rooms, looks, ok := place.PackCounted(w.Demands, p.Free)
		if f.looks += looks; !ok {
			continue
		}
		place.GiveBack(w.Demands, rooms, p.Free) // the walk takes it again, so that it can be undone
		place.Each(w.Demands, rooms, func(shape batch.Shape, room int) {
			f.walks[p].set(room, p.Free.Free(room).Minus(shape))
			f.ends.Push(future{at: f.now.Add(w.Lasts), seq: f.steps, environment: e, pool: p, room: room, shape: shape})
		})
		f.free[e] = f.free[e].Minus(total)
		return true
	}
	return false
}

// Play places count attempts of w, at most limit of them at once; a limit below 1 is 1.
func (f *Forecast) Play(w *Work, count, limit int64) Outlook {
	var out Outlook
	var live []batch.Time // ends of its own, rising
	limit = max(limit, 1)
	for i := range count {
		if int64(len(live)) >= limit {
			for f.now < live[0] {
				if len(f.ends) == 0 || f.ends[0].at > live[0] {
					f.now = live[0]
					break
				}
				f.pass()
			}
			live = live[1:]
		}
		if f.steps++; f.steps > MaxForecast {
			if out.Start == 0 {
				out.Start = f.now
			}
			out.End = max(out.End, f.now.Add(w.Lasts)) + f.workTime(w, count-i-1)
			break
		}
		if !f.place(w) {
			return Outlook{}
		}
		if out.Start == 0 {
			out.Start = f.now
		}
		if f.now == f.at {
			out.Now++
		}
		out.End = max(out.End, f.now.Add(w.Lasts))
		live = append(live, f.now.Add(w.Lasts))
	}
	out.Start, out.End = min(out.Start, MaxOutlook), min(out.End, MaxOutlook)
	return out
}

// Flow lets the time pass that count attempts of w take at the rate of the capacity.
func (f *Forecast) Flow(w *Work, count int64) { f.now = min(f.now+f.workTime(w, count), MaxOutlook) }

// Estimated reports whether so much was placed that the rest was taken at the rate of the capacity.
func (f *Forecast) Estimated() bool { return f.steps > MaxForecast }

// workTime is how many milliseconds count attempts of w take at the rate of the capacity, MaxOutlook at most.
func (f *Forecast) workTime(w *Work, count int64) batch.Time {
	wide, capacity := w.Total().MilliCPU*count, uint64(max(f.capacity(), 1))
	hi, lo := bits.Mul64(uint64(wide), uint64(w.Lasts.Milliseconds()))
	if hi >= capacity {
		return MaxOutlook
	}
	millis, _ := bits.Div64(hi, lo, capacity)
	return batch.Time(min(millis, uint64(MaxOutlook)))
}

// capacity is how many thousandths of a vCPU the environments have together.
func (f *Forecast) capacity() (milli int64) {
	for _, e := range f.open {
		most := e.Row.Max.MilliCPU
		if e.Row.Kind != batch.Local {
			var hosts int64
			for _, h := range f.fleet.Pool(e).Hosts {
				if h.Open() {
					hosts += h.Row.Capacity.MilliCPU
				}
			}
			most = min(most, hosts)
		}
		milli += most
	}
	return milli
}

// Before implements [heap.Item].
func (e future) Before(other future) bool {
	return cmp.Or(cmp.Compare(e.at, other.at), cmp.Compare(e.seq, other.seq)) < 0
}

// Moved implements [heap.Item].
func (future) Moved(int) {}
