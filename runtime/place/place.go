// Package place chooses: in which order work is served, and how much of it fits where. Its functions are pure, bounded by counts and never by time, and
// answer the same question the same way on a slow machine as on a fast one.
package place

import "github.com/batchd/terraform-provider-batch/runtime/batch"

// Rank says when a piece of work is served. The zero Rank is served among equals by age.
type Rank struct {
	Priority int32 // of the queue; larger first
	Back     int32 // how often its host has refused it lately; smaller first
	Front    bool  // retried work goes before what has not run yet
	Within   int32 // scheduling priority within a share; larger first
	Seq      int64 // submission number; smaller first
	Index    int32 // child of the submission; smaller first
}

// Before reports whether work of rank r is served before work of rank s.
func (r Rank) Before(s Rank) bool {
	switch {
	case r.Priority != s.Priority:
		return r.Priority > s.Priority
	case r.Back != s.Back:
		return r.Back < s.Back
	case r.Front != s.Front:
		return r.Front
	case r.Within != s.Within:
		return r.Within > s.Within
	case r.Seq != s.Seq:
		return r.Seq < s.Seq
	default:
		return r.Index < s.Index
	}
}

// AmongQueues is r beside the work of other queues, to which the priority within a share says nothing.
func (r Rank) AmongQueues() Rank {
	r.Within = 0
	return r
}

// Order returns which of the heads is served first; -1 if there are none.
func Order(heads []Rank) int {
	first := -1
	for i, h := range heads {
		if first < 0 || h.Before(heads[first]) {
			first = i
		}
	}
	return first
}

// Unbounded is the answer of [Fit] for a request that asks for nothing.
const Unbounded = int64(1) << 40

// Fit says how many requests fit at once in every one of rooms: an attempt has to find
// its shape both in what its environment may still hold and on its host.
func Fit(request batch.Shape, rooms ...batch.Shape) int64 {
	n := Unbounded
	for _, room := range rooms {
		n = min(n, times(request.MilliCPU, room.MilliCPU), times(request.MemoryMiB, room.MemoryMiB), times(request.GPUs, room.GPUs))
	}
	return max(n, 0)
}

func times(part, room int64) int64 {
	if part <= 0 {
		return Unbounded
	}
	return room / part
}

// Demand is a number of equal requests.
type Demand struct {
	Shape batch.Shape
	Count int64
}

// Obstacle is why a request can never be placed, however long it waits.
type Obstacle uint8

// The obstacles.
const (
	NoObstacle Obstacle = iota
	// OverEnvironment: larger than the environment may ever hold at once.
	OverEnvironment
	// OverHost: larger than any host of the environment.
	OverHost
	// Unsuited: of a kind that the environment does not run.
	Unsuited
)
