package flight

import (
	"bytes"
	"maps"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Board is all flights, by base key. [New] makes one.
type Board[J comparable] struct {
	flights map[batch.PointKey]*Flight[J]
}

// New returns a board without flights.
func New[J comparable]() Board[J] { return Board[J]{flights: map[batch.PointKey]*Flight[J]{}} }

// Empty reports whether there are no flights.
func (b Board[J]) Empty() bool { return len(b.flights) == 0 }

// Enter makes the points of a submission, whose keys stand one behind the other, members of flights.
func (b Board[J]) Enter(owner J, keys []byte) *Points[J] {
	p := &Points[J]{owner: owner, keys: keys}
	for index := range p.Len() {
		key := p.Key(index)
		f := b.flights[key]
		if f == nil {
			f = &Flight[J]{}
			b.flights[key] = f
		}
		f.members = append(f.members, Member[J]{p, index})
		switch n := len(f.members); {
		case n == 2:
			f.members[0].points.shared++
			p.shared++
		case n > 2:
			p.shared++
		}
	}
	return p
}

// Leave takes the points of an ended submission from their flights.
func (b Board[J]) Leave(p *Points[J]) {
	left := map[*Flight[J]]bool{} // those that p has left to others, as p may have many points that are the same
	for index := range p.Len() {
		key := p.Key(index)
		f := b.flights[key]
		if f == nil || left[f] {
			continue // a point of its own that is the same was taken before
		}
		was := len(f.members)
		f.members = slices.DeleteFunc(f.members, func(other Member[J]) bool { return other.points == p })
		switch {
		case len(f.members) == 0:
			delete(b.flights, key)
		case len(f.members) == 1 && was > 1:
			f.members[0].points.shared--
		case len(f.members) > 1:
			left[f] = true
		}
	}
}

// Find returns the flight of a key; nil if there is none.
func (b Board[J]) Find(key batch.PointKey) *Flight[J] { return b.flights[key] }

// At returns the flight of the point at index; nil if the submission shares no work, or has left.
func (b Board[J]) At(p *Points[J], index int32) *Flight[J] {
	if p == nil {
		return nil
	}
	return b.flights[p.Key(index)]
}

// Each yields the flights by their keys. It is for tests.
func (b Board[J]) Each(yield func(batch.PointKey, *Flight[J]) bool) {
	for _, key := range slices.SortedFunc(maps.Keys(b.flights), func(a, b batch.PointKey) int { return bytes.Compare(a[:], b[:]) }) {
		if !yield(key, b.flights[key]) {
			return
		}
	}
}
