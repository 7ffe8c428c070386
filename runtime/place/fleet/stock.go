package fleet

import (
	"math"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Stock is a consumable resource and what attempts hold of it.
type Stock struct {
	Row batch.Consumable
	// Used is what live attempts hold; they give it back. It is always 0 for a resource that is not replenishable, whose
	// total is lowered instead. It may exceed the total after that was lowered.
	Used int64
}

// Available is what attempts may still take; negative if more is used than there is.
func (s *Stock) Available() int64 { return s.Row.Total - s.Used }

// Take takes what an attempt needs when its start is decided. It reports whether the row has changed.
func (s *Stock) Take(quantity int64) bool {
	if s.Row.Replenishable {
		s.Used += quantity
		return false
	}
	s.Row.Total -= quantity
	return true
}

// Give takes an attempt that has ended off the books. What is not replenishable comes back only if the attempt did not run.
// It reports whether the row has changed.
func (s *Stock) Give(quantity int64, ran bool) bool {
	switch {
	case s.Row.Replenishable:
		s.Used -= quantity
		return false
	case ran:
		return false
	}
	s.Row.Total += min(quantity, math.MaxInt64-s.Row.Total)
	return true
}

// Missing returns the first of needs that cannot be taken now, and how much of it is available; missing is false if
// all can be taken. Of a resource that does not exist nothing is available.
func (f *Fleet) Missing(needs []batch.Need) (need batch.Need, available int64, missing bool) {
	for _, n := range needs {
		s := f.Stocks[n.Resource]
		switch {
		case s == nil:
			return n, 0, true
		case s.Available() < n.Quantity:
			return n, s.Available(), true
		}
	}
	return batch.Need{}, 0, false
}

// Enough is how many attempts find what each of them needs.
func (f *Fleet) Enough(needs []batch.Need) int64 {
	n := Boundless
	for _, need := range needs {
		s := f.Stocks[need.Resource]
		if s == nil {
			return 0
		}
		n = min(n, max(s.Available(), 0)/need.Quantity)
	}
	return n
}

// Returns is what of needs comes back when the attempt that has taken them ends.
func (f *Fleet) Returns(needs []batch.Need) (back []batch.Need) {
	for _, need := range needs {
		if f.returns(need.Resource) {
			back = append(back, need)
		}
	}
	return back
}

// returns reports whether the resource exists and is replenishable.
func (f *Fleet) returns(resource string) bool {
	s := f.Stocks[resource]
	return s != nil && s.Row.Replenishable
}

// available reports whether a finds what it needs once given has come back.
func (f *Fleet) available(a *Ask, given map[string]int64) bool {
	for _, n := range a.Needs {
		s := f.Stocks[n.Resource]
		if s == nil || s.Available()+given[n.Resource] < n.Quantity {
			return false
		}
	}
	return true
}

// leftOf is what is left of the resources that a needs once given has come back and a has started.
func (f *Fleet) leftOf(a *Ask, given map[string]int64) map[string]int64 {
	left := map[string]int64{}
	for _, n := range a.Needs {
		if s := f.Stocks[n.Resource]; s != nil {
			left[n.Resource] = s.Available() + given[n.Resource] - n.Quantity
		}
	}
	return left
}
