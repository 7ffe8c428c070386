package local

import "golang.org/x/sys/unix"

// physicalMiB is the machine's memory.
func physicalMiB() int64 {
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return 0
	}
	return int64(uint64(info.Totalram) * uint64(info.Unit) >> 20) //nolint:unconvert // it is shorter on some systems
}
