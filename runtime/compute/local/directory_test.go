//go:build linux || darwin

package local

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/local/holder"
)

// A runtime on a copy of a state directory ends nothing of the original, and takes over what had ended in it.
func TestCopyOfAStateDirectory(t *testing.T) {
	b := newBed(t)
	ended := b.code(b.sh("exit 5"), 5)
	gate := filepath.Join(t.TempDir(), "gate")
	running := b.sh(`echo started; while [ ! -e ` + gate + ` ]; do sleep 0.01; done; exit 3`)
	b.awaitStart(running)
	b.awaitOutput(running)
	copied := filepath.Join(t.TempDir(), "copy")
	if out, err := exec.Command("cp", "-a", b.options.StateDir, copied).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	other := bedOver(t, testOptions(t, copied))
	if e := other.exit(running); e.Kind != batch.Lost || !strings.Contains(e.Reason, "is a copy") {
		t.Errorf("on the copy the job that ran became %+v", e)
	}
	if e := other.exit(ended.Attempt); e.Code == nil || *e.Code != 5 {
		t.Errorf("on the copy the job that had ended is %+v", e)
	}
	if err := os.WriteFile(gate, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	b.code(running, 3)
}

// A state directory that was moved is served where it is: what ran goes on to its end, and what is started then finds
// its directory.
func TestMovedStateDirectory(t *testing.T) {
	parent := t.TempDir()
	options := testOptions(t, filepath.Join(parent, "a"))
	b := bedOver(t, options)
	gate := filepath.Join(t.TempDir(), "gate")
	running := b.sh(`echo started; while [ ! -e ` + gate + ` ]; do sleep 0.01; done; echo '"kept"' > .batch-result.json; exit 3`)
	b.awaitStart(running)
	b.awaitOutput(running)
	old := b.holderPID()
	if err := b.link.close(); err != nil { // as if batchd was killed
		t.Fatal(err)
	}
	b.link = newLink(options, b.say, b.faults, b.resized) // for the clean-up
	if err := os.Rename(filepath.Join(parent, "a"), filepath.Join(parent, "b")); err != nil {
		t.Fatal(err)
	}
	moved := bedOver(t, testOptions(t, filepath.Join(parent, "b")))
	moved.count = 100
	next := moved.sh(`pwd; echo 1 > "$BATCH_RESULT_FILE"`)
	if moved.holderPID() != old {
		t.Fatal("the old holder does not serve what it runs")
	}
	if err := os.WriteFile(gate, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if e := moved.code(running, 3); string(e.Result) != "\"kept\"\n" {
		t.Errorf("what ran has the result %q, %s", e.Result, e.ResultError)
	}
	e := moved.code(next, 0)
	if got := moved.output(e); !strings.HasPrefix(got, moved.options.StateDir+"/") || string(e.Result) != "1\n" {
		t.Errorf("after the move a job ran in %q with the result %q", got, e.Result)
	}
	if moved.holderPID() == old {
		t.Error("the old holder started something")
	}
}

// Without a journal, what a dead holder left is found all the same, and ended as soon as there is a runtime, which may have
// nothing to start.
func TestWhatRunsIsEndedWithoutAJournal(t *testing.T) {
	for name, damage := range map[string]func(path string) error{
		"gone":  os.Remove,
		"empty": func(path string) error { return os.Truncate(path, 0) },
		"junk":  func(path string) error { return os.WriteFile(path, []byte("junk\n"), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			options := testOptions(t, t.TempDir())
			b := bedOver(t, options)
			id := b.sh(`echo $$; setsid sh -c 'echo $$; exec sleep 1000' & wait`)
			b.awaitStart(id)
			from := b.startedLog(id)
			var pids []string
			for len(pids) < 2 {
				pids = strings.Fields(b.output(batch.Exit{Attempt: id, Log: from}))
			}
			old := b.holderPID()
			if err := b.link.close(); err != nil {
				t.Fatal(err)
			}
			if err := syscall.Kill(old, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			for { // its threads end one after another
				if _, err := holder.Dial(options.StateDir, b.link.around); errors.Is(err, holder.ErrNone) {
					break
				}
			}
			if err := damage(filepath.Join(options.StateDir, "holder.journal")); err != nil {
				t.Fatal(err)
			}
			b.link = newLink(options, b.say, b.faults, b.resized)
			if err := b.link.open(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, pid := range pids {
				if isAlive(t, pid) {
					t.Errorf("process %s is left", pid)
				}
			}
			b.count = 100
			b.code(b.sh("exit 4"), 4)
		})
	}
}

// While the journal cannot be written nothing is started, so that a holder that dies then leaves nothing that its
// successor does not know: no attempt runs twice.
func TestNothingStartsWithoutAJournal(t *testing.T) {
	needRoot(t)
	options := testOptions(t, t.TempDir())
	if err := mountTmpfs(options.StateDir, 8<<20); err != nil {
		t.Skip("no small file system can be mounted:", err)
	}
	t.Cleanup(func() {
		if err := unmount(options.StateDir); err != nil {
			t.Error(err)
		}
	})
	b := bedOver(t, options)
	b.code(b.sh("true"), 0)
	journal := filepath.Join(options.StateDir, "holder.journal")
	ballast := filepath.Join(options.StateDir, "ballast")
	fill(t, ballast)
	runs := t.TempDir()
	const total = 40
	var starts []compute.Start
	for i := range total {
		starts = append(starts, compute.Start{
			Attempt: batch.AttemptID{Job: batch.JobID(fmt.Sprint("full-", i)), Number: 1}, Lane: fmt.Sprint("lane-", i%4), Ahead: i >= 4,
			// A line of the journal fills what is left of its page; then it cannot be written.
			BaseKey:   strings.Repeat("k", 1000),
			Container: batch.Container{Command: []string{"/bin/sh", "-c", fmt.Sprintf("mkdir %s/%d", runs, i)}},
		})
	}
	if err := b.Start(t.Context(), starts); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Census(t.Context()); err != nil { // the holder has taken its turn
		t.Fatal(err)
	}
	known, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	ran, err := os.ReadDir(runs)
	if err != nil {
		t.Fatal(err)
	}
	if len(ran) == total {
		t.Error("everything was started")
	}
	for _, r := range ran {
		if !strings.Contains(string(known), `"full-`+r.Name()) {
			t.Errorf("the journal does not know of attempt %s, which ran", r.Name())
		}
	}
	if err := syscall.Kill(b.holderPID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	for i := range total {
		e := b.exit(starts[i].Attempt)
		if e.Kind != batch.Lost && (e.Kind != batch.Exited || e.Code == nil || *e.Code != 0) { // mkdir fails when it runs twice
			t.Errorf("attempt %d: %+v", i, e)
		}
	}
}

// fill writes a file until the file system is full.
func fill(t *testing.T, path string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for _, piece := range []int{1 << 20, 4 << 10} {
		for {
			if _, err := file.Write(make([]byte, piece)); err != nil {
				break
			}
		}
	}
}
