//go:build linux || darwin

package local

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// TestSocketRemoved removes the socket of a holder that runs a job: batchd, started again, reaches that holder, and the job ends by
// itself.
func TestSocketRemoved(t *testing.T) {
	for name, c := range map[string]struct {
		connected bool // the socket is removed while batchd is there, not afterwards
		hung      bool // the holder does not run until batchd has given up waiting
	}{
		"while batchd is connected":              {connected: true},
		"while no batchd is there":               {},
		"and the holder is stopped for a moment": {hung: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := testOptions(t, t.TempDir())
			b := bedOver(t, options)
			gate := filepath.Join(t.TempDir(), "gate")
			id := b.sh(`while [ ! -e ` + gate + ` ]; do sleep 0.02; done; exit 6`)
			b.awaitStart(id)
			pid := b.holderPID()
			remove := func() {
				if err := os.Remove(filepath.Join(options.StateDir, "holder.sock")); err != nil {
					t.Fatal(err)
				}
			}
			if c.connected {
				remove()
			}
			if err := b.link.close(); err != nil { // as if batchd was killed
				t.Fatal(err)
			}
			if !c.connected {
				if c.hung {
					halt(t, pid)
				}
				remove()
			}
			b.link = newLink(options, b.say, b.faults, b.resized)
			patience := spawnTimeout
			if c.hung {
				patience = 200 * time.Millisecond
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			if err := b.link.open(ctx); err != nil {
				t.Fatal(err)
			}
			if c.hung {
				if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.WriteFile(gate, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if e := b.exit(id); e.Kind != batch.Exited || e.Code == nil || *e.Code != 6 {
				t.Errorf("the job that ran became %+v", e)
			}
			if got := b.holderPID(); got != pid {
				t.Errorf("the holder has pid %d, want %d as before", got, pid)
			}
			b.code(b.sh("exit 4"), 4)
		})
	}
}

// TestStateDirectoryRemoved removes the whole state directory: the holder ends what runs, and itself.
func TestStateDirectoryRemoved(t *testing.T) {
	options := testOptions(t, filepath.Join(t.TempDir(), "state"))
	b := bedOver(t, options)
	b.awaitStart(b.sh("exec sleep 1000"))
	lock, err := os.Open(filepath.Join(options.StateDir, "holder.lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Close() }() // it was only locked
	if err := b.link.close(); err != nil {
		t.Fatal(err)
	}
	b.link = newLink(options, b.say, b.faults, b.resized) // for the clean-up
	if err := os.Rename(options.StateDir, options.StateDir+".old"); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(options.StateDir + ".old"); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil { // the holder has it for as long as it lives
		t.Fatal(err)
	}
	if _, err := os.Stat(options.StateDir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the state directory is there again: %v", err)
	}
}
