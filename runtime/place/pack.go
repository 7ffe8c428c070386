package place

import (
	"cmp"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// maxPackSteps bounds how often Pack may go back on a choice.
const maxPackSteps = 10_000

// Pack finds rooms for all of work at once, all or nothing. It returns the room of each request, demand after
// demand, and leaves the rooms without what they were given; when there is no way, it returns false and
// leaves them alone. The first way found is taken, trying rooms in order, for the largest requests first: what is small
// still fits beside them. After maxPackSteps wrong choices the answer is that there is none.
func Pack(work []Demand, rooms *Rooms) ([]int, bool) {
	taken, _, ok := PackCounted(work, rooms)
	return taken, ok
}

// PackCounted is Pack, and says how many times it looked into a room: what it cost.
func PackCounted(work []Demand, rooms *Rooms) (taken []int, looks int, ok bool) {
	order := largestFirst(work)
	p := packing{rooms: rooms, steps: maxPackSteps}
	for _, k := range order {
		p.work = append(p.work, work[k])
	}
	if !p.hopeful() || !p.pack(0, 0, 0) {
		return nil, p.looks, false
	}
	parts := make([][]int, len(work))
	for _, k := range order {
		parts[k], p.taken = p.taken[:work[k].Count], p.taken[work[k].Count:]
	}
	return slices.Concat(parts...), p.looks, true
}

// largestFirst returns the demands of work in the order in which they are placed: what hosts have least of counts most.
func largestFirst(work []Demand) []int {
	order := make([]int, len(work))
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := work[a].Shape, work[b].Shape
		return cmp.Or(cmp.Compare(y.GPUs, x.GPUs), cmp.Compare(y.MilliCPU, x.MilliCPU), cmp.Compare(y.MemoryMiB, x.MemoryMiB))
	})
	return order
}

type packing struct {
	work  []Demand
	rooms *Rooms
	taken []int
	steps int
	looks int
}

// hopeful reports whether each demand would find its rooms if it were alone. It is what most work that finds none fails by,
// which going back on one choice after another would take long to see.
func (p *packing) hopeful() bool {
	for _, d := range p.work {
		n := int64(0)
		for i := p.rooms.First(d.Shape, 0); i >= 0 && n < d.Count; i = p.rooms.First(d.Shape, i+1) {
			p.looks++
			n += Fit(d.Shape, p.rooms.Free(i))
		}
		if n < d.Count {
			return false
		}
	}
	return true
}

// pack places the requests from number n of demand k on; equal requests take rooms in rising order, from the
// given one on, so that no arrangement is tried twice.
func (p *packing) pack(k int, n int64, from int) bool {
	for k < len(p.work) && n == p.work[k].Count {
		k, n, from = k+1, 0, 0
	}
	if k == len(p.work) {
		return true
	}
	shape := p.work[k].Shape
	for i := p.rooms.First(shape, from); i >= 0; i = p.rooms.First(shape, i+1) {
		p.looks++
		free := p.rooms.Free(i)
		p.rooms.Set(i, free.Minus(shape))
		p.taken = append(p.taken, i)
		if p.pack(k, n+1, i) {
			return true
		}
		p.taken = p.taken[:len(p.taken)-1]
		p.rooms.Set(i, free)
		if p.steps--; p.steps <= 0 {
			return false
		}
	}
	return false
}

// Total is what all of work asks for together.
func Total(work []Demand) (sum batch.Shape) {
	for _, d := range work {
		sum = sum.Plus(d.Shape.Times(d.Count))
	}
	return sum
}

// GiveBack undoes a packing: it gives rooms back what work took of them.
func GiveBack(work []Demand, taken []int, rooms *Rooms) {
	Each(work, taken, func(shape batch.Shape, room int) { rooms.Set(room, rooms.Free(room).Plus(shape)) })
}

// Each goes over the rooms that a packing gave, with what each was given for.
func Each(demands []Demand, rooms []int, do func(shape batch.Shape, room int)) {
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
