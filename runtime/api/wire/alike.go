package wire

import (
	"fmt"
	"strings"
)

// NamedAlike is how many of the points that ended alike a message names.
const NamedAlike = 5

// Alike are points that ended for the same reason. T is what is known of one.
type Alike[T any] struct {
	Reason string
	Points []T // at least one
}

// GroupAlike groups points by reason. The groups are in the order of their first points, and the points in each in the order given.
func GroupAlike[T any](points []T, reason func(T) string) []Alike[T] {
	var groups []Alike[T]
	at := map[string]int{}
	for _, point := range points {
		r := reason(point)
		i, known := at[r]
		if !known {
			i = len(groups)
			at[r], groups = i, append(groups, Alike[T]{Reason: r})
		}
		groups[i].Points = append(groups[i].Points, point)
	}
	return groups
}

// Named are the points that a message names, at most [NamedAlike].
func (a Alike[T]) Named() []T { return a.Points[:min(len(a.Points), NamedAlike)] }

// Names names the points by what name returns of each: "point 7", "points 0 (x=1), 1 (x=2), 2 (x=4), 3 (x=8), 4 (x=16) and 25 more".
func (a Alike[T]) Names(name func(T) string) string {
	named := a.Named()
	names := make([]string, len(named))
	for i, point := range named {
		names[i] = name(point)
	}
	text := "point " + names[0]
	switch more := len(a.Points) - len(named); {
	case more > 0:
		text = fmt.Sprintf("points %s and %d more", strings.Join(names, ", "), more)
	case len(names) > 1:
		last := len(names) - 1
		text = fmt.Sprintf("points %s and %s", strings.Join(names[:last], ", "), names[last])
	}
	return text
}
