package flight

import (
	"iter"
	"maps"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Points are those of one submission that may share work. A nil *Points has none.
type Points[J comparable] struct {
	owner  J
	keys   []byte // one behind the other
	shared int    // how many of them other members have too
}

// Len is how many there are.
func (p *Points[J]) Len() int32 {
	if p == nil {
		return 0
	}
	return int32(len(p.keys) / batch.PointKeySize)
}

// Key is the base key of the point at index.
func (p *Points[J]) Key(index int32) batch.PointKey {
	return batch.PointKey(p.keys[index*batch.PointKeySize:])
}

// Shared reports whether any of them has other members in its flight.
func (p *Points[J]) Shared() bool { return p != nil && p.shared > 0 }

// Member is a point of a submission.
type Member[J comparable] struct {
	points *Points[J]
	Index  int32 // of a child in its array; 0 of a single job
}

// Owner is its submission.
func (o Member[J]) Owner() J { return o.points.owner }

// Flight is the points with one base key. A nil *Flight has nobody in it, and nobody can lead or join it.
type Flight[J comparable] struct {
	members []Member[J] // points of live submissions
	live    []J         // those with a live attempt
	joined  map[J]bool  // those that wait for one of live
}

// Members are the points of live submissions, in the order in which these came.
func (f *Flight[J]) Members() []Member[J] {
	if f == nil {
		return nil
	}
	return f.members
}

// Live are those with a live attempt, in the order in which these were ordered.
func (f *Flight[J]) Live() []J {
	if f == nil {
		return nil
	}
	return f.live
}

// Lead notes that the attempt of j is live.
func (f *Flight[J]) Lead(j J) { f.live = append(f.live, j) }

// Land notes that the attempt of j has ended.
func (f *Flight[J]) Land(j J) {
	if f != nil {
		f.live = slices.DeleteFunc(f.live, func(other J) bool { return other == j })
	}
}

// Join notes that j waits for an attempt of another member.
func (f *Flight[J]) Join(j J) {
	if f.joined == nil {
		f.joined = map[J]bool{}
	}
	f.joined[j] = true
}

// Part notes that j waits for it no longer.
func (f *Flight[J]) Part(j J) { delete(f.joined, j) }

// Joined yields those that wait, in no order.
func (f *Flight[J]) Joined() iter.Seq[J] {
	if f == nil {
		return func(func(J) bool) {}
	}
	return maps.Keys(f.joined)
}

// Busy reports whether anybody runs or waits.
func (f *Flight[J]) Busy() bool { return len(f.live)+len(f.joined) > 0 }
