package fleet

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
)

// Reservation is the place that the blocked head of a queue is expected to take, and what is left beside it.
// Work behind the head may start if it is expected to end before, or in what is left: the head then starts
// no later for it (EASY backfilling; Lifka, "The ANL/IBM SP scheduling system", 1995).
type Reservation struct {
	Work        Work
	Environment *Environment
	Pool        *Pool
	// At is when the place is expected to be free. Unless Exact, it is that or later, and nothing is left.
	At    batch.Time
	Exact bool
	// left is what the environment has then beside the head, and leftOn what the hosts that the head takes have.
	// Other hosts are bounded by left alone.
	left   batch.Shape
	leftOn map[*Host]batch.Shape
	takes  []taken // by the head
	// leftOf is what consumable resources that the head needs have then.
	leftOf map[string]int64
}

// taken is a part of the place of a head.
type taken struct {
	host  *Host
	shape batch.Shape
}

// kept is a reservation among those of other heads.
type kept struct {
	*Reservation
	// claimed, claimedOn and claimedOf are of what is left beside it: heads that are served later, and expected to run when
	// it starts, have them.
	claimed   batch.Shape
	claimedOn map[*Host]batch.Shape
	claimedOf map[string]int64
}

// Reservations are the places that are kept for the blocked heads of queues, in the order in which they were kept. What starts
// beside them must not delay them.
type Reservations struct {
	fleet *Fleet
	at    batch.Time // when what is asked about would start
	kept  []*kept
}

// Reservations returns that none is kept, for work that starts at that time.
func (f *Fleet) Reservations(at batch.Time) *Reservations { return &Reservations{fleet: f, at: at} }

// Keep keeps the place of a head that is served after those whose places are kept; r may be nil.
func (p *Reservations) Keep(r *Reservation) {
	if r == nil {
		return
	}
	for _, k := range p.kept {
		if r.Exact && r.At < k.At && k.At < r.At.Add(r.Work.Lasts) {
			k.claim(r)
		}
	}
	p.kept = append(p.kept, &kept{Reservation: r, claimedOn: map[*Host]batch.Shape{}, claimedOf: map[string]int64{}})
}

// before returns the places of the heads that are served before w. Those of queues that nothing has changed for are kept
// first, whatever their rank. None are kept if p is nil.
func (p *Reservations) before(w *Work) []*kept {
	if p == nil {
		return nil
	}
	before := make([]*kept, 0, len(p.kept))
	for _, k := range p.kept {
		if k.Work.Rank.Before(w.Rank) {
			before = append(before, k)
		}
	}
	return before
}

// KeepFrom reports whether a place on h or in e is kept for the head of another queue that is served before w.
func (p *Reservations) KeepFrom(w *Work, e *Environment, h *Host) bool {
	return slices.ContainsFunc(p.kept, func(k *kept) bool {
		return (e == k.Environment || h.in(k.Pool)) && w.Queue != k.Work.Queue && k.Work.Rank.Before(w.Rank)
	})
}

func (k *kept) claim(r *Reservation) {
	for _, t := range r.takes {
		if r.Environment == k.Environment {
			k.claimed = k.claimed.Plus(t.shape)
		}
		k.claimedOn[t.host] = k.claimedOn[t.host].Plus(t.shape)
	}
	for _, n := range r.Work.Needs {
		k.claimedOf[n.Resource] += n.Quantity
	}
}

// room is what is left in e for others.
func (k *kept) room(e *Environment) batch.Shape {
	if e != k.Environment {
		return unlimited
	}
	return k.left.Minus(k.claimed)
}

// roomOn is what is left on h for others.
func (k *kept) roomOn(h *Host) batch.Shape {
	left, taken := k.leftOn[h]
	switch {
	case taken:
		return left.Minus(k.claimedOn[h])
	case !k.Exact && h.in(k.Pool):
		return place.Nothing
	default:
		return unlimited
	}
}

// roomOf is what is left of a consumable resource for others.
func (k *kept) roomOf(name string) int64 {
	if left, needed := k.leftOf[name]; needed {
		return left - k.claimedOf[name]
	}
	return Boundless
}

// Allows is how many attempts of w may start on h in e without delaying a head that has a place kept.
func (p *Reservations) Allows(w *Work, e *Environment, h *Host) int64 {
	n := place.Unbounded
	for _, k := range p.kept {
		switch end := p.at.Add(w.Lasts); {
		case k.binds(end, w):
			n = min(n, k.beside(w, e, h))
		case k.Work.goesBefore(w):
			n = min(n, p.fleet.spares(k.Reservation, w))
		}
	}
	return n
}

// AllowsGang reports whether no head that has a place kept is delayed by multi-node job w on these hosts, and takes what w
// uses of what is left beside them.
func (p *Reservations) AllowsGang(w *Work, e *Environment, hosts []*Host) bool {
	end := p.at.Add(w.Lasts)
	for _, k := range p.kept {
		if k.binds(end, w) && !k.hasRoomFor(w, e, hosts) || k.Work.goesBefore(w) && p.fleet.spares(k.Reservation, w) == 0 {
			return false
		}
	}
	for _, k := range p.kept {
		if end > k.At {
			k.give(w, e, hosts)
		} else {
			p.fleet.useUp(k.Reservation, w, 1)
		}
	}
	return true
}

// Took notes that n attempts of w have started on h in e.
func (p *Reservations) Took(w *Work, e *Environment, h *Host, n int64) {
	for _, k := range p.kept {
		if p.at.Add(w.Lasts) <= k.At { // what is not bound takes of what is left too
			p.fleet.useUp(k.Reservation, w, n)
			continue
		}
		taken := w.Shape().Times(n)
		if e == k.Environment {
			k.left = k.left.Minus(taken)
		}
		if left, ok := k.leftOn[h]; ok {
			k.leftOn[h] = left.Minus(taken)
		}
		k.takeOf(w.Needs, n)
	}
}

// binds reports whether work that ends at that time may delay the head, and must not.
func (r *Reservation) binds(end batch.Time, w *Work) bool { return end > r.At && r.Work.goesBefore(w) }

// takeOf takes n times needs from what is left of the resources that the head needs.
func (r *Reservation) takeOf(needs []batch.Need, n int64) {
	for _, need := range needs {
		if _, needed := r.leftOf[need.Resource]; needed {
			r.leftOf[need.Resource] -= n * need.Quantity
		}
	}
}

// spares is how many attempts of w, which end before the head of r starts, leave it what it needs of consumable resources: what
// is not replenishable does not come back.
func (f *Fleet) spares(r *Reservation, w *Work) int64 {
	n := place.Unbounded
	for _, need := range w.Needs {
		if left, needed := r.leftOf[need.Resource]; needed && !f.returns(need.Resource) {
			n = min(n, max(left, 0)/need.Quantity)
		}
	}
	return n
}

// useUp takes from what is left beside the head of r what n attempts of w do not give back.
func (f *Fleet) useUp(r *Reservation, w *Work, n int64) {
	for _, need := range w.Needs {
		if _, needed := r.leftOf[need.Resource]; needed && !f.returns(need.Resource) {
			r.leftOf[need.Resource] -= n * need.Quantity
		}
	}
}

// beside is how many attempts of w fit beside the head.
func (k *kept) beside(w *Work, e *Environment, h *Host) int64 {
	n := place.Fit(w.Shape(), k.room(e), k.roomOn(h))
	for _, need := range w.Needs {
		n = min(n, max(k.roomOf(need.Resource), 0)/need.Quantity)
	}
	return n
}

// hasRoomFor reports whether all nodes of w fit beside the head on these hosts.
func (k *kept) hasRoomFor(w *Work, e *Environment, hosts []*Host) bool {
	if place.Fit(w.Total(), k.room(e)) == 0 {
		return false
	}
	taken := map[*Host]batch.Shape{}
	fits := w.eachNode(hosts, func(shape batch.Shape, h *Host) bool {
		taken[h] = taken[h].Plus(shape)
		return place.Fit(taken[h], k.roomOn(h)) > 0
	})
	return fits && !slices.ContainsFunc(w.Needs, func(n batch.Need) bool { return n.Quantity > k.roomOf(n.Resource) })
}

// give takes what all nodes of w hold on these hosts from what is left beside the head.
func (r *Reservation) give(w *Work, e *Environment, hosts []*Host) {
	if e == r.Environment {
		r.left = r.left.Minus(w.Total())
	}
	w.eachNode(hosts, func(shape batch.Shape, h *Host) bool {
		if left, kept := r.leftOn[h]; kept {
			r.leftOn[h] = left.Minus(shape)
		}
		return true
	})
	r.takeOf(w.Needs, 1)
}
