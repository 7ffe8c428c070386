//go:build unix

package rendezvous

import (
	"errors"
	"syscall"
)

// processExists reports whether there is a process pid.
func processExists(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
