package process

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// groups gives each attempt a control group (version 2) of its own, without any limit, so that
// everything that the attempt started can be found and ended, whatever it did to its session, its
// parents or its environment. Processes are cloned right into their group, which costs nothing.
type groups struct {
	base string // the group above all of them; empty: there are none
	why  string // why there are none
	made int
	idle []*group
}

// group is one control group, for one attempt at a time.
type group struct {
	dir string
	// Plain descriptors: for a file of package os, which can be polled, the Go runtime would wake up whenever the group gets or
	// loses its last process.
	file   int  // the directory, to clone into
	events int  // says whether the group has processes
	killed bool // it is of no use any more
}

// newGroups makes the group above all others. On a system without version 2, or where the caller may
// not make groups, it has none to give.
func newGroups(name string) *groups {
	g := &groups{}
	parent, err := ownUnified()
	if err == nil {
		sweepGroups(parent)
		g.base = filepath.Join(parent, groupPrefix+name+"-"+strconv.Itoa(os.Getpid()))
		err = g.probe()
	}
	if err != nil {
		g.close()
		g.base, g.why = "", err.Error()
	}
	return g
}

// probe makes the base and tries whether a process may be born in a group below it.
func (g *groups) probe() error {
	if err := os.Mkdir(g.base, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("making a control group: %w", err)
	}
	one, err := g.take()
	if err != nil {
		return err
	}
	g.give(one)
	if err := syscall.Access(filepath.Join(one.dir, killFile), 2); err != nil {
		return fmt.Errorf("%s of control groups: %w (Linux 5.14 has it)", killFile, err)
	}
	// An empty path cannot be executed, which is found out after the clone.
	attr := &syscall.ProcAttr{Sys: &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: one.file}}
	if _, err := syscall.ForkExec("", []string{""}, attr); !errors.Is(err, syscall.ENOENT) {
		return fmt.Errorf("starting a process in a control group: %w", err)
	}
	return nil
}

// take returns an empty group; nil without an error if there are none to give. One that is not empty any more, or was
// removed by somebody who tidies up, is left.
func (g *groups) take() (*group, error) {
	if g.base == "" {
		return nil, nil
	}
	for n := len(g.idle); n > 0; n = len(g.idle) {
		one := g.idle[n-1]
		g.idle = g.idle[:n-1]
		if one.empty() {
			return one, nil
		}
		one.remove()
	}
	g.made++
	return openGroup(filepath.Join(g.base, strconv.Itoa(g.made)))
}

// openGroup makes a group, or opens the one that is there.
func openGroup(dir string) (*group, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making a control group: %w", err)
	}
	file, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("opening a control group: %w", err)
	}
	events, err := unix.Open(filepath.Join(dir, eventsFile), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening a control group: %w", err), unix.Close(file))
	}
	return &group{dir: dir, file: file, events: events}, nil
}

// given reports whether there are groups.
func (g *groups) given() bool { return g.base != "" }

// dir is the base; empty without groups.
func (g *groups) dir() string { return g.base }

// give takes a group back. One that was killed is not used again: Linux 6.18 goes on killing what is cloned into it. Whether
// it is empty is found out by take.
func (g *groups) give(one *group) {
	if one == nil {
		return
	}
	if !one.killed && len(g.idle) < maxIdleGroups {
		g.idle = append(g.idle, one)
		return
	}
	one.remove()
}

func (g *groups) close() {
	for _, one := range g.idle {
		one.remove()
	}
	g.idle = nil
	if g.base != "" {
		removeGroups(g.base)
	}
}

// empty reports whether no process is in the group; false if that cannot be known.
func (one *group) empty() bool {
	var text [64]byte
	n, err := unix.Pread(one.events, text[:], 0)
	return err == nil && bytes.Contains(text[:n], []byte("populated 0"))
}

// enter makes a child be born in the group.
func (one *group) enter(attr *syscall.SysProcAttr) {
	if one != nil {
		attr.UseCgroupFD, attr.CgroupFD = true, one.file
	}
}

// clear kills what is left in the group.
func (one *group) clear() Left {
	if one.empty() {
		return Nothing
	}
	one.kill()
	return Something
}

// kill ends everything in the group. Processes are gone a moment later.
func (one *group) kill() {
	one.killed = true
	_ = os.WriteFile(filepath.Join(one.dir, killFile), []byte("1"), 0) // whoever cares looks whether it is empty
}

// remove ends the use of the group. One that still has processes is removed by [EndGroups] of the next holder.
func (one *group) remove() {
	_ = unix.Close(one.file) // they were only read
	_ = unix.Close(one.events)
	_ = os.Remove(one.dir)
}

// EndGroups ends everything that runs in groups of launchers with that name that are gone, and removes
// the groups. It looks beside the caller's own groups, and at base if that is not empty: the base of a launcher
// that ran in another group than the caller. It reports false if something is left after timeout.
func EndGroups(name, base string, timeout time.Duration) bool {
	var bases []string
	if parent, err := ownUnified(); err == nil {
		bases, _ = filepath.Glob(filepath.Join(parent, groupPrefix+name+"-*")) // the pattern is well formed
	}
	if memory, err := findBase(); err == nil && memory.version == 2 {
		bases = append(bases, filepath.Join(memory.dir, groupPrefix+name))
	}
	if base != "" {
		bases = append(bases, base)
	}
	gone := true
	for _, dir := range bases {
		if _, err := os.Stat(filepath.Join(dir, killFile)); err != nil {
			continue // another hierarchy, or a base that was removed
		}
		gone = endGroup(dir, timeout) && gone
		removeGroups(dir)
	}
	return gone
}

// endGroup kills what is in a group or below it and waits until it is gone.
func endGroup(dir string, timeout time.Duration) bool {
	one, err := openGroup(dir)
	if err != nil {
		return true
	}
	defer one.remove()
	for deadline := time.Now().Add(timeout); !one.empty(); time.Sleep(timeout / 1000) {
		one.kill()
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}

// sweepGroups removes empty groups of launchers that are gone, of whatever name: if their state directory is gone too, nobody else
// will. A launcher whose groups are removed all the same, as its process cannot be seen from here, makes new ones.
func sweepGroups(parent string) {
	bases, _ := filepath.Glob(filepath.Join(parent, groupPrefix+"*-[0-9]*")) // the pattern is well formed
	for _, dir := range bases {
		pid, err := strconv.Atoi(dir[strings.LastIndexByte(dir, '-')+1:])
		if err == nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			removeGroups(dir)
		}
	}
}

// removeGroups removes a base and what is below it, as far as nothing runs there.
func removeGroups(base string) {
	below, _ := filepath.Glob(filepath.Join(base, "[0-9]*"))
	for _, dir := range append(below, base) {
		_ = os.Remove(dir) // one that is in use stays
	}
}

// Leftovers says what ends the processes that jobs leave behind, and whether that finds all of them.
func Leftovers() (held bool, detail string) {
	g := newGroups("probe")
	defer g.close()
	if !g.given() {
		return false, "no control groups of version 2 can be used (" + g.why + "): what jobs leave behind is found by its parents and its environment, and what hides from both is ended when no job runs"
	}
	return true, "control groups, version 2, below " + filepath.Dir(g.base)
}
