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

// TestSizeIsFitWithImaginaryHosts: with the hosts that Size asks for, the work fits; with one less, it
// does not when all of it is of one shape.
func TestSizeIsFitWithImaginaryHosts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		work := place.Demand{Shape: shapes(4).Draw(t, "shape"), Count: rapid.Int64Range(0, 30).Draw(t, "count")}
		free := rapid.SliceOfN(shapes(10), 0, 3).Draw(t, "free")
		offer := shapes(8).Draw(t, "offer")
		hosts, impossible := place.Size([]place.Demand{work}, free, offer)
		var room int64
		for _, f := range free {
			room += place.Fit(work.Shape, f)
		}
		each := place.Fit(work.Shape, offer)
		switch left := work.Count - room; {
		case left <= 0 && (hosts != 0 || impossible != nil):
			t.Fatalf("no host is missing, Size asks for %d and gives up %v", hosts, impossible)
		case left > 0 && each == 0 && (len(impossible) != 1 || impossible[0].Count != left):
			t.Fatalf("%d can never fit, Size gives up %v", left, impossible)
		case left > 0 && each > 0 && int64(hosts) != (left+each-1)/each:
			t.Fatalf("%d hosts are missing, Size asks for %d", (left+each-1)/each, hosts)
		}
	})
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
