package place

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Rooms answers which of many rooms is the first that has space for a request, in time that grows with the
// logarithm of their number: a tree of the largest part of each kind below every node. Parts of
// different rooms may add up to a promise that no single room keeps; the search then goes on to the next.
type Rooms struct {
	leaves int           // a power of two
	most   []batch.Shape // most[1] is the root; the leaves come last
}

// Nothing is what a room has in which nothing fits, not even a request that asks for nothing.
var Nothing = batch.Shape{MilliCPU: -1, MemoryMiB: -1, GPUs: -1}

// NewRooms returns n rooms in which nothing fits.
func NewRooms(n int) *Rooms {
	leaves := 1
	for leaves < n {
		leaves *= 2
	}
	r := &Rooms{leaves: leaves, most: make([]batch.Shape, 2*leaves)}
	for i := range r.most {
		r.most[i] = Nothing
	}
	return r
}

// Free returns what room i has.
func (r *Rooms) Free(i int) batch.Shape { return r.most[r.leaves+i] }

// All returns what the first n rooms have.
func (r *Rooms) All(n int) []batch.Shape { return slices.Clone(r.most[r.leaves : r.leaves+n]) }

// Set tells what room i has.
func (r *Rooms) Set(i int, free batch.Shape) {
	at := r.leaves + i
	r.most[at] = free
	for at /= 2; at > 0; at /= 2 {
		larger := r.most[2*at].Max(r.most[2*at+1])
		if larger == r.most[at] {
			return
		}
		r.most[at] = larger
	}
}

// First returns the first room from index from on that request fits in; -1 if there is none.
func (r *Rooms) First(request batch.Shape, from int) int {
	if from >= r.leaves {
		return -1
	}
	at := r.leaves + from
	for {
		if request.Fits(r.most[at]) {
			if at >= r.leaves {
				return at - r.leaves
			}
			at *= 2
			continue
		}
		for at&1 == 1 { // the right child: its parent is done
			at /= 2
		}
		if at == 0 {
			return -1
		}
		at++
	}
}
