//go:build linux || darwin

package process

import (
	"encoding/binary"
	"errors"
	"runtime"
	"syscall"
	"unsafe"
)

// Options of waitid, which package syscall does not name.
const (
	idTypeAll = 0 // any child
	optExited = 4
)

// optLeave leaves the child to be reaped.
func optLeave() uintptr {
	if runtime.GOOS == "darwin" {
		return 0x20
	}
	return 0x1000000
}

// pidOffset is where siginfo_t has the pid: behind three ints, aligned as pointers are on Linux.
func pidOffset() int {
	if runtime.GOOS == "linux" && unsafe.Sizeof(uintptr(0)) == 8 {
		return 16
	}
	return 12
}

// awaitExit returns the pid of a child that has ended and leaves it to be reaped; 0 if none has
// and block is false. Without children it returns ECHILD.
func awaitExit(block bool) (int, error) {
	options := optExited | optLeave()
	if !block {
		options |= syscall.WNOHANG
	}
	var info [128]byte // siginfo_t
	for {
		_, _, errno := syscall.Syscall6(syscall.SYS_WAITID, idTypeAll, 0, uintptr(unsafe.Pointer(&info)), options, 0, 0)
		if errno == 0 {
			return int(int32(binary.NativeEndian.Uint32(info[pidOffset():]))), nil
		}
		if !errors.Is(errno, syscall.EINTR) {
			return 0, errno
		}
	}
}
