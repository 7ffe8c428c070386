package local

import "golang.org/x/sys/unix"

// physicalMiB is the machine's memory.
func physicalMiB() int64 {
	bytes, err := unix.SysctlUint64("hw.memsize")
	if err != nil {
		return 0
	}
	return int64(bytes >> 20)
}
