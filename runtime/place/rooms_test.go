package place_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
)

// TestRoomsAgreeWithLookingAtEach holds the tree against a walk over every room, while rooms change.
func TestRoomsAgreeWithLookingAtEach(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "rooms")
		rooms, plain := place.NewRooms(n), make([]batch.Shape, n)
		for i := range plain {
			plain[i] = batch.Shape{MilliCPU: -1, MemoryMiB: -1, GPUs: -1}
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			i := rapid.IntRange(0, n-1).Draw(t, "room")
			plain[i] = shapes(6).Draw(t, "free")
			rooms.Set(i, plain[i])
			request, from := shapes(6).Draw(t, "request"), rapid.IntRange(0, n).Draw(t, "from")
			if got, want := rooms.First(request, from), firstOf(plain, request, from); got != want {
				t.Fatalf("First(%v, %d) = %d, looking at each of %v gives %d", request, from, got, plain, want)
			}
			if rooms.Free(i) != plain[i] {
				t.Fatalf("Free(%d) = %v, want %v", i, rooms.Free(i), plain[i])
			}
		}
	})
}

func firstOf(rooms []batch.Shape, request batch.Shape, from int) int {
	for i := from; i < len(rooms); i++ {
		if request.Fits(rooms[i]) {
			return i
		}
	}
	return -1
}
