package process

import "syscall"

// limiter holds nothing here: macOS has no control groups.
type limiter struct{}

type slot struct{}

func newLimiter(string) *limiter { return &limiter{} }

func (*limiter) close() {}

func (*limiter) take(int64) *slot { return nil }

func (*limiter) give(*slot) {}

func (*slot) outcome() (outOfMemory bool, peakKiB int64) { return false, 0 }

func (*slot) forkExec(path string, argv []string, attr *syscall.ProcAttr) (int, error) {
	return syscall.ForkExec(path, argv, attr)
}

// MemoryLimits says what holds processes to their memory limits, or why nothing does.
func MemoryLimits() (held bool, detail string) {
	return false, "macOS has no control groups; memory limits of process jobs are not enforced"
}
