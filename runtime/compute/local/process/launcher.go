//go:build linux || darwin

package process

import (
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// Launcher starts processes and ends what they leave behind. Its methods are for one goroutine.
type Launcher struct {
	null   *os.File
	limits *limiter
	groups *groups
	family family
	umask  int // of this process: what the next child inherits
	own    int // the umask that this process began with
}

// NewLauncher returns a launcher; name tells the control groups it makes from those of others.
func NewLauncher(name string) (*Launcher, error) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, fmt.Errorf("opening the null device: %w", err)
	}
	l := &Launcher{null: null, limits: newLimiter(name), groups: newGroups(name), family: newFamily()}
	l.own = OwnUmask()
	l.umask = l.own
	if !l.groups.given() {
		l.family.adopt()
	}
	return l, nil
}

// OwnUmask reads the umask of this process, which can only be read by setting it.
func OwnUmask() int {
	own := syscall.Umask(0o077)
	syscall.Umask(own)
	return own
}

// Close lets go of what the launcher holds. Nothing it started may run any more.
func (l *Launcher) Close() {
	l.limits.close()
	l.groups.close()
	_ = l.null.Close() // it was only read
}

// Groups is the directory of the control groups that attempts run in; empty if they run in none.
func (l *Launcher) Groups() string { return l.groups.dir() }

// Process is one that was started. It leads a process group of its own.
type Process struct {
	PID    int
	Output int // read end of the pipe that is its stdout and stderr; does not block
	slot   *slot
	group  *group // nil where there are none
	mark   string
	since  time.Time // when it was about to start
}

// Start runs s. [BlameOf] says whose fault its error is; one of the job is a [*StartError].
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
		return nil, OfMachine(fmt.Errorf("making a pipe: %w", err))
	}
	defer func() { _ = syscall.Close(write) }()
	p := &Process{Output: read, mark: s.Mark, since: time.Now(), slot: l.limits.take(s.MemoryMiB)}
	if p.group = p.slot.own(); p.group == nil {
		p.group, err = l.groups.take()
		err = OfMachine(err)
	}
	if err == nil {
		l.setUmask(s.Umask)
		attr := &syscall.ProcAttr{
			Dir: s.Dir, Env: s.Env, Files: []uintptr{l.null.Fd(), uintptr(write), uintptr(write)},
			// A process group is enough: the caller's session has no terminal. A session for each costs up to half of the
			// starts on a busy Linux machine, where it moves the child to a scheduling group of its own and to the
			// end of the queue, while the caller waits for its exec.
			Sys: &syscall.SysProcAttr{Setpgid: true, Credential: who},
		}
		start := func() error { return p.forkExec(path, argv, attr, s.TimerSlack) }
		if s.Confined {
			err = confined(start)
		} else {
			err = start()
		}
	}
	if err == nil {
		l.family.add(p)
		return p, nil
	}
	_ = syscall.Close(read)
	l.release(p)
	if BlameOf(err) != compute.OfJob {
		return nil, fmt.Errorf("starting a process: %w", err)
	}
	return nil, s.explain(path, err)
}

func (p *Process) forkExec(path string, argv []string, attr *syscall.ProcAttr, slack time.Duration) (err error) {
	p.group.enter(attr.Sys)
	p.slot.inThread(func() {
		err = WithSlack(slack, func() (err error) {
			p.PID, err = syscall.ForkExec(path, argv, attr)
			return err
		})
	})
	return err
}

// setUmask makes the next child begin with that umask. The bits of the owner are not taken: this process makes
// files of its own meanwhile.
func (l *Launcher) setUmask(wanted *int) {
	mask := l.own
	if wanted != nil {
		mask = *wanted &^ 0o700
	}
	if mask != l.umask {
		syscall.Umask(mask)
		l.umask = mask
	}
}

// Left is what is known of the processes that an attempt started, after its own has ended.
type Left int

// What may be left of an attempt.
const (
	// Nothing is left.
	Nothing Left = iota
	// NothingFound is left; there may be what hides.
	NothingFound
	// Something is left, and was killed: ask again.
	Something
)

// Clear kills what p, which has ended, left behind, and says what is left. It is asked until that is not Something;
// then p is to be Ended.
func (l *Launcher) Clear(p *Process) Left {
	l.family.remove(p)
	emptied := p.slot.clear()
	if p.group != nil {
		return p.group.clear()
	}
	left := l.family.clear(p)
	if !emptied {
		return Something
	}
	return left
}

// Ended settles the limits of a process that was cleared. It reports whether the system killed
// it, or a process it started, for using too much memory, and the peak use if it is known.
func (l *Launcher) Ended(p *Process) (outOfMemory bool, peakKiB int64) {
	outOfMemory, peakKiB = p.slot.outcome()
	l.release(p)
	return outOfMemory, peakKiB
}

// release takes back what p ran in.
func (l *Launcher) release(p *Process) {
	if p.slot.own() == nil {
		l.groups.give(p.group)
	}
	l.limits.give(p.slot)
	p.slot, p.group = nil, nil
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
