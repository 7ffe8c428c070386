package detach

import (
	"fmt"
	"math"
	"runtime"

	"golang.org/x/sys/unix"
)

// Seal keeps every descriptor from 3 up from being inherited by programs that this process starts: those that it was
// started with itself are open and inheritable. Go marks its own.
func Seal() error {
	if unix.CloseRange(firstOfOthers, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC) == nil {
		return nil
	}
	return sealEach("/proc/self/fd") // Linux before 5.11
}

// withoutMask calls start while no signal is blocked for this thread, from which a child inherits that.
func withoutMask(start func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var none, before unix.Sigset_t
	if err := unix.PthreadSigmask(unix.SIG_SETMASK, &none, &before); err != nil {
		return fmt.Errorf("unblocking signals: %w", err)
	}
	defer func() { _ = unix.PthreadSigmask(unix.SIG_SETMASK, &before, nil) }() // it was this thread's own
	return start()
}
