package process

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// family finds what attempts leave behind where there are no control groups. This process is made the one
// that orphans among its descendants are given to, so whatever an ended attempt has left is below a child that is
// not the leader of an attempt. Whose it is says the mark in its environment. What has no mark is ended when no
// attempt runs.
type family struct{ leaders map[int]*Process }

func newFamily() family { return family{leaders: map[int]*Process{}} }

// adopt makes orphans children of this process.
func (*family) adopt() { _ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) } // Linux 3.4 has it

func (f *family) add(p *Process)    { f.leaders[p.PID] = p }
func (f *family) remove(p *Process) { delete(f.leaders, p.PID) }

// clear kills what is left of p, and everything that is left of anyone when no attempt runs.
func (f *family) clear(p *Process) Left {
	orphans := f.orphans()
	if len(orphans) == 0 {
		return Nothing
	}
	t := readTable()
	killed := false
	for _, orphan := range orphans {
		kin := t.below(orphan)
		if len(f.leaders) > 0 && !carried(kin, p.mark) {
			continue
		}
		for _, pid := range kin {
			_ = syscall.Kill(pid, syscall.SIGKILL) // one that ended meanwhile is what was wanted
			killed = true
		}
	}
	if killed {
		return Something
	}
	return NothingFound
}

// carried reports whether a process of kin has that mark.
func carried(kin []int, mark string) bool {
	for _, pid := range kin {
		if value, ok := markOf(pid); ok && value == mark {
			return true
		}
	}
	return false
}

// orphans lists children of this process that lead no attempt and have not ended.
func (f *family) orphans() []int {
	var all []int
	for _, pid := range adopted() {
		if f.leaders[pid] != nil {
			continue
		}
		if s, ok := statusOf(pid); ok && s.alive {
			all = append(all, pid)
		}
	}
	return all
}

// adopted lists the children of the first thread of this process, among which the kernel puts orphans. Where there is no such list
// (CONFIG_PROC_CHILDREN) it is those of the whole process.
func adopted() []int {
	self := os.Getpid()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", self, self))
	if err != nil {
		return readTable().children[self]
	}
	var all []int
	for field := range strings.FieldsSeq(string(text)) {
		if pid, err := strconv.Atoi(field); err == nil {
			all = append(all, pid)
		}
	}
	return all
}

// table is who is whose child.
type table struct{ children map[int][]int }

func readTable() table {
	t := table{children: map[int][]int{}}
	for _, pid := range allProcesses() {
		if s, ok := statusOf(pid); ok {
			t.children[s.parent] = append(t.children[s.parent], pid)
		}
	}
	return t
}

// below lists pid and its descendants.
func (t table) below(pid int) []int {
	all := []int{pid}
	for i := 0; i < len(all); i++ {
		all = append(all, t.children[all[i]]...)
	}
	return all
}

type status struct {
	parent int
	alive  bool // it is not a zombie
}

func statusOf(pid int) (s status, ok bool) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return s, false
	}
	// The name, in parentheses, may hold anything; behind it are the state and the parent.
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	if len(fields) < 2 {
		return s, false
	}
	s.parent, err = strconv.Atoi(string(fields[1]))
	s.alive = string(fields[0]) != "Z" && string(fields[0]) != "X"
	return s, err == nil
}

// allProcesses lists every process that can be seen, but this one.
func allProcesses() []int {
	entries, _ := os.ReadDir("/proc") // without it nothing is found
	var all []int
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil && pid != os.Getpid() {
			all = append(all, pid)
		}
	}
	return all
}

// markOf returns the mark of a process.
func markOf(pid int) (value string, ok bool) {
	environ, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "environ"))
	if err != nil {
		return "", false
	}
	return markIn(environ)
}
