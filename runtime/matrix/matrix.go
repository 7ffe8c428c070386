// Package matrix turns a sweep's matrix, include and exclude into points, by the rules that CI systems
// made familiar. It is for the provider and the command line, which expand a sweep before they submit it; the
// service itself is given points and knows nothing of how they came about.
package matrix

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The limits of a sweep.
const (
	// MaxPoints is the most points any sweep may have, whatever limit [Expand] is given.
	MaxPoints = 1_000_000
	// MaxVisits bounds how many points exclude and include entries may touch, all entries together.
	MaxVisits = 10_000_000
	// MaxNameLength is the longest name of a parameter, in bytes.
	MaxNameLength = 128
)

// Sweep declares points. Values are text; a caller whose values are numbers or booleans renders them first.
type Sweep struct {
	// Matrix lists the values of each parameter. Every combination is a point.
	Matrix map[string][]string
	// Include adds to points. An entry extends each point of Matrix that has all the values the entry
	// gives for names of Matrix; an entry that extends none is a point of its own. Values from Matrix
	// are never overwritten, those of an earlier entry are.
	Include []map[string]string
	// Exclude removes, before Include is looked at, each point that has all the pairs of an entry.
	Exclude []map[string]string
}

// Expand returns the points of s: those of Matrix row by row, names in sorted order and the last one changing fastest, then
// those that Include added, in its order. It refuses a sweep of more than limit points, counted before
// Exclude too; and a point that is declared twice. Its errors name places and parameters, and no values, which may be secret.
func Expand(s Sweep, limit int) ([]map[string]string, error) {
	if err := checkNames(s); err != nil {
		return nil, err
	}
	g, err := newGrid(s.Matrix, min(limit, MaxPoints))
	if err != nil {
		return nil, err
	}
	for i, entry := range s.Exclude {
		if err := g.exclude(entry); err != nil {
			return nil, fmt.Errorf("exclude[%d]: %w", i, err)
		}
	}
	added, err := g.includeAll(s.Include)
	if err != nil {
		return nil, err
	}
	points := append(g.points(), added...)
	if len(points) == 0 {
		return nil, errors.New("the sweep has no points: give matrix or include at least one, and let exclude leave one")
	}
	if len(points) > g.limit {
		return nil, fmt.Errorf("include makes %d points of the sweep, more than the limit of %d", len(points), g.limit)
	}
	return points, nil
}

// Key identifies a point by its parameters: equal points, and only those, have equal keys.
func Key(point map[string]string) string {
	var b strings.Builder
	for i, name := range slices.Sorted(maps.Keys(point)) {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%q=%q", name, point[name])
	}
	return b.String()
}

// checkNames refuses names that cannot be parameters, in the order in which they would be read.
func checkNames(s Sweep) error {
	check := func(where, name string) error {
		if name == "" || len(name) > MaxNameLength {
			return fmt.Errorf("%s: the name of a parameter has 1 to %d bytes, %q has %d", where, MaxNameLength, name, len(name))
		}
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(s.Matrix)) {
		if err := check("matrix", name); err != nil {
			return err
		}
	}
	for i, entry := range s.Include {
		for _, name := range slices.Sorted(maps.Keys(entry)) {
			if err := check(fmt.Sprintf("include[%d]", i), name); err != nil {
				return err
			}
		}
	}
	return nil
}

// text renders an entry or a list for an error message.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}
