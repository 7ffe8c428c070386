package governor

import "context"

// Lane is how urgent a call is among those that wait for the same bucket.
type Lane int

// The lanes, the most urgent first. What ends something comes first, because it costs money and room as long as it runs. A call whose context names none is in
// the lane Describe.
const (
	Stop     Lane = iota // ends a task or an instance
	Run                  // starts a task or an instance
	Describe             // reads what somebody waits for
	Sweep                // reads what is read periodically
	lanes
)

type laneKey struct{}

type countKey struct{}

// In returns a context whose calls are in a lane.
func In(ctx context.Context, lane Lane) context.Context {
	return context.WithValue(ctx, laneKey{}, lane)
}

// Counting returns a context whose calls start or end n instances, which EC2 counts in a bucket of its own.
func Counting(ctx context.Context, n int) context.Context {
	return context.WithValue(ctx, countKey{}, n)
}

func laneOf(ctx context.Context) Lane {
	if lane, ok := ctx.Value(laneKey{}).(Lane); ok {
		return lane
	}
	return Describe
}

func countOf(ctx context.Context) int {
	n, _ := ctx.Value(countKey{}).(int)
	return n
}
