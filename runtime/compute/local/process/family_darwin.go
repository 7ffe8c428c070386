package process

import (
	"os"
	"slices"
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

// clear kills orphans that are younger than p and carry its mark. Their children become orphans by that, and are found when it is
// asked again.
func (family) clear(p *Process) Left {
	left := NothingFound
	for _, o := range ownProcesses() {
		if o.Eproc.Ppid != 1 || o.Proc.P_starttime.Sec < p.since.Unix() {
			continue
		}
		if value, ok := markOf(int(o.Proc.P_pid)); ok && value == p.mark {
			_ = syscall.Kill(int(o.Proc.P_pid), syscall.SIGKILL) // one that ended meanwhile is what was wanted
			left = Something
		}
	}
	return left
}

// allProcesses lists the processes of this user, but this one.
func allProcesses() []int {
	var all []int
	for _, p := range ownProcesses() {
		all = append(all, int(p.Proc.P_pid))
	}
	return all
}

func ownProcesses() []unix.KinfoProc {
	all, _ := unix.SysctlKinfoProcSlice("kern.proc.uid", os.Geteuid()) // without it nothing is found
	return slices.DeleteFunc(all, func(p unix.KinfoProc) bool {
		return int(p.Proc.P_pid) == os.Getpid() || p.Proc.P_stat == zombie
	})
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
