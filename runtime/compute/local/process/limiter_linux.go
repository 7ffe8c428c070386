package process

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// limiter gives processes with a memory limit a control group each. Groups are used again, as
// making one and moving a process into it costs more than a start.
type limiter struct {
	name string
	base *base // nil: not looked for yet
	err  error // why there is no base
	made int
	idle []*slot
}

func newLimiter(name string) *limiter { return &limiter{name: name} }

// slot is one control group for one process at a time. A nil slot limits nothing.
type slot struct {
	dir   string
	base  *base
	limit int64  // MiB
	kills int64  // oom_kill count that was seen
	group *group // of version 2; nil in version 1
	version1
}

// take returns a group with that limit; nil if none is wanted or the system gives none.
func (l *limiter) take(limitMiB int64) *slot {
	if limitMiB == 0 {
		return nil
	}
	if l.base == nil && l.err == nil {
		l.base, l.err = newBase(l.name)
	}
	if l.err != nil {
		return nil
	}
	if s := l.reuse(limitMiB); s != nil {
		return s
	}
	s, err := l.make(limitMiB)
	if err != nil {
		return nil
	}
	return s
}

// reuse finds an idle group without processes, best one that has the limit already.
func (l *limiter) reuse(limitMiB int64) *slot {
	best := -1
	for i, s := range l.idle {
		if s.empty() && (best < 0 || s.limit == limitMiB) {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	s := l.idle[best]
	l.idle = append(l.idle[:best], l.idle[best+1:]...)
	if s.limit == limitMiB || s.setLimit(limitMiB) == nil {
		return s
	}
	s.remove()
	return nil
}

func (l *limiter) make(limitMiB int64) (*slot, error) {
	l.made++
	s := &slot{dir: filepath.Join(l.base.dir, strconv.Itoa(l.made)), base: l.base}
	if err := os.Mkdir(s.dir, 0o755); err != nil && !os.IsExist(err) {
		return nil, fmt.Errorf("making a control group: %w", err)
	}
	err := s.setLimit(limitMiB)
	if err == nil {
		err = s.enter()
	}
	if err != nil {
		s.remove()
		return nil, err
	}
	return s, nil
}

// give takes a group back.
func (l *limiter) give(s *slot) {
	switch {
	case s == nil:
	case s.group != nil && s.group.killed:
		s.remove()
	default:
		l.idle = append(l.idle, s)
	}
}

// clear ends what is left in the group, and reports whether it was empty.
func (s *slot) clear() bool {
	if s == nil {
		return true
	}
	left := s.processes()
	for _, pid := range left {
		_ = syscall.Kill(pid, syscall.SIGKILL) // one that ended meanwhile is what was wanted
	}
	return len(left) == 0
}

func (l *limiter) close() {
	for _, s := range l.idle {
		s.remove()
	}
	if l.base != nil {
		_ = os.Remove(l.base.dir) // an empty group costs nothing if it stays
	}
}

// processes lists what runs in the group.
func (s *slot) processes() []int {
	text, err := os.ReadFile(filepath.Join(s.dir, s.base.members))
	if err != nil {
		return nil
	}
	var pids []int
	for field := range strings.FieldsSeq(string(text)) {
		if pid, err := strconv.Atoi(field); err == nil && pid != os.Getpid() { // our thread lives in it
			pids = append(pids, pid)
		}
	}
	return pids
}

func (s *slot) empty() bool { return len(s.processes()) == 0 }

func (s *slot) setLimit(limitMiB int64) error {
	s.limit = limitMiB
	bytes := strconv.FormatInt(limitMiB<<20, 10)
	if err := s.write(s.base.limitFile, bytes); err != nil {
		return err
	}
	_ = s.write(s.base.swapFile, s.base.swapLimit(bytes)) // systems without swap accounting lack it
	return nil
}

func (s *slot) write(file, text string) error {
	if err := os.WriteFile(filepath.Join(s.dir, file), []byte(text), 0o644); err != nil {
		return fmt.Errorf("setting up a control group: %w", err)
	}
	return nil
}

// outcome reports whether the kernel killed for memory since the last outcome, and the peak use.
func (s *slot) outcome() (outOfMemory bool, peakKiB int64) {
	if s == nil {
		return false, 0
	}
	kills := s.counter(s.base.eventsFile, "oom_kill")
	outOfMemory, s.kills = kills > s.kills, kills
	text, err := os.ReadFile(filepath.Join(s.dir, s.base.peakFile))
	if err != nil || s.write(s.base.peakFile, "0") != nil {
		return outOfMemory, 0 // a peak that cannot be set back is of no use
	}
	peak, _ := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return outOfMemory, peak >> 10
}

// counter reads the named counter of a file of "name value" lines.
func (s *slot) counter(file, name string) int64 {
	text, err := os.ReadFile(filepath.Join(s.dir, file))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			n, _ := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
			return n
		}
	}
	return 0
}
