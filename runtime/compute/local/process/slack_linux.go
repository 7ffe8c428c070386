package process

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// OwnSlack is the timer slack of the calling thread: how much later than asked the kernel may wake it. Threads and
// processes that are started inherit it.
func OwnSlack() time.Duration {
	slack, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	if err != nil {
		return 0
	}
	return time.Duration(slack)
}

// WithSlack calls start, which starts a process, in a thread with that timer slack; 0 is [defaultSlack].
func WithSlack(slack time.Duration, start func() error) error {
	if slack == 0 {
		slack = defaultSlack
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if own := OwnSlack(); own != slack {
		setSlack(slack)
		defer setSlack(own)
	}
	return start()
}

// setSlack cannot fail, but where system calls are filtered. Real-time threads have no slack, and keep none.
func setSlack(slack time.Duration) { _ = unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(slack), 0, 0, 0) }
