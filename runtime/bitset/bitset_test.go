package bitset_test

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/batchd/terraform-provider-batch/runtime/bitset"
)

// size is more than one page of a [bitset.Set].
const size = 10_000

var index = rapid.Int32Range(0, size-1)

// TestSetAgreesWithAMap holds Set against a map of its indices.
func TestSetAgreesWithAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var set bitset.Set
		want := map[int32]bool{}
		for _, i := range rapid.SliceOfN(index, 0, 50).Draw(t, "indices") {
			if set.Add(i) == want[i] {
				t.Fatalf("Add(%d) says that it is new: %t", i, !want[i])
			}
			want[i] = true
		}
		if n := int32(len(want)); set.Len() != n || set.Recount() != n {
			t.Fatalf("Len = %d, Recount = %d, want %d", set.Len(), set.Recount(), n)
		}
		for i := range int32(size) {
			if set.Has(i) != want[i] || set.Has(i) != (set.Word(i/64)>>(i%64)&1 == 1) || set.Has(i) != (set.Words()[i/64]>>(i%64)&1 == 1) {
				t.Fatalf("Has(%d) = %t, want %t", i, set.Has(i), want[i])
			}
		}
	})
}

// TestMasksAreSets holds the operations of Mask against those of maps.
func TestMasksAreSets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mask := func(label string) (bitset.Mask, map[int32]bool) {
			m, want := bitset.NewMask(size), map[int32]bool{}
			for _, i := range rapid.SliceOfN(index, 0, 50).Draw(t, label) {
				m.Add(i)
				want[i] = true
			}
			return m, want
		}
		check := func(operation string, m bitset.Mask, want map[int32]bool) {
			if all := slices.Sorted(maps.Keys(want)); !slices.Equal(m.Indices(), all) || m.Len() != int32(len(all)) {
				t.Fatalf("%s: %v, want %v", operation, m.Indices(), all)
			}
			for _, i := range m.Indices() {
				if !m.Has(i) {
					t.Fatalf("%s: Has(%d) = false", operation, i)
				}
			}
		}
		a, inA := mask("a")
		b, inB := mask("b")
		check("new", a, inA)

		both := slices.Clone(a)
		both.Intersect(b)
		inBoth := maps.Clone(inA)
		maps.DeleteFunc(inBoth, func(i int32, _ bool) bool { return !inB[i] })
		check("intersect", both, inBoth)

		rest := slices.Clone(a)
		rest.Subtract(b)
		inRest := maps.Clone(inA)
		maps.DeleteFunc(inRest, func(i int32, _ bool) bool { return inB[i] })
		check("subtract", rest, inRest)

		a.Union(b)
		maps.Copy(inA, inB)
		check("union", a, inA)
		for _, i := range b.Indices() {
			a.Remove(i)
			delete(inA, i)
		}
		check("remove", a, inA)
	})
}

func TestFullMaskHoldsEveryIndexBelowItsSize(t *testing.T) {
	for _, n := range []int32{0, 1, 63, 64, 65, size} {
		if m := bitset.FullMask(n); m.Len() != n || n > 0 && !m.Has(n-1) {
			t.Errorf("FullMask(%d) holds %d", n, m.Len())
		}
	}
}
