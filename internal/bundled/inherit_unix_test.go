//go:build linux || darwin

package bundled

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A lock and a pipe that a caller was started with are free when the caller has let go of them, although the runtime that
// it started goes on.
func TestRuntimeKeepsNothingOfItsCaller(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	lock, err := unix.Open(path, unix.O_CREAT|unix.O_RDWR, 0o600) // a program inherits it
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Flock(lock, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		t.Fatal(err)
	}
	var pipe [2]int
	if err := unix.Pipe(pipe[:]); err != nil { // as are both ends
		t.Fatal(err)
	}
	open(t, config(t))
	for _, fd := range []int{lock, pipe[1]} {
		if err := unix.Close(fd); err != nil {
			t.Fatal(err)
		}
	}
	again, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Close() }()
	if free, err := tryLock(again); !free {
		t.Errorf("the lock is held: %v", err)
	}
	if err := unix.SetNonblock(pipe[0], true); err != nil {
		t.Fatal(err)
	}
	end := os.NewFile(uintptr(pipe[0]), "pipe")
	defer func() { _ = end.Close() }()
	if err := end.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if n, err := end.Read(make([]byte, 1)); n != 0 || os.IsTimeout(err) {
		t.Errorf("the pipe is open: %v", err)
	}
}
