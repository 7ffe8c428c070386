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

// waiters is how many threads wait for children. On a busy machine a thread that has just run waits
// for its turn; one that has slept runs at once.
const waiters = 4

// Reaper waits for every child of this process. When a leader ends, what is left of its process
// group is killed, so that pipes close.
type Reaper struct {
	tell  func(Exit)
	begun chan struct{} // holds a token for each waiter, when there may be children again
	done  chan struct{}
	run   sync.WaitGroup

	mu     sync.Mutex
	reaped map[int]bool // ended but not settled: their pids may name strangers by now
}

// NewReaper starts a reaper that tells each exit once, from any of its goroutines, at the same time
// as others.
func NewReaper(tell func(Exit)) *Reaper {
	r := &Reaper{tell: tell, begun: make(chan struct{}, waiters), done: make(chan struct{}), reaped: map[int]bool{}}
	for range waiters {
		r.run.Go(r.loop)
	}
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
		_, err := awaitExit(true)
		if errors.Is(err, syscall.ECHILD) {
			select {
			case <-r.begun:
				continue
			case <-r.done:
				return
			}
		}
		if e, ok := r.reap(); ok {
			r.tell(e)
		}
	}
}

// reap collects a child that has ended, unless another waiter was faster. The group is killed while the
// leader's pid is still its own.
func (r *Reaper) reap() (Exit, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	pid, err := awaitExit(false)
	if err != nil || pid == 0 {
		return Exit{}, false
	}
	_ = syscall.Kill(-pid, syscall.SIGKILL) // mostly nothing is left
	e := Exit{PID: pid}
	if got, err := syscall.Wait4(pid, &e.Status, 0, &e.Usage); err != nil || got != pid {
		return e, false
	}
	e.At = time.Now()
	r.reaped[pid] = true
	return e, true
}
