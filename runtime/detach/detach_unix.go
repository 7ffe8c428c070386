//go:build linux || darwin

package detach

import (
	"os/exec"
	"syscall"
)

// Start starts cmd in a session of its own, without a terminal and with no signal blocked. Of the descriptors of this
// process it has those that cmd names.
func Start(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := Seal(); err != nil {
		return err
	}
	return withoutMask(cmd.Start)
}
