package place_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
)

// TestPackAgreesWithTryingEverything holds Pack against a twin that tries every request in every room.
func TestPackAgreesWithTryingEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		free := rapid.SliceOfN(shapes(5), 1, 4).Draw(t, "rooms")
		var work []place.Demand
		var each []batch.Shape
		for range rapid.IntRange(1, 3).Draw(t, "demands") {
			d := place.Demand{Shape: shapes(4).Draw(t, "shape"), Count: rapid.Int64Range(1, 3).Draw(t, "count")}
			work = append(work, d)
			for range d.Count {
				each = append(each, d.Shape)
			}
		}
		rooms := place.NewRooms(len(free))
		for i, s := range free {
			rooms.Set(i, s)
		}
		taken, ok := place.Pack(work, rooms)
		if want := tryEverything(each, append([]batch.Shape(nil), free...)); ok != want {
			t.Fatalf("Pack says %t, trying everything says %t", ok, want)
		}
		if ok && len(taken) != len(each) {
			t.Fatalf("Pack gives %d rooms to %d requests", len(taken), len(each))
		}
		left := append([]batch.Shape(nil), free...)
		for i, room := range taken {
			left[room] = left[room].Minus(each[i])
		}
		for i, s := range left {
			if !(batch.Shape{}).Fits(s) {
				t.Fatalf("room %d is given more than it has: %v is left of %v", i, s, free[i])
			}
			if rooms.Free(i) != s {
				t.Fatalf("room %d has %v, want %v", i, rooms.Free(i), s)
			}
		}
	})
}

func tryEverything(each, free []batch.Shape) bool {
	if len(each) == 0 {
		return true
	}
	for i, room := range free {
		if each[0].Fits(room) {
			free[i] = room.Minus(each[0])
			if tryEverything(each[1:], free) {
				return true
			}
			free[i] = room
		}
	}
	return false
}

// TestHopelessWorkIsSeenAtOnce: work that has no place even by itself is not tried in one order after another.
func TestHopelessWorkIsSeenAtOnce(t *testing.T) {
	const hosts = 64
	rooms := place.NewRooms(hosts)
	for i := range hosts {
		rooms.Set(i, batch.Shape{MilliCPU: 1900})
	}
	work := []place.Demand{{Shape: batch.Shape{MilliCPU: 100}, Count: 10}, {Shape: batch.Shape{MilliCPU: 1000}, Count: hosts + 1}}
	if _, looks, ok := place.PackCounted(work, rooms); ok || looks > 2*hosts {
		t.Errorf("found: %t, after %d looks", ok, looks)
	}
	work[1].Count = hosts - 1
	if _, looks, ok := place.PackCounted(work, rooms); !ok || looks > 4*hosts {
		t.Errorf("found: %t, after %d looks", ok, looks)
	}
}

// Small requests that are listed first do not take the rooms that large ones need.
func TestPackPlacesLargeRequestsFirst(t *testing.T) {
	const n = 40
	small, large := batch.Shape{MilliCPU: 1000}, batch.Shape{MilliCPU: 4000}
	rooms := place.NewRooms(2 * n)
	for i := range n {
		rooms.Set(i, large)
		rooms.Set(n+i, small)
	}
	taken, ok := place.Pack([]place.Demand{{Shape: small, Count: n}, {Shape: large, Count: n}}, rooms)
	if !ok {
		t.Fatal("there is a way, and Pack finds none")
	}
	for i, room := range taken {
		if (i < n) != (room >= n) {
			t.Errorf("request %d is in room %d", i, room)
		}
	}
}
