package process

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// Files of a group of version 2.
const (
	eventsFile = "cgroup.events" // says whether it, or a group below it, has processes
	killFile   = "cgroup.kill"
)

// base is the control group above all slots, and how its version names things.
type base struct {
	dir        string
	version    int
	members    string // file that lists processes
	limitFile  string
	swapFile   string
	eventsFile string
	peakFile   string
}

// swapLimit is what keeps a group with that memory limit from swapping.
func (b *base) swapLimit(bytes string) string {
	if b.version == 2 {
		return "0"
	}
	return bytes // version 1 limits the sum
}

// newBase makes the group above the slots next to or below the caller's own group.
func newBase(name string) (*base, error) {
	b, err := findBase()
	if err != nil {
		return nil, err
	}
	b.dir = filepath.Join(b.dir, groupPrefix+name)
	if err := os.Mkdir(b.dir, 0o755); err != nil && !os.IsExist(err) {
		return nil, fmt.Errorf("making a control group: %w", err)
	}
	if b.version == 2 {
		if err := os.WriteFile(filepath.Join(b.dir, "cgroup.subtree_control"), []byte("+memory"), 0o644); err != nil {
			return nil, fmt.Errorf("enabling the memory controller: %w", err)
		}
	}
	b.sweep()
	return b, nil
}

// sweep removes the groups of a holder that is gone.
func (b *base) sweep() {
	old, _ := filepath.Glob(filepath.Join(b.dir, "[0-9]*"))
	for _, dir := range old {
		_ = os.Remove(dir) // one that is in use stays and is used again
	}
}

// findBase returns the group to make ours in.
func findBase() (*base, error) {
	mounts, err := findMounts()
	if err != nil {
		return nil, err
	}
	switch {
	case mounts.memory.point != "":
		own, err := ownGroup("memory", mounts.memory.root)
		return &base{
			dir: filepath.Join(mounts.memory.point, own), version: 1, members: "cgroup.procs",
			limitFile: "memory.limit_in_bytes", swapFile: "memory.memsw.limit_in_bytes",
			eventsFile: "memory.oom_control", peakFile: "memory.max_usage_in_bytes",
		}, err
	case mounts.unified.point != "":
		return unifiedBase(mounts.unified.point)
	}
	return nil, errors.New("no control groups are mounted")
}

// mount is a hierarchy of control groups: where it is mounted, and which of its groups lies there.
type mount struct{ point, root string }

// mounts are the hierarchies that matter here. A host may have both.
type mounts struct {
	memory  mount // version 1, with the memory controller
	unified mount // version 2
}

func findMounts() (m mounts, err error) {
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return m, fmt.Errorf("looking for control groups: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		left, right, _ := strings.Cut(line, " - ")
		head, tail := strings.Fields(left), strings.Fields(right)
		if len(head) < 5 || len(tail) < 3 {
			continue
		}
		here := mount{point: head[4], root: head[3]}
		switch {
		case tail[0] == "cgroup" && hasOption(tail[2], "memory") && m.memory.point == "":
			m.memory = here
		case tail[0] == "cgroup2" && m.unified.point == "":
			m.unified = here
		}
	}
	return m, nil
}

// ownUnified returns the directory of the caller's own group of version 2.
func ownUnified() (string, error) {
	mounts, err := findMounts()
	if err == nil && mounts.unified.point == "" {
		err = errors.New("no control groups of version 2 are mounted")
	}
	if err != nil {
		return "", err
	}
	own, err := ownGroup("", mounts.unified.root)
	return filepath.Join(mounts.unified.point, own), err
}

// unifiedBase finds the nearest group above ours that hands the memory controller on: a group that
// holds processes, as ours does, may not.
func unifiedBase(mount string) (*base, error) {
	own, err := ownGroup("", "/")
	if err != nil {
		return nil, err
	}
	for dir := filepath.Dir(own); ; dir = filepath.Dir(dir) {
		path := filepath.Join(mount, dir)
		handed, _ := os.ReadFile(filepath.Join(path, "cgroup.subtree_control"))
		if strings.Contains(string(handed), "memory") && syscall.Access(path, 2) == nil {
			return &base{
				dir: path, version: 2, members: "cgroup.procs", limitFile: "memory.max",
				swapFile: "memory.swap.max", eventsFile: "memory.events", peakFile: "memory.peak",
			}, nil
		}
		if dir == "/" {
			return nil, errors.New("no control group above ours may be written to and has the memory controller")
		}
	}
}

// ownGroup returns the caller's group in the hierarchy of a controller ("" is version 2), below
// what is mounted.
func ownGroup(controller, mountRoot string) (string, error) {
	text, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return "", fmt.Errorf("looking for the own control group: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) == 3 && (parts[1] == controller || controller != "" && hasOption(parts[1], controller)) {
			return "/" + strings.TrimPrefix(strings.TrimPrefix(parts[2], mountRoot), "/"), nil
		}
	}
	return "", fmt.Errorf("this process is in no control group of controller %q", controller)
}

func hasOption(list, option string) bool {
	for o := range strings.SplitSeq(list, ",") {
		if o == option {
			return true
		}
	}
	return false
}

// version1 is what a slot of the old hierarchy holds: a thread that lives in the group and whose
// children are born there. Moving each child instead would cost a grace period of the kernel.
type version1 struct {
	forks chan func()
	gone  chan struct{} // closed when the thread has left
}

// enter makes s ready to fork into.
func (s *slot) enter() (err error) {
	if s.base.version == 2 {
		s.group, err = openGroup(s.dir)
		return err
	}
	s.forks, s.gone = make(chan func()), make(chan struct{})
	ready := make(chan error)
	go s.carry(ready)
	return <-ready
}

// carry is the thread of a version 1 slot. It ends, and its thread with it, when forks is closed.
func (s *slot) carry(ready chan<- error) {
	runtime.LockOSThread() // for good: a thread in a group must not run anything else
	defer close(s.gone)
	thread := []byte(strconv.Itoa(syscall.Gettid()))
	err := os.WriteFile(filepath.Join(s.dir, "tasks"), thread, 0o644)
	ready <- err
	for fork := range s.forks {
		fork()
	}
	_ = os.WriteFile(filepath.Join(filepath.Dir(s.base.dir), "tasks"), thread, 0o644) // or the group stays
}

// inThread calls fork in a thread of the group of version 1, or here if s is nil or of version 2.
func (s *slot) inThread(fork func()) {
	if s == nil || s.forks == nil {
		fork()
		return
	}
	done := make(chan struct{})
	s.forks <- func() {
		fork()
		close(done)
	}
	<-done
}

// own is the group of version 2 that the limit is of; nil if there is none.
func (s *slot) own() *group {
	if s == nil {
		return nil
	}
	return s.group
}

// remove ends the use of s.
func (s *slot) remove() {
	if s.group != nil {
		s.group.remove()
	}
	if s.forks != nil {
		close(s.forks)
		<-s.gone
	}
	_ = os.Remove(s.dir) // one that is still in use is swept by the next holder
}

// MemoryLimits says what holds processes to their memory limits, or why nothing does.
func MemoryLimits() (held bool, detail string) {
	b, err := newBase("probe-" + strconv.Itoa(os.Getpid()))
	if err != nil {
		return false, err.Error()
	}
	defer func() { _ = os.Remove(b.dir) }() // an empty group costs nothing if it stays
	return true, fmt.Sprintf("control groups, version %d, below %s", b.version, filepath.Dir(b.dir))
}
