package place_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
)

func shapes(most int64) *rapid.Generator[batch.Shape] {
	return rapid.Custom(func(t *rapid.T) batch.Shape {
		part := rapid.Int64Range(0, most)
		return batch.Shape{MilliCPU: part.Draw(t, "cpu"), MemoryMiB: part.Draw(t, "memory"), GPUs: part.Draw(t, "gpus")}
	})
}

// TestFitAgreesWithTakingOneAtATime holds Fit against a twin that subtracts until nothing fits.
func TestFitAgreesWithTakingOneAtATime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		request := shapes(4).Draw(t, "request")
		rooms := rapid.SliceOfN(shapes(20), 1, 3).Draw(t, "rooms")
		got := place.Fit(request, rooms...)
		if request == (batch.Shape{}) {
			if got != place.Unbounded {
				t.Fatalf("a request for nothing fits %d times", got)
			}
			return
		}
		if want := takeOneAtATime(request, rooms); got != want {
			t.Fatalf("Fit = %d, taking one at a time gives %d", got, want)
		}
	})
}

func takeOneAtATime(request batch.Shape, rooms []batch.Shape) (n int64) {
	for {
		for i := range rooms {
			if !request.Fits(rooms[i]) {
				return n
			}
		}
		for i := range rooms {
			rooms[i] = rooms[i].Minus(request)
		}
		n++
	}
}

// TestOrderIsTheFirstOfASort: no head goes before the one that Order chooses.
func TestOrderIsTheFirstOfASort(t *testing.T) {
	rank := rapid.Custom(func(t *rapid.T) place.Rank {
		small := rapid.Int32Range(0, 2)
		return place.Rank{
			Priority: small.Draw(t, "priority"), Front: rapid.Bool().Draw(t, "front"),
			Seq: int64(small.Draw(t, "seq")), Index: small.Draw(t, "index"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		heads := rapid.SliceOfN(rank, 0, 6).Draw(t, "heads")
		first := place.Order(heads)
		if len(heads) == 0 {
			if first != -1 {
				t.Fatalf("Order of nothing is %d", first)
			}
			return
		}
		for _, h := range heads {
			if h.Before(heads[first]) {
				t.Fatalf("%+v goes before the chosen %+v", h, heads[first])
			}
		}
	})
}
