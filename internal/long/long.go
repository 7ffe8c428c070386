// Package long divides the tests: "make test" runs with -short what is quick under the race detector, "make test-long" runs everything, whole.
// It decides for single tests, not for packages, so that every package has tests in both.
package long

import "testing"

// share is how many times more seeds, stories or samples "make test-long" plays than "make test".
const share = 10

// Only skips a test that -short leaves out. What says what makes it long, for example "kills a runtime twenty times".
func Only(t testing.TB, what string) {
	t.Helper()
	if testing.Short() {
		t.Skipf("%s: run by make test-long", what)
	}
}

// Sample returns how many of n seeds, stories or samples to play: all of them, or with -short a tenth, rounded up.
func Sample(n int) int {
	if testing.Short() {
		return (n + share - 1) / share
	}
	return n
}
