package line

import (
	"maps"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fair"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// Policy is a fair-share policy, ready to be applied.
type Policy struct {
	weights fair.Weights
	// Decay is how its shares forget what they have used.
	Decay fair.Decay
	// percent of the capacity, to the power of the number of active shares, is kept free for shares that are not active.
	percent int32
}

// NewPolicy prepares a fair-share policy.
func NewPolicy(f batch.FairShare) *Policy {
	return &Policy{weights: fair.NewWeights(f.Weights), Decay: fair.NewDecay(f.Decay), percent: f.ReservationPercent}
}

// Rank makes the order in which the shares of q are served at that moment, and how much all of them may hold of capacity, in
// milliCPU. Without a policy, p is nil.
func (q *Line[W]) Rank(at batch.Time, p *Policy, capacity func() int64) {
	q.Allowance = fleet.Boundless
	if p == nil {
		return
	}
	active := q.Active(at)
	p.weights.Assign(active)
	for _, l := range q.Lineups() {
		l.key = q.key(at, l)
	}
	if p.percent > 0 {
		total := capacity()
		q.Allowance = total - fair.Reserved(total, p.percent, len(active)) - q.held()
	}
}

// Saved returns a function that puts back what [Line.Rank] made last. It is for questions, which call Rank for a moment of their own:
// the head of q, which may have been blocked for a while, must stay the head.
func (q *Line[W]) Saved() (restore func()) {
	allowance, weights, keys := q.Allowance, map[*fair.Share]int64{}, map[*Lineup[W]]fair.Key{}
	for _, s := range q.Shares {
		weights[s] = s.Weight
	}
	for _, l := range q.lineups {
		keys[l] = l.key
	}
	return func() {
		q.Allowance = allowance
		for s, weight := range weights {
			s.Weight = weight
		}
		for l, key := range keys {
			l.key = key
		}
	}
}

// key is that of the share of l.
func (q *Line[W]) key(at batch.Time, l *Lineup[W]) fair.Key {
	if s := q.Shares[l.Share]; s != nil {
		return s.Key(at)
	}
	return fair.Key{}
}

// Leads reports whether work of l, in which nothing waits and which may be imagined, would be served before all that waits in q.
func (q *Line[W]) Leads(at batch.Time, l *Lineup[W]) bool {
	first := q.First()
	would := Lineup[W]{Share: l.Share, key: q.key(at, l)}
	return first == nil || would.before(first.Lineup)
}

// Placed keeps the order of shares up to date after work of l that asks for milliCPU was placed.
func (q *Line[W]) Placed(at batch.Time, l *Lineup[W], milli int64) {
	if l.Share != "" {
		l.key = q.key(at, l)
		q.Allowance -= milli
	}
}

// Allowed is how many attempts of milliCPU each q may hold more.
func (q *Line[W]) Allowed(milli int64) int64 {
	if milli > 0 && q.Allowance < fleet.Boundless {
		return max(q.Allowance, 0) / milli
	}
	return fleet.Boundless
}

// Active returns the active shares by identifier, and those that hold something.
func (q *Line[W]) Active(at batch.Time) []*fair.Share {
	var active []*fair.Share
	for _, name := range slices.Sorted(maps.Keys(q.Shares)) {
		if s := q.Shares[name]; s.Active(at) || s.Held() > 0 {
			active = append(active, s)
		}
	}
	return active
}

func (q *Line[W]) held() (milli int64) {
	for _, s := range q.Shares {
		milli += s.Held()
	}
	return milli
}

// Forget drops shares that are not active, at most limit of them, and returns those. A share that is made again has used
// nothing, as one that was not dropped would have.
func (q *Line[W]) Forget(at batch.Time, limit int) (forgotten []*fair.Share) {
	var idle []string
	for name, s := range q.Shares {
		if !s.Active(at) && s.Held() == 0 && s.Ahead == 0 && s.AsOf() != at {
			idle = append(idle, name)
		}
	}
	slices.Sort(idle)
	for _, name := range idle[:min(len(idle), limit)] {
		forgotten = append(forgotten, q.Shares[name])
		delete(q.Shares, name)
	}
	return forgotten
}
