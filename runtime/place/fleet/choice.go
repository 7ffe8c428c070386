package fleet

import (
	"cmp"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
)

// Which hosts are launched for a request depends on the allocation strategy of the environment (Amazon Batch user guide, "Instance type
// allocation strategies"):
//
//   - BEST_FIT: the cheapest type that the request fits, and no other while that one is out.
//   - BEST_FIT_PROGRESSIVE: the type with the lowest price for each vCPU that the work can use, then the next ones.
//   - SPOT_CAPACITY_OPTIMIZED, SPOT_PRICE_CAPACITY_OPTIMIZED: the same, with at least [EnoughPools] pools of similar hosts, of which EC2
//     takes those that are least likely to be interrupted.
//   - the ORDERED and PRIORITIZED ones, and an environment without a strategy: in the order of the offers.
//
// Hosts are small as long as what waits is little: a job of one vCPU gets a host of one or two, and a hundred of them get hosts that
// eight or more of are needed for, so that one attempt which goes on for long does not hold a large host.

// LackCause is why an environment cannot get room for work.
type LackCause uint8

// The causes, the one that says most last.
const (
	NoLack    LackCause = iota
	NoOffer             // nothing is offered that fits
	AtMax               // it has, or is going to have, as much as it may
	PoolsRest           // all pools that fit have refused, and are not asked before a time
	Protected           // too many hosts have not come; only one is tried at a time
)

// Lack is why an environment cannot get room for work.
type Lack struct {
	Cause LackCause
	Until batch.Time // of PoolsRest
}

func (at *site) lacks(cause LackCause) {
	if cause > at.lack.Cause {
		at.lack = Lack{Cause: cause}
	}
}

// choose returns the offers that hosts for a number of equal requests are launched as, how many hosts, and how many of the requests each
// of them takes. It may be asked again for what is left. No hosts: none can be launched.
func (s *Scaling) choose(at *site, shape batch.Shape, count int64) (offers []batch.Offer, hosts, each int64) {
	fitting := s.fitting(at, shape, at.room())
	best, ok := bestFor(at.strategy(), fitting, shape, count)
	if !ok {
		return nil, 0, 0
	}
	offers = alike(at.strategy(), fitting, best)
	each = min(place.Fit(shape, least(offers)), count)
	hosts = max(count/each, 1)
	if at.protected() {
		hosts = min(hosts, int64(1-at.coming))
		if hosts <= 0 {
			at.lacks(Protected)
			return nil, 0, 0
		}
	}
	if size := most(offers); size > 0 {
		hosts = min(hosts, max((at.Row.Max.MilliCPU-at.milliCPU)/size, 1))
	}
	return offers, hosts, each
}

// room is how large a further host of the environment may be, in thousandths of a vCPU. The last one may lead beyond the maximum by less
// than its size, if the environment does not say otherwise.
func (at *site) room() int64 {
	switch left := max(at.Row.Max.MilliCPU, at.Row.MinMilliCPU) - at.milliCPU; {
	case left <= 0:
		return 0
	case at.neverOver():
		return left
	default:
		return Boundless
	}
}

// neverOver reports whether the hosts of e together may not have more than its maximum of vCPUs.
func (e *Environment) neverOver() bool {
	return e.Row.Resources != nil && e.Row.Resources.NeverOver || e.strategy() == batch.BestFit && e.Row.Kind == batch.EC2
}

func (e *Environment) strategy() batch.Strategy {
	if e.Row.Resources == nil {
		return ""
	}
	return e.Row.Resources.Strategy
}

// protected reports whether so many hosts of e in a row have not come that launching more would only cost money.
func (e *Environment) protected() bool { return e.Row.NeverCame >= ProtectAfter }

// Protected reports whether hosts of e are launched one at a time, because too many in a row have not come.
func (e *Environment) Protected() bool { return e.protected() }

// fitting returns the offers that have room for shape, are of at most that many thousandths of a vCPU, and may be asked for now. It notes
// what is lacking if there are none.
func (s *Scaling) fitting(at *site, shape batch.Shape, largest int64) (fitting []batch.Offer) {
	lack := Lack{Cause: NoOffer}
	var resting []batch.Offer
	for _, o := range at.affordable() {
		switch {
		case !shape.Fits(o.Shape):
		case o.Shape.MilliCPU > largest:
			if lack.Cause < AtMax {
				lack = Lack{Cause: AtMax}
			}
		case s.refusedUntil(o.Pool) > s.at:
			resting = append(resting, o)
		default:
			fitting = append(fitting, o)
		}
	}
	if at.strategy() == batch.BestFit {
		fitting = onlyCheapest(fitting, resting)
	}
	if len(fitting) > 0 {
		return fitting
	}
	for _, o := range resting {
		if until := s.refusedUntil(o.Pool); lack.Cause != PoolsRest || until < lack.Until {
			lack = Lack{PoolsRest, until}
		}
	}
	s.wakeBy(lack.Until)
	if lack.Cause > at.lack.Cause {
		at.lack = lack
	}
	return nil
}

// onlyCheapest returns those of fitting that are of the cheapest type, counting what cannot be asked for now.
func onlyCheapest(fitting, resting []batch.Offer) []batch.Offer {
	all := append(slices.Clone(resting), fitting...)
	if len(all) == 0 {
		return nil
	}
	cheapest := slices.MinFunc(all, func(a, b batch.Offer) int {
		return cmp.Or(cmp.Compare(a.MicroUSDPerHour, b.MicroUSDPerHour), compareSizes(a, b), cmp.Compare(a.Type, b.Type))
	})
	return slices.DeleteFunc(fitting, func(o batch.Offer) bool { return o.Type != cheapest.Type })
}

func compareSizes(a, b batch.Offer) int {
	return cmp.Or(cmp.Compare(a.Shape.MilliCPU, b.Shape.MilliCPU), cmp.Compare(a.Shape.MemoryMiB, b.Shape.MemoryMiB))
}

// affordable are the offers that the environment pays for: on Spot those that cost at most so much of what the type costs on demand. Hosts
// with GPUs come last: they are for work that needs some.
func (at *site) affordable() []batch.Offer {
	if at.offers != nil {
		return at.offers
	}
	at.offers = make([]batch.Offer, 0, len(at.Row.Offers))
	for _, o := range at.Row.Offers {
		if r := at.Row.Resources; r == nil || r.BidPercent == 0 || o.Market != batch.SpotMarket || o.OnDemand == 0 ||
			o.MicroUSDPerHour*100 <= o.OnDemand*int64(r.BidPercent) {
			at.offers = append(at.offers, o)
		}
	}
	if at.strategy() != "" {
		slices.SortStableFunc(at.offers, func(a, b batch.Offer) int { return cmp.Compare(min(a.Shape.GPUs, 1), min(b.Shape.GPUs, 1)) })
	}
	return at.offers
}

// refusedUntil is [Fleet.RefusedUntil], looked up once.
func (s *Scaling) refusedUntil(p batch.Pool) batch.Time {
	if s.refused == nil {
		s.refused = map[batch.Pool]batch.Time{}
		for _, e := range s.fleet.Environments {
			for _, r := range e.Row.Refused {
				s.refused[r.Pool] = max(s.refused[r.Pool], r.Until)
			}
		}
	}
	return s.refused[p]
}

// bestFor returns the offer to launch for a number of equal requests.
func bestFor(strategy batch.Strategy, fitting []batch.Offer, shape batch.Shape, count int64) (batch.Offer, bool) {
	if len(fitting) == 0 {
		return batch.Offer{}, false
	}
	switch strategy {
	case "", batch.BestFitProgressiveOrdered, batch.SpotCapacityOptimizedPrioritized, batch.BestFit:
		return fitting[0], true
	default:
	}
	largest := max(shape.MilliCPU*count/fewHosts, shape.MilliCPU)
	return slices.MinFunc(fitting, func(a, b batch.Offer) int {
		return cmp.Or(
			cmp.Compare(min(a.Shape.GPUs, 1), min(b.Shape.GPUs, 1)),
			cmp.Compare(perUse(a, shape, count), perUse(b, shape, count)),
			cmp.Compare(oversize(a, largest), oversize(b, largest)),
			-compareSizes(a, b), cmp.Compare(a.MicroUSDPerHour, b.MicroUSDPerHour), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Zone, b.Zone),
		)
	}), true
}

// perUse is what o costs for each of the requests that it would take, rounded so that sizes of one family are equal.
func perUse(o batch.Offer, shape batch.Shape, count int64) int64 {
	perRequest := o.MicroUSDPerHour / max(min(place.Fit(shape, o.Shape), count), 1)
	return perRequest * 1000 / max(shape.MilliCPU, 1) / priceStep
}

// oversize is by how much o is larger than hosts should be.
func oversize(o batch.Offer, largest int64) int64 {
	return max(o.Shape.MilliCPU-min(largest, largeHost), 0)
}

// alike returns the offers that hosts may be launched as instead of best, those that are preferred first. Without a strategy that is best
// alone; otherwise those of the same type, then hosts of the same size, and on Spot larger ones if these are few.
func alike(strategy batch.Strategy, fitting []batch.Offer, best batch.Offer) []batch.Offer {
	if strategy == "" {
		return []batch.Offer{best}
	}
	offers := slices.DeleteFunc(slices.Clone(fitting), func(o batch.Offer) bool {
		return o.Market != best.Market || o.Shape.GPUs != best.Shape.GPUs || o.Shape.MilliCPU != best.Shape.MilliCPU
	})
	if best.Market == batch.SpotMarket && len(offers) < EnoughPools {
		for _, o := range fitting {
			if o.Market == best.Market && o.Shape.GPUs == best.Shape.GPUs && o.Shape.MilliCPU > best.Shape.MilliCPU && o.Shape.MilliCPU <= 2*best.Shape.MilliCPU {
				offers = append(offers, o)
			}
		}
	}
	if strategy != batch.BestFitProgressiveOrdered && strategy != batch.SpotCapacityOptimizedPrioritized {
		slices.SortStableFunc(offers, func(a, b batch.Offer) int {
			return cmp.Or(
				cmp.Compare(b2i(a.Type != best.Type), b2i(b.Type != best.Type)),
				cmp.Compare(perVCPU(a), perVCPU(b)), compareSizes(a, b), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Zone, b.Zone),
			)
		})
	}
	return offers[:min(len(offers), MaxOffers)]
}

func perVCPU(o batch.Offer) int64 { return o.MicroUSDPerHour * 1000 / max(o.Shape.MilliCPU, 1) }

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// least is the smallest shape that a host of one of the offers may have.
func least(offers []batch.Offer) batch.Shape {
	l := batch.Launch{Offer: offers[0], Offers: offers}
	return l.Least()
}

// most is the largest number of vCPUs that a host of one of the offers may have, in thousandths.
func most(offers []batch.Offer) int64 {
	l := batch.Launch{Offer: offers[0], Offers: offers}
	return l.MostMilliCPU()
}
