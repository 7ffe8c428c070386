package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// simulated is a small log with a hole that backfill fills.
const simulated = `{"name":"a","submittedAt":0,"durationMs":100000,"expectedMs":100000,"vcpus":2,"user":"x"}
{"name":"b","submittedAt":1000,"durationMs":30000,"expectedMs":30000,"vcpus":4,"user":"y"}
{"name":"c","submittedAt":2000,"durationMs":50000,"expectedMs":50000,"vcpus":1,"user":"x"}
`

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSimulate(t *testing.T) {
	workload := file(t, "log.jsonl", simulated)
	code, stdout, stderr := batchd(t, "simulate", workload, "--hosts", "1", "--vcpus", "4")
	if code != exitOK || !strings.Contains(stdout, "3 jobs in 3 submissions") || !strings.Contains(stderr, "decisions per second") {
		t.Fatalf("code %d\n%s\n%s", code, stdout, stderr)
	}
	if _, again, _ := batchd(t, "simulate", workload, "--hosts", "1", "--vcpus", "4"); again != stdout {
		t.Errorf("two runs printed\n%s\nand\n%s", stdout, again)
	}
}

func TestSimulateCompare(t *testing.T) {
	workload := file(t, "log.jsonl", simulated)
	code, stdout, stderr := batchd(t, "simulate", workload, "--hosts", "1", "--vcpus", "4", "--compare", "backfill", "--output", "json")
	var both struct {
		With, Without struct{ MakespanMs int64 }
		Difference    struct{ Jobs, Heads struct{ Earlier, Later int } }
	}
	if err := json.Unmarshal([]byte(stdout), &both); code != exitOK || err != nil {
		t.Fatalf("code %d, %v\n%s\n%s", code, err, stdout, stderr)
	}
	if d := both.Difference; both.With.MakespanMs != 130_000 || both.Without.MakespanMs != 180_000 || d.Jobs.Earlier != 1 || d.Heads.Later != 0 {
		t.Errorf("got makespans of %d and %d ms and %+v; want 130 s and 180 s, and one job earlier", both.With.MakespanMs, both.Without.MakespanMs, d)
	}
	if code, stdout, _ := batchd(t, "simulate", workload, "--hosts", "1", "--vcpus", "4", "--compare", "backfill"); code != exitOK || !strings.Contains(stdout, "heads held back") {
		t.Errorf("code %d\n%s", code, stdout)
	}
}

func TestSimulateWorldAndSave(t *testing.T) {
	world := file(t, "world.json", `{"environments":[{"name":"here","kind":"LOCAL","maxvCpus":4}],"hosts":[{"vcpus":2,"memoryMiB":100}],
		"queues":[{"name":"q","backfill":false}]}`)
	saved := filepath.Join(t.TempDir(), "saved.jsonl")
	code, stdout, stderr := batchd(t, "simulate", file(t, "log.jsonl", simulated), "--world", world, "--limit", "2", "--save", saved)
	if code != exitOK || !strings.Contains(stdout, "2 jobs in 2 submissions") {
		t.Fatalf("code %d\n%s\n%s", code, stdout, stderr)
	}
	text, err := os.ReadFile(saved)
	if err != nil || strings.Count(string(text), "\n") != 2 {
		t.Errorf("saved %q, %v; want two lines", text, err)
	}
}

func TestSimulateHistory(t *testing.T) {
	dir := serve(t)
	for _, args := range [][]string{{"--", "true"}, {"--array", "3", "--", "true"}, {"--", "false"}} {
		if code, stdout, stderr := batchd(t, append([]string{"submit", "--wait", "--state-dir", dir}, args...)...); code == exitUsage || code == exitAbsent {
			t.Fatalf("code %d\n%s\n%s", code, stdout, stderr)
		}
	}
	for _, queue := range []string{"", defaultName} {
		code, stdout, stderr := batchd(t, "simulate", "--history", "--queue", queue, "--hosts", "1", "--vcpus", "1", "--state-dir", dir)
		if code != exitOK || !strings.Contains(stdout, "5 jobs in 3 submissions") {
			t.Errorf("queue %q: code %d\n%s\n%s", queue, code, stdout, stderr)
		}
	}
}

// TestSimulateRefusals wants an exit code and an error that says what to change.
func TestSimulateRefusals(t *testing.T) {
	alone(t)
	workload, empty := file(t, "log.jsonl", simulated), file(t, "empty", "")
	for want, args := range map[string][]string{
		"give a workload":                   {"--hosts", "1", "--vcpus", "1"},
		"either a file, or --history":       {workload, "--history", "--hosts", "1", "--vcpus", "1"},
		"say where to play it":              {workload},
		"--hosts needs --vcpus":             {workload, "--hosts", "1"},
		"is not a number":                   {workload, "--hosts", "1", "--vcpus", "x"},
		"--compare is":                      {workload, "--hosts", "1", "--vcpus", "1", "--compare", "weather"},
		"plays it both ways":                {workload, "--hosts", "1", "--vcpus", "1", "--compare", "backfill", "--backfill=false"},
		"--format is":                       {workload, "--hosts", "1", "--vcpus", "1", "--format", "xml"},
		"--queue-share is \"w\"":            {workload, "--hosts", "1", "--vcpus", "1", "--queue-share", "w"},
		"takes one workload":                {workload, workload, "--hosts", "1", "--vcpus", "1"},
		"--nodes-percent 0.1 of 1 nodes is": {workload, "--nodes", file(t, "nodes.csv", "sn,cpu_milli,memory_mib,gpu,model\nn,1,1,0,\n"), "--nodes-percent", "0.1"},
	} {
		if code, _, stderr := batchd(t, append([]string{"simulate"}, args...)...); code != exitUsage || !strings.Contains(stderr, want) {
			t.Errorf("%q: code %d, %q; want a wrong command line and %q", args, code, stderr, want)
		}
	}
	for want, args := range map[string][]string{
		"the workload is empty": {empty, "--hosts", "1", "--vcpus", "1"},
		"no such file":          {filepath.Join(t.TempDir(), "none"), "--hosts", "1", "--vcpus", "1"},
		"line 1":                {file(t, "bad", "1 2 3\n"), "--format", "swf", "--hosts", "1", "--vcpus", "1"},
		"--world":               {workload, "--world", empty},
	} {
		if code, _, stderr := batchd(t, append([]string{"simulate"}, args...)...); code != exitFailed || !strings.Contains(stderr, want) {
			t.Errorf("%q: code %d, %q; want a failure and %q", args, code, stderr, want)
		}
	}
}

// TestSimulateInterrupted ends a simulation as Ctrl-C does.
func TestSimulateInterrupted(t *testing.T) {
	workload := file(t, "log.jsonl", strings.Repeat(`{"durationMs":1000,"vcpus":1}`+"\n", 5000))
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var stdout, stderr bytes.Buffer
	code := run(ctx, &root{stdout: &stdout, stderr: &stderr}, []string{"simulate", workload, "--hosts", "1", "--vcpus", "1"})
	if code != exitFailed || stdout.Len() > 0 || !strings.Contains(stderr.String(), "interrupted") {
		t.Errorf("code %d, %q, %q; want nothing printed and an interruption", code, stdout.String(), stderr.String())
	}
}
