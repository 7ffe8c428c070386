package detach_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/batchd/terraform-provider-batch/runtime/detach"
)

// A child has the descriptors that its command names and no other, and no signal is blocked for it, whatever this process was
// started with.
func TestStartHandsOnNothing(t *testing.T) {
	lock, err := unix.Open(filepath.Join(t.TempDir(), "lock"), unix.O_CREAT|unix.O_RDWR, 0o600) // a program inherits it
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Close(lock) }()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	blocked := unix.Sigset_t{Val: [16]uint64{1<<(unix.SIGUSR1-1) | 1<<(unix.SIGTERM-1)}}
	var before unix.Sigset_t
	if err := unix.PthreadSigmask(unix.SIG_BLOCK, &blocked, &before); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.PthreadSigmask(unix.SIG_SETMASK, &before, nil) }()
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	// The shell becomes grep for the mask: while it waits for a child, its own has moments in which all signals are blocked.
	cmd := exec.Command("/bin/sh", "-c", `ls -l /proc/$$/fd | grep -c lock; ps -o sid= -p $$; echo $$; exec grep SigBlk /proc/self/status`)
	cmd.Stdout = out
	if err := detach.Start(cmd); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	if lines[0] != "0" {
		t.Error("it has the lock open")
	}
	if strings.TrimSpace(lines[1]) != lines[2] {
		t.Errorf("its session is %s, not %s", lines[1], lines[2])
	}
	if !strings.HasSuffix(lines[3], "\t0000000000000000") {
		t.Errorf("blocked are %s", lines[3])
	}
}
