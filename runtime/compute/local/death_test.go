//go:build linux || darwin

package local

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// awaitGone waits until a process has ended, a zombie included.
func awaitGone(t *testing.T, pid string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); isAlive(t, pid); {
		if time.Now().After(deadline) {
			t.Fatalf("process %s still runs", pid)
		}
	}
}

// isAlive reports whether there is a process that has not ended.
func isAlive(t *testing.T, pid string) bool {
	t.Helper()
	n, err := strconv.Atoi(pid)
	if err != nil {
		t.Fatal(err)
	}
	if syscall.Kill(n, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", n))
	return err != nil || !strings.Contains(string(stat), ") Z ")
}

func TestDeathOfTheHolder(t *testing.T) {
	b := newBed(t)
	kept := b.code(b.sh(`echo '[1]' > "$BATCH_RESULT_FILE"; exit 5`), 5)
	running := b.sh(`echo $$; sleep 1000 & echo $!; setsid sh -c 'echo $$; exec sleep 1000' & wait`)
	waiting := b.sh(`echo late`, func(s *compute.Start) { s.Ahead = true })
	b.awaitStart(running)
	from := b.startedLog(running)
	var pids []string
	for len(pids) < 3 {
		pids = strings.Fields(b.output(batch.Exit{Attempt: running, Log: from}))
	}
	old := b.holderPID()
	if err := syscall.Kill(old, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	e := b.exit(running)
	if e.Kind != batch.Lost || e.Code != nil || e.Reason == "" || e.StartedAt == 0 || e.Log.Begun() != from {
		t.Errorf("exit %+v", e)
	}
	if got := strings.Fields(b.output(e)); len(got) != 3 {
		t.Errorf("the log of the lost attempt is %q", got)
	}
	for _, pid := range pids {
		awaitGone(t, pid)
	}
	b.code(waiting, 0)
	if b.holderPID() == old {
		t.Error("there is no new holder")
	}
	c, err := b.Census(t.Context())
	if err != nil || len(c.Attempts) != 3 {
		t.Fatalf("census %+v, %v", c, err)
	}
	for _, p := range c.Attempts {
		if p.Attempt == kept.Attempt && (p.Exit.Code == nil || *p.Exit.Code != 5 || string(p.Exit.Result) != "[1]\n") {
			t.Errorf("the exit before became %+v", p.Exit)
		}
	}
}

// startedLog is where the log of a running attempt begins.
func (b *bed) startedLog(id batch.AttemptID) batch.LogRef {
	b.t.Helper()
	c, err := b.Census(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	for _, p := range c.Attempts {
		if p.Attempt == id {
			return p.Started.Log
		}
	}
	b.t.Fatalf("%v is not held", id)
	return batch.LogRef{}
}

func TestDeathOfTheHolderUnderLoad(t *testing.T) {
	b := newBed(t)
	marks := t.TempDir()
	const total = 400
	var starts []compute.Start
	for i := range total {
		starts = append(starts, compute.Start{
			Attempt: batch.AttemptID{Job: batch.JobID(fmt.Sprint("load-", i)), Number: 1}, Lane: "lane", Ahead: i >= 4,
			Container: batch.Container{Command: []string{"/bin/sh", "-c", fmt.Sprintf("mkdir %s/%d", marks, i)}},
		})
	}
	if err := b.Start(t.Context(), starts); err != nil {
		t.Fatal(err)
	}
	for kills := 0; len(b.exits) < total; {
		b.hear()
		if len(b.exits) >= (kills+1)*total/5 && kills < 4 {
			kills++
			if err := syscall.Kill(b.holderPID(), syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
	}
	lost := 0
	for id, e := range b.exits {
		switch {
		case e.Kind == batch.Lost:
			lost++
		case e.Kind != batch.Exited || e.Code == nil || *e.Code != 0: // mkdir fails when it runs twice
			t.Errorf("%v: %+v", id, e)
		}
	}
	if lost > 4*4 {
		t.Errorf("%d attempts were lost by 4 kills with 4 running each", lost)
	}
}

func TestCloseAndOpenUnderLoad(t *testing.T) {
	options := testOptions(t, t.TempDir())
	b := bedOver(t, options)
	id := b.sh("sleep 0.2; exit 6")
	b.awaitStart(id)
	if err := b.link.close(); err != nil { // as if batchd was killed
		t.Fatal(err)
	}
	again := bedOver(t, options)
	again.code(id, 6)
	b.link = newLink(options, b.say, b.faults, b.resized) // for the clean-up
}

func TestFullDisk(t *testing.T) {
	needRoot(t)
	options := testOptions(t, t.TempDir())
	logs := LogsDir(options.StateDir)
	if err := os.MkdirAll(logs, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := mountTmpfs(logs, 1<<20); err != nil {
		t.Skip("no small file system can be mounted:", err)
	}
	t.Cleanup(func() {
		if err := unmount(logs); err != nil {
			t.Error(err)
		}
	})
	b := bedOver(t, options)
	e := b.code(b.sh(`head -c 5000000 /dev/zero; echo; echo end`), 0)
	if e.Log.Span.Dropped == 0 || e.Log.Span.Bytes+e.Log.Span.Dropped != 5000005 {
		t.Errorf("span %+v", e.Log)
	}
	b.code(b.sh("exit 2"), 2)
}

func TestLongStateDirectory(t *testing.T) {
	b := bedOver(t, testOptions(t, filepath.Join(t.TempDir(), strings.Repeat("long/", 30))))
	b.code(b.sh("exit 7"), 7)
}

func TestHolderIsOne(t *testing.T) {
	b := newBed(t)
	b.code(b.sh("true"), 0)
	word, err := run(t.Context(), b.options.StateDir, b.options.HolderCommand)
	if err != nil || !strings.Contains(word, "runs already") {
		t.Errorf("a second holder said %q, %v", word, err)
	}
}

func TestHolderThatDoesNotStart(t *testing.T) {
	options := testOptions(t, t.TempDir())
	command := filepath.Join(t.TempDir(), "holder")
	script := func(text string) {
		t.Helper()
		if err := os.WriteFile(command+".new", []byte("#!/bin/sh\n"+text), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(command+".new", command); err != nil {
			t.Fatal(err)
		}
	}
	script("exit 1\n")
	options.HolderCommand = append([]string{command}, options.HolderCommand...)
	b := bedOver(t, options)
	e := b.exit(b.sh("true"))
	if e.Kind != batch.Refused || !strings.Contains(e.Reason, command) || !strings.Contains(e.Reason, "holder.log") {
		t.Errorf("exit %+v", e)
	}
	script(`exec "$@"` + "\n")
	b.awaitWell()
	b.code(b.sh("true"), 0)
}
