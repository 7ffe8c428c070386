package bench

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/sim/replay"
)

const (
	// traces is where real workloads are looked for: in shared/traces beside the checkout. They are not part of this repository.
	traces = "../../../shared/traces"
	// lcgHosts of lcgHostVCPUs make the LCG log, of 1,581 CPUs in the mean and 3,359 at its peak, wait.
	lcgHosts     = 63
	lcgHostVCPUs = 32_000 // thousandths
	lcgLimit     = 60     // seconds that the simulation may take
	// openbPercent of the nodes of the openb cluster, in thousandths, are the capacity for its pods.
	openbPercent = 500
)

// benchSimulate measures the simulation of a real log, and what backfill does for another.
func benchSimulate(t *testing.T) {
	t.Run("lcg", benchLCG)
	t.Run("openb", benchOpenb)
}

// benchLCG plays 187,520 one-CPU jobs. Backfill must not change when any of them starts.
func benchLCG(t *testing.T) {
	w := openTrace(t, "LCG-2005-1.swf.gz", func(f *os.File) (*replay.Workload, error) { return replay.Read(f, replay.ReadOptions{}) })
	world := replay.Simple([]replay.HostSpec{{Count: lcgHosts, VCPUs: lcgHostVCPUs, MemoryMiB: lcgHostVCPUs / 1000 * replay.DefaultMemoryPerProcessor}}, "")
	begin := time.Now()
	one, err := replay.Run(world, w, replay.Options{})
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(begin).Seconds()
	report("simulate-lcg", took, "s", took/lcgLimit)
	report("simulate-lcg-decisions", float64(one.Report.Starts)/took, "1/s", 0)
	both, err := replay.CompareBackfill(world, w, replay.Options{})
	if err != nil {
		t.Fatal(err)
	}
	changed := both.Difference.Jobs.Earlier + both.Difference.Jobs.Later
	report("simulate-lcg-backfill-changes", float64(changed), "jobs", 0)
	if changed > 0 {
		t.Errorf("backfill changed when %d one-CPU jobs start", changed)
	}
}

// benchOpenb plays GPU jobs on a part of their cluster with and without backfill: once with what a scheduler knows of their
// run times, which is nothing, and once with all there is to know.
func benchOpenb(t *testing.T) {
	w := openTrace(t, "openb_pod_list_default.csv", func(f *os.File) (*replay.Workload, error) { return replay.Read(f, replay.ReadOptions{}) })
	nodes := openTrace(t, "openb_node_list_all_node.csv", func(f *os.File) ([]replay.HostSpec, error) { return replay.ReadNodes(f) })
	kept := replay.Thin(nodes, openbPercent)
	report("openb-nodes", float64(len(kept)), "hosts", float64(len(kept))/float64(len(nodes)))
	for _, exact := range []bool{false, true} {
		name := "history"
		if exact {
			name = "exact"
		}
		both, err := replay.CompareBackfill(replay.Simple(kept, ""), w, replay.Options{Exact: exact})
		if err != nil {
			t.Fatal(err)
		}
		measure := func(what string, value float64, unit string, ratio float64) {
			report(fmt.Sprintf("openb-%s-%s", name, what), value, unit, ratio)
		}
		d := both.Difference
		measure("mean-wait-fifo", minutes(both.Without.Wait.Mean), "min", 1)
		measure("mean-wait-backfill", minutes(both.With.Wait.Mean), "min", float64(both.With.Wait.Mean)/float64(both.Without.Wait.Mean))
		measure("heads", float64(d.Heads.Earlier+d.Heads.Same+d.Heads.Later), "jobs", 0)
		measure("heads-later", float64(d.Heads.Later), "jobs", 0)
		measure("heads-shift-p50", minutes(d.Heads.By.P50), "min", 0)
		measure("heads-shift-p90", minutes(d.Heads.By.P90), "min", 0)
		measure("heads-shift-p99", minutes(d.Heads.By.P99), "min", 0)
		measure("heads-shift-max", minutes(d.Heads.By.Max), "min", 0)
	}
}

func minutes(ms int64) float64 { return (time.Duration(ms) * time.Millisecond).Minutes() }

// openTrace reads a real workload, or skips the measure where it is not there.
func openTrace[T any](t *testing.T, name string, read func(*os.File) (T, error)) T {
	t.Helper()
	path := filepath.Join(traces, name)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("the real workload %s is not there; it is only looked for at %s", name, path)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := read(f)
	if err != nil {
		t.Fatal(err)
	}
	return all
}
