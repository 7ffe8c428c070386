package wire_test

import (
	"strconv"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

func TestEqualReasonsAreSaidOnce(t *testing.T) {
	for _, c := range []struct {
		reasons string // one letter a point
		want    []string
	}{
		{"", nil},
		{"a", []string{"a: point 0"}},
		{"aba", []string{"a: points 0 and 2", "b: point 1"}},
		{"baaaaa", []string{"b: point 0", "a: points 1, 2, 3, 4 and 5"}},
		{"aaaaaaaba", []string{"a: points 0, 1, 2, 3, 4 and 3 more", "b: point 7"}},
	} {
		points := make([]int, len(c.reasons))
		for i := range points {
			points[i] = i
		}
		groups := wire.GroupAlike(points, func(i int) string { return c.reasons[i : i+1] })
		if len(groups) != len(c.want) {
			t.Fatalf("%s: %v; want %q", c.reasons, groups, c.want)
		}
		for i, g := range groups {
			if got := g.Reason + ": " + g.Names(strconv.Itoa); got != c.want[i] {
				t.Errorf("%s: got %q, want %q", c.reasons, got, c.want[i])
			}
		}
	}
}
