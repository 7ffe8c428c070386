package fair

import (
	"cmp"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Weights are the weights of a fair-share policy, ready to be looked up.
type Weights struct {
	exact    map[string]int64
	prefixes []batch.ShareWeight // without the "*", ascending; none is the beginning of another
}

// NewWeights prepares the entries of a policy, no two of which overlap: see [Overlapping].
func NewWeights(entries []batch.ShareWeight) Weights {
	w := Weights{exact: map[string]int64{}}
	for _, e := range entries {
		if stem, isPrefix := strings.CutSuffix(e.Identifier, "*"); isPrefix {
			w.prefixes = append(w.prefixes, batch.ShareWeight{Identifier: stem, Weight: e.Weight})
			continue
		}
		w.exact[e.Identifier] = e.Weight
	}
	slices.SortFunc(w.prefixes, func(a, b batch.ShareWeight) int { return cmp.Compare(a.Identifier, b.Identifier) })
	return w
}

// find returns the weight of the entry for that share identifier, and which of the prefixes it is; -1 if it is none.
func (w Weights) find(identifier string) (weight int64, prefix int) {
	if weight, ok := w.exact[identifier]; ok {
		return weight, -1
	}
	// As no prefix begins another, the one that identifier begins with is the last that is not after it.
	after, found := slices.BinarySearchFunc(w.prefixes, identifier, func(e batch.ShareWeight, id string) int {
		return cmp.Compare(e.Identifier, id)
	})
	if !found {
		after--
	}
	if after >= 0 && strings.HasPrefix(identifier, w.prefixes[after].Identifier) {
		return w.prefixes[after].Weight, after
	}
	return batch.DefaultWeight, -1
}

// Assign gives every active share its weight. Shares with the same prefix have one allotment between them, so each
// weighs what the entry says times their number.
func (w Weights) Assign(active []*Share) {
	matching := make([]int64, len(w.prefixes))
	for _, s := range active {
		if _, prefix := w.find(s.Name); prefix >= 0 {
			matching[prefix]++
		}
	}
	for _, s := range active {
		weight, prefix := w.find(s.Name)
		if prefix >= 0 {
			weight *= matching[prefix]
		}
		s.Weight = weight
	}
}

// Overlapping returns two entries that would give one share identifier two weights.
func Overlapping(entries []batch.ShareWeight) (a, b string, found bool) {
	sorted := slices.Clone(entries)
	slices.SortFunc(sorted, func(a, b batch.ShareWeight) int {
		return cmp.Or(strings.Compare(stem(a), stem(b)), strings.Compare(b.Identifier, a.Identifier))
	})
	// What begins with a stem follows it directly.
	for i := 1; i < len(sorted); i++ {
		a, b := sorted[i-1], sorted[i]
		prefix := strings.HasSuffix(a.Identifier, "*") && strings.HasPrefix(stem(b), stem(a))
		if prefix || stem(a) == stem(b) {
			return a.Identifier, b.Identifier, true
		}
	}
	return "", "", false
}

func stem(e batch.ShareWeight) string { return strings.TrimSuffix(e.Identifier, "*") }
