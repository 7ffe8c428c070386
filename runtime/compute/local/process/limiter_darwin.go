package process

import (
	"syscall"
	"time"
)

// limiter holds nothing here: macOS has no control groups.
type limiter struct{}

type slot struct{}

func newLimiter(string) *limiter { return &limiter{} }

func (*limiter) close() {}

func (*limiter) take(int64) *slot { return nil }

func (*limiter) give(*slot) {}

func (*slot) own() *group { return nil }

func (*slot) clear() bool { return true }

func (*slot) outcome() (outOfMemory bool, peakKiB int64) { return false, 0 }

func (*slot) inThread(fork func()) { fork() }

// groups holds nothing either.
type groups struct{}

type group struct{}

func newGroups(string) *groups { return &groups{} }

func (*groups) given() bool { return false }

func (*groups) dir() string { return "" }

func (*groups) close() {}

func (*groups) take() (*group, error) { return nil, nil }

func (*groups) give(*group) {}

func (*group) enter(*syscall.SysProcAttr) {}

func (*group) clear() Left { return NothingFound }

// EndGroups finds nothing to end.
func EndGroups(string, string, time.Duration) bool { return true }

// MemoryLimits says what holds processes to their memory limits, or why nothing does.
func MemoryLimits() (held bool, detail string) {
	return false, "macOS has no control groups; memory limits of process jobs are not enforced"
}

// Leftovers says what ends the processes that jobs leave behind.
func Leftovers() (held bool, detail string) {
	return false, "macOS has no control groups: what leaves its job's process group is ended if its environment can be read and names the job's result file"
}
