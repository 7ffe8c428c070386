package sched_test

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"
)

const (
	endsPerRound   = 1000
	measuredRounds = 400
)

// loadFleet queues arrays of 10,000 children and single jobs of a few dozen kinds over all queues, and fills the hosts.
func loadFleet(t testing.TB, arrays, singles int) *fleet {
	t.Helper()
	f := newFleet(t, fleetHosts, fleetQueues)
	for i := range max(arrays, singles) {
		queue := fmt.Sprintf("q%02d", i%fleetQueues)
		if i < arrays {
			f.submit(queue, 10_000, i%kinds)
		}
		if i < singles {
			f.submit(queue, 0, (i/fleetQueues*7+i)%kinds)
		}
	}
	f.fill()
	return f
}

// BenchmarkRound is a round of a large, full machine that ends 1,000 attempts and places their successors.
func BenchmarkRound(b *testing.B) {
	f := loadFleet(b, 100, 100_000)
	var took time.Duration
	started, n := 0, 0
	for b.Loop() {
		d, s := f.round(f.some(endsPerRound))
		took += d
		started += s
		n++
	}
	b.ReportMetric(float64(took.Microseconds())/1000/float64(n), "ms/round")
	b.ReportMetric(float64(started)/float64(n), "starts/round")
}

// TestBench prints measures in the form of make bench: name, value, unit, and the ratio to a reference.
func TestBench(t *testing.T) {
	if os.Getenv("BENCH") == "" {
		t.Skip("set BENCH=1, or run 'make bench', to measure")
	}
	t.Run("round", benchRound)
}

func benchRound(t *testing.T) {
	f := loadFleet(t, 100, 100_000)
	var all []time.Duration
	started := 0
	for range measuredRounds {
		d, s := f.round(f.some(endsPerRound))
		all = append(all, d)
		started += s
	}
	slices.Sort(all)
	fmt.Println(len(f.running), started/measuredRounds, all[len(all)/2], all[len(all)*99/100], all[len(all)-1])
}
