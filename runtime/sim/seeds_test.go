package sim

import (
	"flag"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/internal/long"
)

// wholeSeeds is how many seeds a test run plays.
const wholeSeeds = 300

var (
	seedCount = flag.Int("seeds", 0, "how many seeds TestSeeds plays; 0: as many as a test run has time for")
	firstSeed = flag.Uint64("first", 1, "the first seed that TestSeeds plays")
	tellUnfit = flag.Bool("unfit", false, "TestTell prints the story in which machines refuse starts")
	tellStray = flag.Bool("strays", false, "TestTell prints the story in which attempts leave processes behind")
	tellCloud = flag.Bool("launches", false, "TestTell prints the story in which hosts are launched")
	tellAccts = flag.Bool("accounts", false, "TestTell prints the story in which environments are provisioned")
	tellSeed  = flag.Uint64("tell", 0, "the seed whose story TestTell prints; 0: none")
)

// TestSeeds plays stories under all nets and stops at the first that breaks a law. Play one again
// with -args -first=N -seeds=1.
func TestSeeds(t *testing.T) {
	begun := time.Now()
	var (
		mu      sync.Mutex
		total   Stats
		failure *Failure
		wg      sync.WaitGroup
		seeds   = make(chan uint64)
	)
	failed := func() bool {
		mu.Lock()
		defer mu.Unlock()
		return failure != nil
	}
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for seed := range seeds {
				stats, broken := Run(seed)
				mu.Lock()
				total.Add(stats)
				if broken != nil && (failure == nil || broken.Seed < failure.Seed) {
					failure = broken
				}
				mu.Unlock()
			}
		})
	}
	count := *seedCount
	if count == 0 {
		count = long.Sample(wholeSeeds)
	}
	for i := 0; i < count && !failed(); i++ {
		seeds <- *firstSeed + uint64(i)
	}
	close(seeds)
	wg.Wait()
	if failure != nil {
		t.Fatal(failure)
	}
	t.Log(summary(total, *firstSeed, count, time.Since(begun)))
}

// summary says what was played, in a few lines.
func summary(s Stats, first uint64, seeds int, took time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d seeds from %d: %d stories, %d rounds, %d jobs, %d runs (%d had waited for a place, %d were taken back)\n",
		seeds, first, s.Stories, s.Rounds, s.Jobs, s.Runs, s.Waited, s.Recalls)
	fmt.Fprintf(&b, "%d steps in %s, %.0f a second\nfaults:", s.Steps, took.Round(time.Millisecond), float64(s.Steps)/took.Seconds())
	for kind, n := range s.Faults {
		fmt.Fprintf(&b, " %s %d", Fault(kind), n)
	}
	return b.String()
}

// TestTell prints the story of one seed, line by line.
func TestTell(t *testing.T) {
	if *tellSeed == 0 {
		t.Skip("-tell names no seed")
	}
	teller := teller{seed: *tellSeed, stats: &Stats{}}
	w := teller.alone(cut{told: true})
	if *tellUnfit {
		w = teller.unfit(cut{told: true})
	}
	if *tellStray {
		w = teller.strays(cut{told: true})
	}
	if *tellCloud {
		w = teller.launches(cut{told: true})
	}
	if *tellAccts {
		w = teller.accounts(cut{told: true})
	}
	t.Log(w.scenario(len(w.labels()), len(w.story.lines)))
}

// TestShorten has a failing story made short: what does not matter to the failure is left out.
func TestShorten(t *testing.T) {
	for seed := range uint64(plantedWithin) {
		_, failure := run(seed+1, plantedBugs["one attempt too many"])
		if failure == nil {
			continue
		}
		steps := strings.Count(failure.Scenario, "\n  user ")
		all := len(newWorld(newPlan(seed+1, false, false), nil).labels())
		t.Logf("%d of %d steps are left:\n%v", steps, all, failure)
		if failure.Law != "attempts" || steps > 8 {
			t.Errorf("%d steps to break the law %q; an environment, a queue, a definition and a job are enough", steps, failure.Law)
		}
		return
	}
	t.Fatal("the planted bug was not caught")
}
