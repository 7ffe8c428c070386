package process

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// family finds what attempts leave behind by the mark in its environment. macOS gives orphans to the first process of
// the system, and hides the environment of its own programs, so there may be more than is found.
type family struct{}

func newFamily() family { return family{} }

func (family) adopt() {}

func (family) add(*Process) {}

func (family) remove(*Process) {}

// clear kills what carries the mark of p.
func (family) clear(p *Process) Left {
	found := Marked(func(value string) bool { return value == p.mark })
	for _, pid := range found {
		_ = syscall.Kill(pid, syscall.SIGKILL) // one that ended meanwhile is what was wanted
	}
	if len(found) > 0 {
		return Something
	}
	return NothingFound
}

// allProcesses lists the processes of this user, but this one.
func allProcesses() []int {
	processes, _ := unix.SysctlKinfoProcSlice("kern.proc.uid", os.Geteuid()) // without it nothing is found
	var all []int
	for i := range processes {
		p := &processes[i].Proc
		if pid := int(p.P_pid); pid != os.Getpid() && p.P_stat != zombie {
			all = append(all, pid)
		}
	}
	return all
}

// zombie is the state of a process that has ended (SZOMB).
const zombie = 5

// markOf returns the mark of a process: behind its arguments lies its environment.
func markOf(pid int) (value string, ok bool) {
	arguments, err := unix.SysctlRaw("kern.procargs2", pid)
	if err != nil {
		return "", false
	}
	return markIn(arguments)
}
