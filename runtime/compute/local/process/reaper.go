//go:build linux || darwin

package process

import (
	"errors"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
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

// Reaper waits for every child of this process: those that were started, and orphans that were given to it, which lead
// nothing. When a leader ends, what is left of its process
// group is killed, so that pipes close.
type Reaper struct {
	tell  func(Exit)
	begun chan struct{} // holds a token for each waiter, when there may be children again
	done  chan struct{}
	run   sync.WaitGroup

	mu       sync.Mutex
	starting int          // children about to be started, whose pids are not known yet
	leaders  map[int]bool // children that were started, until they are settled
	reaped   map[int]bool // ended but not settled: their pids may name strangers by now
}

// NewReaper starts a reaper that tells each exit once, from any of its goroutines, at the same time
// as others.
func NewReaper(tell func(Exit)) *Reaper {
	r := &Reaper{tell: tell, begun: make(chan struct{}, waiters), done: make(chan struct{}), leaders: map[int]bool{}, reaped: map[int]bool{}}
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

// Starting says that a child is about to be started. Begun follows.
func (r *Reaper) Starting() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.starting++
}

// Begun says that there is a new child; 0 that it was not started.
func (r *Reaper) Begun(pid int) {
	r.mu.Lock()
	r.starting--
	if pid > 0 {
		r.leaders[pid] = true
	}
	r.mu.Unlock()
	select {
	case r.begun <- struct{}{}:
	default:
	}
}

// Signal sends sig to the process group of a child, unless it has ended. The child may have moved to another group:
// SIGKILL is sent to it, too.
func (r *Reaper) Signal(pid int, sig syscall.Signal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reaped[pid] {
		return
	}
	err := syscall.Kill(-pid, sig) // a group that just ended is what was wanted
	if sig == syscall.SIGKILL || err != nil {
		_ = syscall.Kill(pid, sig)
	}
}

// Settle says that the caller has seen the exit of pid and will not signal it again.
func (r *Reaper) Settle(pid int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.reaped, pid)
	delete(r.leaders, pid)
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

// reap collects a child that has ended, unless another waiter was faster. The group of a leader is killed while
// the leader's pid is still its own.
func (r *Reaper) reap() (Exit, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	pid, err := awaitExit(false)
	if err != nil || pid == 0 {
		return Exit{}, false
	}
	if r.leads(pid) {
		_ = syscall.Kill(-pid, syscall.SIGKILL) // mostly nothing is left
	}
	e := Exit{PID: pid}
	if got, err := syscall.Wait4(pid, &e.Status, 0, &e.Usage); err != nil || got != pid {
		return e, false
	}
	e.At = time.Now()
	r.reaped[pid] = true
	return e, true
}

// leads reports whether a child was started here. One whose start is under way is told by its session, which
// is our own.
func (r *Reaper) leads(pid int) bool {
	if r.leaders[pid] || r.starting == 0 {
		return r.leaders[pid]
	}
	theirs, err := unix.Getsid(pid)
	ours, _ := unix.Getsid(0) // it cannot fail
	return err == nil && theirs == ours
}
