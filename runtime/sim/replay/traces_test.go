package replay

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/batchd/terraform-provider-batch/internal/long"
)

// trace opens a real workload, which is not part of this repository: it is looked for in shared/traces beside the checkout.
func trace(t testing.TB, name string) *os.File {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("this is not run inside a module")
		}
		dir = filepath.Dir(dir)
	}
	path := filepath.Join(dir, "..", "shared", "traces", name)
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		t.Skipf("the real workload %s is not there; it is only looked for at %s", name, path)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

const (
	lcg        = "LCG-2005-1.swf.gz"
	openbPods  = "openb_pod_list_default.csv"
	openbNodes = "openb_node_list_all_node.csv"
)

// TestLCG plays the beginning of a real log of one-CPU jobs: backfill must change nothing, down to the byte.
func TestLCG(t *testing.T) {
	long.Only(t, "plays 20,000 jobs twice")
	all, err := Read(trace(t, lcg), ReadOptions{})
	must(t, err)
	if len(all.Jobs) != 187_520 {
		t.Fatalf("the log has %d jobs with a run time, want 187,520", len(all.Jobs))
	}
	w := all.Prefix(20_000)
	c, err := CompareBackfill(Simple([]HostSpec{{Count: 20, VCPUs: 16_000, MemoryMiB: 16 * DefaultMemoryPerProcessor}}, ""), w, Options{})
	must(t, err)
	if c.Without.Wait.Mean == 0 {
		t.Error("nobody waited, so this says nothing about backfill")
	}
	if d := c.Difference; d.Jobs.Same != 20_000 || d.Heads.Earlier+d.Heads.Later != 0 {
		t.Errorf("backfill changed when one-CPU jobs start: %+v", d)
	}
	c.With.Backfill = c.Without.Backfill
	with, err := json.Marshal(c.With)
	must(t, err)
	without, err := json.Marshal(c.Without)
	must(t, err)
	if string(with) != string(without) {
		t.Errorf("with backfill\n%s\nwithout\n%s", with, without)
	}
}

func TestOpenb(t *testing.T) {
	long.Only(t, "plays 7,255 jobs twice")
	w, err := Read(trace(t, openbPods), ReadOptions{})
	must(t, err)
	nodes, err := ReadNodes(trace(t, openbNodes))
	must(t, err)
	if len(w.Jobs) != 7255 || w.Skipped[0].Jobs != 897 || len(nodes) != 1523 {
		t.Fatalf("read %d pods, skipped %v, and %d nodes", len(w.Jobs), w.Skipped, len(nodes))
	}
	c, err := CompareBackfill(Simple(Thin(nodes, 500), ""), w, Options{})
	must(t, err)
	if c.With.Jobs.Succeeded != 7255 || c.Difference.MeanWaitMs >= 0 {
		t.Errorf("got %+v and %+v, want all jobs placed and less waiting with backfill", c.With.Jobs, c.Difference)
	}
}
