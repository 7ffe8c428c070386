package long

import (
	"testing"
	"time"
)

// TestShortIsPartOfTheWhole holds both modes to what they promise, each when it is the one that runs.
func TestShortIsPartOfTheWhole(t *testing.T) {
	for n, short := range map[int]int{1: 1, 10: 1, 11: 2, 300: 30} {
		want := n
		if testing.Short() {
			want = short
		}
		if got := Sample(n); got != want {
			t.Errorf("Sample(%d) = %d, want %d", n, got, want)
		}
	}
	ran := false
	t.Run("long", func(t *testing.T) {
		Only(t, "shows that it is left out")
		ran = true
	})
	if ran == testing.Short() {
		t.Errorf("a long test ran: %t; short: %t", ran, testing.Short())
	}
}

// TestLimitsGrowWithTheLoad reads what Linux says of its load.
func TestLimitsGrowWithTheLoad(t *testing.T) {
	for loadavg, want := range map[string]time.Duration{
		"0.20 0.93 2.28 1/1204 3081\n":  time.Second,
		"6.00 0.93 2.28 1/1204 3081\n":  3 * time.Second,
		"0.20 9.93 9.28 10/1204 3081\n": 5 * time.Second,
		"":                              time.Second,
	} {
		if got := stretched(time.Second, loadavg, 2); got != want {
			t.Errorf("%q: %s, want %s", loadavg, got, want)
		}
	}
	if got := Stretched(time.Second); got < time.Second {
		t.Errorf("a second has become %s", got)
	}
}
