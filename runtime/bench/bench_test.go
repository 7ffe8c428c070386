package bench

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"
)

// TestBench prints the measures. It is asked for with BENCH=1, since it takes minutes and wants the machine
// to itself.
func TestBench(t *testing.T) {
	if os.Getenv("BENCH") == "" {
		t.Skip("set BENCH=1, or run 'make bench', to measure")
	}
	fmt.Printf("# %s, %d cores, %s/%s, %s\n", time.Now().UTC().Format(time.DateOnly), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	fmt.Printf("# %-34s %12s %-10s %s\n", "name", "value", "unit", "ratio")
	t.Run("start", benchStart)
	t.Run("latency", benchLatency)
	t.Run("submit", benchSubmit)
	t.Run("load", benchLoad)
	t.Run("array", benchArray)
	t.Run("memory", benchMemory)
	t.Run("queued", benchQueued)
	t.Run("simulate", benchSimulate)
}

// report prints one measure; ratio 0 means that there is no reference.
func report(name string, value float64, unit string, ratio float64) {
	if ratio == 0 {
		fmt.Printf("%-36s %12.2f %-10s -\n", name, value, unit)
		return
	}
	fmt.Printf("%-36s %12.2f %-10s %.2f\n", name, value, unit, ratio)
}

// percentile returns the p-th percentile of durations in milliseconds.
func percentile(all []time.Duration, p int) float64 {
	slices.Sort(all)
	return float64(all[min(len(all)*p/100, len(all)-1)].Microseconds()) / 1000
}
