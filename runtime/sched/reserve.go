package sched

import (
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// reservation is the place that the blocked head of a queue is expected to take, and what is left beside it.
// Work behind the head may start if it is expected to end before, or in what is left: the head then starts
// no later for it (EASY backfilling; Lifka, "The ANL/IBM SP scheduling system", 1995).
type reservation struct {
	job         *job
	environment *fleet.Environment
	pool        *fleet.Pool
	// at is when the place is expected to be free. Unless exact, it is that or later, and nothing is left.
	at    batch.Time
	exact bool
	// left is what the environment has then beside the head, and leftOn what the hosts that the head takes have.
	// Other hosts are bounded by left alone.
	left   batch.Shape
	leftOn map[*fleet.Host]batch.Shape
	takes  []taken // by the head
	// leftOf is what consumable resources that the head needs have then.
	leftOf map[string]int64
}

// taken is a part of the place of a head.
type taken struct {
	host  *fleet.Host
	shape batch.Shape
}

// kept is a reservation in a pass.
type kept struct {
	*reservation
	// claimed, claimedOn and claimedOf are of what is left beside it: heads that are served later, and expected to run when
	// it starts, have them.
	claimed   batch.Shape
	claimedOn map[*fleet.Host]batch.Shape
	claimedOf map[string]int64
}

// keep keeps the place of a head that is served after those whose places are kept.
func (p *pass) keep(m *Machine, r *reservation) {
	if r == nil {
		return
	}
	for _, k := range p.kept {
		if r.exact && r.at < k.at && k.at < r.at.Add(m.lasts(r.job)) {
			k.claim(r)
		}
	}
	p.kept = append(p.kept, &kept{reservation: r, claimedOn: map[*fleet.Host]batch.Shape{}, claimedOf: map[string]int64{}})
}

// keptBefore returns the places of the heads that are served before j. Those of queues that nothing has changed for are kept
// first, whatever their rank.
func (p *pass) keptBefore(j *job) []*kept {
	before := make([]*kept, 0, len(p.kept))
	for _, k := range p.kept {
		if k.job.rank().AmongQueues().Before(j.rank().AmongQueues()) {
			before = append(before, k)
		}
	}
	return before
}

func (k *kept) claim(r *reservation) {
	for _, t := range r.takes {
		if r.environment == k.environment {
			k.claimed = k.claimed.Plus(t.shape)
		}
		k.claimedOn[t.host] = k.claimedOn[t.host].Plus(t.shape)
	}
	for name, quantity := range r.job.wants() {
		k.claimedOf[name] += quantity
	}
}

// room is what is left in e for others.
func (k *kept) room(e *fleet.Environment) batch.Shape {
	if e != k.environment {
		return fleet.Unlimited
	}
	return k.left.Minus(k.claimed)
}

// roomOn is what is left on h for others.
func (k *kept) roomOn(h *fleet.Host) batch.Shape {
	left, taken := k.leftOn[h]
	switch {
	case taken:
		return left.Minus(k.claimedOn[h])
	case !k.exact && standsIn(h, k.pool):
		return fleet.Nothing
	default:
		return fleet.Unlimited
	}
}

// roomOf is what is left of a consumable resource for others.
func (k *kept) roomOf(name string) int64 {
	if left, needed := k.leftOf[name]; needed {
		return left - k.claimedOf[name]
	}
	return fleet.Boundless
}

// allows is how many attempts of j may start on h in e without delaying a head that has a place kept.
func (p *pass) allows(m *Machine, j *job, e *fleet.Environment, h *fleet.Host) int64 {
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
	return j.queue == r.job.queue || !j.rank().AmongQueues().Before(r.job.rank().AmongQueues())
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
func (k *kept) beside(j *job, e *fleet.Environment, h *fleet.Host) int64 {
	n := place.Fit(j.shape(), k.room(e), k.roomOn(h))
	for _, need := range j.submission().Needs {
		n = min(n, max(k.roomOf(need.Resource), 0)/need.Quantity)
	}
	return n
}

// took notes that n attempts of j, which may outlast the wait of a head, have started beside it.
func (p *pass) took(m *Machine, j *job, e *fleet.Environment, h *fleet.Host, n int64) {
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

// reserve finds out where and when the blocked job j is expected to start, given the places kept for heads that are
// served before it; nil if nobody can say.
func (m *Machine) reserve(at batch.Time, j *job, kept []*kept) *reservation {
	var best *reservation
	for _, o := range j.queue.tried {
		e := m.fleet.Environments[o.Environment]
		if e == nil || !e.Row.Open() || place.Fit(place.Total(j.demands()), e.Max()) == 0 {
			continue
		}
		if r := m.reserveIn(at, j, e, kept); r != nil && (best == nil || r.at < best.at) {
			best = r
		}
	}
	return best
}

// reserveIn lets the attempts that hold places in e, or on its hosts, end one after another as they are expected to, and
// the heads with kept places start and end, until j fits. It looks at no more than fleet.MaxEnds ends.
func (m *Machine) reserveIn(at batch.Time, j *job, e *fleet.Environment, kept []*kept) *reservation {
	p := m.fleet.Pool(e)
	p.Overdue(at)
	w := walk{
		m: m, job: j, pool: p, environment: e, demands: j.demands(), kept: kept, lasts: m.lasts(j),
		at: at, free: e.Free(), given: map[string]int64{}, changed: m.changes[:0],
	}
	w.total = place.Total(w.demands)
	defer func() {
		w.undo()
		m.changes = w.changed
	}()
	r := &reservation{job: j, environment: e, pool: p}
	if w.fits() {
		r.at, r.exact = at, true
		w.keep(r)
		return r
	}
	n := 0
	for s := range w.steps {
		if n++; n > fleet.MaxEnds && !r.exact {
			r.at = s.at
			return r
		}
		if r.exact && (s.at > r.at || n > fleet.MaxEnds) {
			break // what else may end at that time is not counted on
		}
		w.take(s)
		if !r.exact && !s.starts && w.fits() {
			r.at, r.exact = w.at, true
		}
	}
	if !r.exact {
		return nil
	}
	w.keep(r)
	return r
}

// standsIn reports whether h is one of the hosts of p.
func standsIn(h *fleet.Host, p *fleet.Pool) bool {
	_, ok := h.RoomIn(p)
	return ok
}
