package fleet

import (
	"cmp"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
)

// needGangs gives room to at most count multi-node jobs, each to all of its nodes or to none, and returns for how many there is none.
func (s *Scaling) needGangs(at *site, a *Ask, count int64, first **Host) (left int64) {
	for ; count > 0; count-- {
		if !at.packs(a, first) && !s.launchTogether(at, a) {
			break
		}
	}
	return count
}

// packs gives the nodes of a multi-node job room on hosts that are there or coming.
func (at *site) packs(a *Ask, first **Host) bool {
	rooms, ok := place.Pack(a.Demands, at.pool.Free)
	if !ok {
		return false
	}
	place.GiveBack(a.Demands, rooms, at.pool.Free) // the site takes it again, so that it can be undone
	place.Each(a.Demands, rooms, func(shape batch.Shape, room int) {
		h := at.pool.Hosts[room]
		at.set(room, at.pool.Free.Free(room).Minus(shape))
		at.wanted[h] = true
		if *first == nil && !h.Row.Ready {
			*first = h
		}
	})
	return true
}

// launchTogether has hosts launched for all nodes of a multi-node job. If they would be too many, only those are launched that are
// lacking beside what is free.
func (s *Scaling) launchTogether(at *site, a *Ask) bool {
	var shape batch.Shape
	for _, d := range a.Demands {
		shape = shape.Max(d.Shape)
	}
	fitting := s.fitting(at, shape, at.room())
	if len(fitting) == 0 {
		return false
	}
	if at.protected() && at.coming > 0 {
		at.lacks(Protected)
		return false
	}
	best := fitting[0]
	if strategy := at.strategy(); strategy != "" && strategy != batch.BestFitProgressiveOrdered {
		best = slices.MinFunc(fitting, func(x, y batch.Offer) int {
			return cmp.Or(
				cmp.Compare(int64(hostsFor(a, nil, x.Shape))*x.MicroUSDPerHour, int64(hostsFor(a, nil, y.Shape))*y.MicroUSDPerHour),
				compareSizes(x, y), cmp.Compare(x.Type, y.Type), cmp.Compare(x.Zone, y.Zone),
			)
		})
	}
	offers := slices.DeleteFunc(slices.Clone(fitting), func(o batch.Offer) bool { return o.Type != best.Type || o.Market != best.Market })
	hosts := hostsFor(a, nil, least(offers))
	if at.over(hosts, most(offers)) {
		hosts = hostsFor(a, at.pool.Free.All(len(at.pool.Hosts)), least(offers))
	}
	if hosts == 0 || hosts > MaxTogether || at.over(hosts, most(offers)) {
		at.lacks(AtMax)
		return false
	}
	at.launch(Group{Offers: offers, Count: hosts, Together: true})
	return true
}

// over reports whether further hosts of a size would lead beyond what the environment may have. The last of them may, by less than its
// size, if the environment does not say otherwise.
func (at *site) over(hosts int, size int64) bool {
	if at.neverOver() {
		return at.milliCPU+int64(hosts)*size > at.Row.Max.MilliCPU
	}
	return at.milliCPU+int64(hosts-1)*size >= at.Row.Max.MilliCPU
}

// hostsFor is how many hosts of a shape the nodes of a multi-node job need beside what is free; 0: they fit none.
func hostsFor(a *Ask, free []batch.Shape, host batch.Shape) int {
	nodes := int(a.Count())
	for hosts := 1; hosts <= nodes; hosts = nextCount(a, hosts, free, host) {
		rooms := place.NewRooms(len(free) + hosts)
		for i, shape := range free {
			rooms.Set(i, shape)
		}
		for i := range hosts {
			rooms.Set(len(free)+i, host)
		}
		if _, ok := place.Pack(a.Demands, rooms); ok {
			return hosts
		}
	}
	return 0
}

// nextCount is the next number of hosts to be tried after one that was too small: at least what the sum of all nodes needs, if nothing
// is free beside them.
func nextCount(a *Ask, hosts int, free []batch.Shape, host batch.Shape) int {
	next := hosts + 1
	if len(free) > 0 {
		return next
	}
	total := a.Total()
	for _, part := range [][2]int64{{total.MilliCPU, host.MilliCPU}, {total.MemoryMiB, host.MemoryMiB}, {total.GPUs, host.GPUs}} {
		if part[0] > 0 && part[1] > 0 {
			next = max(next, int((part[0]+part[1]-1)/part[1]))
		}
	}
	return next
}
