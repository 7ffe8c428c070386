//go:build linux || darwin

package local

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// TestOpenWhileTheHolderIsSilent opens a driver whose holder is stopped, and goes on, or is killed while it is greeted: the driver
// opens all the same, and hears what became of the attempt.
func TestOpenWhileTheHolderIsSilent(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("whether a process has stopped cannot be read:", err)
	}
	for name, then := range map[string]struct {
		signal syscall.Signal
		during bool // the signal comes while the driver opens
		want   batch.ExitKind
	}{
		"it goes on later":                 {syscall.SIGCONT, false, batch.Exited},
		"it goes on meanwhile":             {syscall.SIGCONT, true, batch.Exited},
		"it is killed later":               {syscall.SIGKILL, false, batch.Lost},
		"it is killed while it is greeted": {syscall.SIGKILL, true, batch.Lost},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := testOptions(t, t.TempDir())
			first := bedOver(t, options)
			file := filepath.Join(t.TempDir(), "gate")
			if err := os.WriteFile(file, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			id := first.sh(`while [ -e ` + file + ` ]; do sleep 0.02; done; exit 6`)
			first.awaitStart(id)
			pid := first.holderPID()
			if err := first.link.close(); err != nil { // as if batchd was killed
				t.Fatal(err)
			}
			first.link = newLink(options, first.say, first.faults, first.resized) // for the clean-up
			halt(t, pid)
			send := func() {
				if err := syscall.Kill(pid, then.signal); err != nil {
					t.Error(err)
				}
				if err := os.Remove(file); err != nil {
					t.Error(err)
				}
			}
			if then.during {
				time.AfterFunc(100*time.Millisecond, send)
			}
			second := bedOver(t, options)
			second.count = first.count
			if !then.during {
				send()
			}
			if e := second.exit(id); e.Kind != then.want {
				t.Errorf("exit %+v, want kind %v", e, then.want)
			}
			second.code(second.sh("exit 7"), 7)
		})
	}
}

// halt stops a process and waits until it has stopped.
func halt(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(stat), ") T ") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("process %d has not stopped: %s", pid, stat)
		}
	}
}
