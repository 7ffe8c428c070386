package holder

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// The signals that the C library keeps for itself. Whoever starts a program with its posix_spawn, as GNU make does, leaves
// them ignored, and the Go runtime installs no handler for them.
const (
	firstOfLibrary = 32
	lastOfLibrary  = 34
)

// sigaction is the structure of rt_sigaction(2), which takes a mask of 64 signals.
type sigaction struct {
	handler  uintptr // 0: the default, 1: ignored
	flags    uintptr
	restorer uintptr
	mask     uint64
}

const ignored = 1

// restoreLibrarySignals gives the signals of the C library that are ignored their default disposition, which children inherit.
// One that has a handler belongs to a C library in this process and is left alone.
func restoreLibrarySignals() {
	for signal := uintptr(firstOfLibrary); signal <= lastOfLibrary; signal++ {
		var is, byDefault sigaction
		_, _, errno := unix.RawSyscall6(unix.SYS_RT_SIGACTION, signal, 0, uintptr(unsafe.Pointer(&is)), unsafe.Sizeof(is.mask), 0, 0) //nolint:gosec // the kernel fills it in
		if errno != 0 || is.handler != ignored {
			continue
		}
		// A refusal leaves the signal ignored, which no program that uses the C library notices.
		_, _, _ = unix.RawSyscall6(unix.SYS_RT_SIGACTION, signal, uintptr(unsafe.Pointer(&byDefault)), 0, unsafe.Sizeof(is.mask), 0, 0) //nolint:gosec // as above
	}
}
