//go:build linux || darwin

package process

import (
	"errors"
	"sync"
	"syscall"
	"time"
)

// Exit is how a process ended.
type Exit struct {
	PID    int
	Status syscall.WaitStatus
	Usage  syscall.Rusage // of it and the descendants it waited for
	At     time.Time
}

// Code is the exit code; 128+n for death by signal n.
func (e *Exit) Code() int32 {
	if e.Status.Signaled() {
		return 128 + int32(e.Status.Signal())
	}
	return int32(e.Status.ExitStatus())
}

// Reaper waits for every child of this process. When a leader ends, what is left of its process
// group is killed, so that pipes close.
type Reaper struct {
	tell  func([]Exit)
	begun chan struct{} // holds a token when there may be children again
	done  chan struct{}
	run   sync.WaitGroup

	mu     sync.Mutex
	reaped map[int]bool // ended but not settled: their pids may name strangers by now
}

// NewReaper starts a reaper that tells exits in the order in which it sees them.
func NewReaper(tell func([]Exit)) *Reaper {
	r := &Reaper{tell: tell, begun: make(chan struct{}, 1), done: make(chan struct{}), reaped: map[int]bool{}}
	r.run.Go(r.loop)
	return r
}

// Close ends the reaper. No children may be left.
func (r *Reaper) Close() {
	close(r.done)
	r.run.Wait()
}

// Begun says that there is a new child.
func (r *Reaper) Begun() {
	select {
	case r.begun <- struct{}{}:
	default:
	}
}

// Signal sends sig to the process group of a child, unless it has ended.
func (r *Reaper) Signal(pid int, sig syscall.Signal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.reaped[pid] {
		_ = syscall.Kill(-pid, sig) // a group that just ended is what was wanted
	}
}

// Settle says that the caller has seen the exit of pid and will not signal it again.
func (r *Reaper) Settle(pid int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.reaped, pid)
}

func (r *Reaper) loop() {
	for {
		exits, err := r.wait()
		if len(exits) > 0 {
			r.tell(exits)
		}
		if !errors.Is(err, syscall.ECHILD) {
			continue
		}
		select {
		case <-r.begun:
		case <-r.done:
			return
		}
	}
}

// wait blocks for one exit and takes what others there are.
func (r *Reaper) wait() ([]Exit, error) {
	pid, err := awaitExit(true)
	var exits []Exit
	for err == nil && pid > 0 {
		if e, ok := r.reap(pid); ok {
			exits = append(exits, e)
		}
		pid, err = awaitExit(false)
	}
	return exits, err
}

// reap collects a child that has ended. The group is killed while the leader's pid is still its own.
func (r *Reaper) reap(pid int) (Exit, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = syscall.Kill(-pid, syscall.SIGKILL) // mostly nothing is left
	e := Exit{PID: pid}
	if got, err := syscall.Wait4(pid, &e.Status, 0, &e.Usage); err != nil || got != pid {
		return e, false
	}
	e.At = time.Now()
	r.reaped[pid] = true
	return e, true
}
