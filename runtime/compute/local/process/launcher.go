//go:build linux || darwin

package process

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// Launcher starts processes. Its methods are for one goroutine.
type Launcher struct {
	null   *os.File
	limits *limiter
}

// NewLauncher returns a launcher; name tells the control groups it makes from those of others.
func NewLauncher(name string) (*Launcher, error) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, fmt.Errorf("opening the null device: %w", err)
	}
	return &Launcher{null: null, limits: newLimiter(name)}, nil
}

// Close lets go of what the launcher holds. Nothing it started may run any more.
func (l *Launcher) Close() {
	l.limits.close()
	_ = l.null.Close() // it was only read
}

// Process is one that was started. It leads a process group of its own.
type Process struct {
	PID    int
	Output int // read end of the pipe that is its stdout and stderr; does not block
	slot   *slot
}

// Start runs s. It returns a [*StartError] if it is the job's fault that it does not run.
func (l *Launcher) Start(s *Spec) (*Process, error) {
	path, argv, err := s.resolve()
	if err != nil {
		return nil, err
	}
	who, err := credential(s.User)
	if err != nil {
		return nil, err
	}
	read, write, err := pipe()
	if err != nil {
		return nil, fmt.Errorf("making a pipe: %w", err)
	}
	defer func() { _ = syscall.Close(write) }()
	p := &Process{Output: read, slot: l.limits.take(s.MemoryMiB)}
	// A group is enough: the caller's session has no terminal. A session for each costs up to half of the
	// starts on a busy Linux machine, where it moves the child to a scheduling group of its own and to the
	// end of the queue, while the caller waits for its exec.
	attr := &syscall.ProcAttr{
		Dir: s.Dir, Env: s.Env, Files: []uintptr{l.null.Fd(), uintptr(write), uintptr(write)},
		Sys: &syscall.SysProcAttr{Setpgid: true, Credential: who},
	}
	p.PID, err = p.slot.forkExec(path, argv, attr)
	if err == nil {
		return p, nil
	}
	_ = syscall.Close(read)
	l.limits.give(p.slot)
	if transient(err) {
		return nil, fmt.Errorf("starting a process: %w", err)
	}
	return nil, s.explain(path, err)
}

// transient reports whether err is about the machine, not about what was to run.
func transient(err error) bool {
	return errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.ENOMEM) || errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}

// Ended settles the limits of a process that was reaped. It reports whether the system killed
// it, or a process it started, for using too much memory, and the peak use if it is known.
func (l *Launcher) Ended(p *Process) (outOfMemory bool, peakKiB int64) {
	outOfMemory, peakKiB = p.slot.outcome()
	l.limits.give(p.slot)
	p.slot = nil
	return outOfMemory, peakKiB
}

// pipe makes a pipe whose read end does not block.
func pipe() (read, write int, err error) {
	var ends [2]int
	syscall.ForkLock.RLock()
	err = syscall.Pipe(ends[:])
	if err == nil {
		syscall.CloseOnExec(ends[0])
		syscall.CloseOnExec(ends[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return 0, 0, err
	}
	return ends[0], ends[1], syscall.SetNonblock(ends[0], true)
}
