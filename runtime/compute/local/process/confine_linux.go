package process

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// canConfine reports that confined works here.
const canConfine = true

// confined calls start in a thread of which no child can gain privileges by what it executes, such as a set-user-id program.
// That cannot be undone, so the thread is for this call alone and ends with it.
func confined(start func() error) error {
	result := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked
		if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			result <- fmt.Errorf("giving up further privileges: %w", err)
			return
		}
		result <- start()
	}()
	return <-result
}
