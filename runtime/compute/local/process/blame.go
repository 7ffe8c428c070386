//go:build linux || darwin

package process

import (
	"errors"
	"syscall"

	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// blames says whose fault the errors of the system are when a process is started. What the job names (its command, user and
// directory) gives the errors of the job; what every process needs gives those of the machine.
var blames = map[syscall.Errno]compute.Blame{
	syscall.EAGAIN: compute.OfMachine, // no process is free: RLIMIT_NPROC, pids.max, kernel.pid_max
	syscall.ENOMEM: compute.OfMachine, // no memory for a fork
	syscall.EMFILE: compute.OfMachine, // no descriptor is free: RLIMIT_NOFILE
	syscall.ENFILE: compute.OfMachine, // no file is free: fs.file-max
	syscall.ENOSPC: compute.OfMachine, // the disk is full, or has no inode left
	syscall.EDQUOT: compute.OfMachine, // the quota of the disk is used up
	syscall.EROFS:  compute.OfMachine, // the disk was mounted anew after an error
	syscall.EIO:    compute.OfMachine, // the disk does not read or write
	syscall.ENXIO:  compute.OfMachine, // a device is gone
	syscall.ENODEV: compute.OfMachine,
	syscall.ESTALE: compute.OfMachine, // a file server lost what it served

	syscall.ENOENT:       compute.OfJob, // no such command, interpreter or directory
	syscall.ENOTDIR:      compute.OfJob,
	syscall.EISDIR:       compute.OfJob,
	syscall.ELOOP:        compute.OfJob,
	syscall.ENAMETOOLONG: compute.OfJob,
	syscall.EACCES:       compute.OfJob, // not executable
	syscall.EPERM:        compute.OfJob, // a user that the runtime may not change to
	syscall.EINVAL:       compute.OfJob, // an argument or a variable with a zero byte
	syscall.ENOEXEC:      compute.OfJob, // not a program
	syscall.E2BIG:        compute.OfJob, // arguments and environment are too long
}

// machineError is an error of what every process needs, whatever the job names.
type machineError struct{ error }

func (e machineError) Unwrap() error { return e.error }

// OfMachine marks err, of a step that does not depend on the job, as the machine's. A nil error stays nil.
func OfMachine(err error) error {
	if err == nil {
		return nil
	}
	return machineError{err}
}

// BlameOf says whose fault it is that a process was not started.
func BlameOf(err error) compute.Blame {
	var (
		machine machineError
		start   *StartError
		errno   syscall.Errno
	)
	switch {
	case errors.As(err, &machine):
		return compute.OfMachine
	case errors.As(err, &start):
		return compute.OfJob
	case errors.As(err, &errno) && blames[errno] != 0:
		return blames[errno]
	default:
		return compute.Unknown
	}
}
