package long

import "testing"

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
