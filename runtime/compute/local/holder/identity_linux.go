package holder

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// sinceTolerance is how many milliseconds may lie between the noted moment of a start and the
// kernel's, which counts in hundredths of a second.
const sinceTolerance = 2000

// ticksPerSecond is what /proc counts in (USER_HZ).
const ticksPerSecond = 100

// bootID names this boot of the machine.
func bootID() string {
	id, _ := os.ReadFile("/proc/sys/kernel/random/boot_id") // without it pids are never trusted less than by their times
	return strings.TrimSpace(string(id))
}

// sinceBoot is milliseconds since the machine booted.
func sinceBoot() int64 {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &now); err != nil {
		return 0
	}
	return now.Nano() / 1e6
}

// isProcess reports whether pid is a living process that began at since (milliseconds since boot).
func isProcess(pid int, since int64) bool {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return false
	}
	// The name, in parentheses, may hold anything; state is the first field behind it.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" {
		return false
	}
	ticks, err := strconv.ParseInt(fields[19], 10, 64)
	began := ticks * 1000 / ticksPerSecond
	return err == nil && began >= since-sinceTolerance && began <= since+sinceTolerance
}
