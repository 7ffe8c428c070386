//go:build !linux && !darwin

package detach

import "os/exec"

// Start starts cmd.
func Start(cmd *exec.Cmd) error { return cmd.Start() }

// Seal does nothing here: only what a command names is inherited.
func Seal() error { return nil }
