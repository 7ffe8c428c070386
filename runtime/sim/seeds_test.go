package sim

import (
	"flag"
	"testing"
	"time"
)

var (
	seedCount = flag.Int("seeds", 300, "how many seeds TestSeeds plays")
	firstSeed = flag.Uint64("first", 1, "the first of them")
)

// TestSeeds plays stories and stops at the first that breaks a law.
func TestSeeds(t *testing.T) {
	begun := time.Now()
	var total Stats
	for i := range uint64(*seedCount) {
		stats, failure := Run(*firstSeed + i)
		total.Add(stats)
		if failure != nil {
			t.Fatal(failure)
		}
	}
	t.Logf("%+v in %s", total, time.Since(begun))
}
