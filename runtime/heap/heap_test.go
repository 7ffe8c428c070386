package heap_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/batchd/terraform-provider-batch/runtime/heap"
)

// item is a number that knows its place.
type item struct{ rank, at int }

// Before implements [heap.Item].
func (i *item) Before(other *item) bool { return i.rank < other.rank }

// Moved implements [heap.Item].
func (i *item) Moved(to int) { i.at = to }

// TestHeapAgreesWithASortedList holds a heap against a slice that is sorted after each step.
func TestHeapAgreesWithASortedList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h heap.Heap[*item]
		for _, rank := range rapid.SliceOfN(rapid.IntRange(0, 20), 0, 10).Draw(t, "start") {
			h = append(h, &item{rank: rank})
		}
		h.Init()
		all := slices.Clone(h)
		draw := rapid.IntRange(0, 20)
		t.Repeat(map[string]func(*rapid.T){
			"push": func(t *rapid.T) {
				i := &item{rank: draw.Draw(t, "rank")}
				h.Push(i)
				all = append(all, i)
			},
			"pop": func(t *rapid.T) {
				if len(all) == 0 {
					t.Skip("it is empty")
				}
				lowest := slices.MinFunc(all, func(a, b *item) int { return a.rank - b.rank }).rank
				i := h.Pop()
				if i.rank != lowest || i.at != -1 {
					t.Fatalf("popped %+v, the lowest is %d", *i, lowest)
				}
				all = slices.DeleteFunc(all, func(other *item) bool { return other == i })
			},
			"remove": func(t *rapid.T) {
				if len(all) == 0 {
					t.Skip("it is empty")
				}
				i := all[rapid.IntRange(0, len(all)-1).Draw(t, "which")]
				if got := h.Remove(i.at); got != i || i.at != -1 {
					t.Fatalf("removed %+v, want %+v", *got, *i)
				}
				all = slices.DeleteFunc(all, func(other *item) bool { return other == i })
			},
			"fix": func(t *rapid.T) {
				if len(all) == 0 {
					t.Skip("it is empty")
				}
				i := all[rapid.IntRange(0, len(all)-1).Draw(t, "which")]
				i.rank = draw.Draw(t, "rank")
				h.Fix(i.at)
			},
			"": func(t *rapid.T) {
				if len(h) != len(all) {
					t.Fatalf("the heap has %d items, want %d", len(h), len(all))
				}
				for at, i := range h {
					if i.at != at {
						t.Fatalf("the item at %d believes to be at %d", at, i.at)
					}
					if parent := h[max(at-1, 0)/2]; i.Before(parent) {
						t.Fatalf("the item at %d belongs before the one above it", at)
					}
				}
			},
		})
	})
}
