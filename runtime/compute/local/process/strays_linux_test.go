package process

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// ways are what programs do so that their processes outlive them. Each writes the pids of what it leaves to $PIDS,
// and ends once that is there.
var ways = map[string]string{
	"background":          `sleep 1000 & echo $! > $PIDS`,
	"session":             `setsid sh -c 'echo $$ > $PIDS; exec sleep 1000' & ` + awaitPids,
	"daemon":              `setsid sh -c '(setsid sleep 1000 & echo $! > $PIDS) &' & ` + awaitPids,
	"no environment":      `env -i setsid sh -c 'echo $$ > '$PIDS'; exec sleep 1000' & ` + awaitPids,
	"daemon without it":   `setsid sh -c '(env -i setsid sleep 1000 & echo $! > $PIDS) &' & ` + awaitPids,
	"ignores signals":     `setsid sh -c 'trap "" TERM HUP INT; echo $$ > $PIDS; while :; do sleep 1; done' & ` + awaitPids,
	"launcher with ranks": `setsid sh -c 'for i in 1 2 3 4; do setsid sleep 1000 & echo $! >> $PIDS.new; done; mv $PIDS.new $PIDS; wait' & ` + awaitPids,
	"holds the output":    `setsid sh -c 'echo $$ > $PIDS; exec tail -f /dev/null' & ` + awaitPids,
}

const awaitPids = `while [ ! -s $PIDS ]; do :; done`

// kinds are what finds what a process has left: whether it is a control group.
var kinds = map[bool]string{true: "groups", false: "family"}

func TestWhateverAProcessStartedIsGone(t *testing.T) {
	for confined, kind := range kinds {
		for name, way := range ways {
			t.Run(kind+"/"+name, func(t *testing.T) {
				b := newBench(t, confined)
				p := b.start(way)
				b.await(p)
				b.clear(p)
				for _, pid := range b.pids(p) {
					if alive(pid) {
						t.Errorf("process %d is left", pid)
					}
				}
			})
		}
	}
}

// What one attempt left is ended with it; what runs beside it, and what that has left so far, is not touched.
func TestNeighboursAreNotTouched(t *testing.T) {
	for confined, name := range kinds {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, confined)
			neighbour := b.start(`setsid sh -c 'echo $$ > $PIDS; exec sleep 1000' & ` + awaitPids + `; exec sleep 1000`)
			stray := b.pids(neighbour)[0]
			p := b.start(ways["daemon"])
			b.await(p)
			b.clear(p)
			for _, pid := range []int{stray, neighbour.PID} {
				if !alive(pid) {
					t.Errorf("process %d of a neighbour was ended", pid)
				}
			}
			b.reaper.Signal(neighbour.PID, unix.SIGKILL)
			b.await(neighbour)
			b.clear(neighbour)
			if alive(stray) {
				t.Errorf("process %d is left", stray)
			}
		})
	}
}

func alive(pid int) bool {
	s, ok := statusOf(pid)
	return ok && s.alive
}

// A group in which something was killed is not given to another process, and one in which nothing was is.
func TestGroupsAreUsedAgain(t *testing.T) {
	b := newBench(t, true)
	dirs := map[string]int{}
	for _, way := range []string{"exit 0", "exit 0", ways["session"], "exit 0", "exit 0"} {
		p := b.start(way)
		dirs[p.group.dir]++
		if e := b.await(p); e.Code() != 0 {
			t.Errorf("%s: exit code %d", way, e.Code())
		}
		b.clear(p)
		b.launcher.Ended(p)
	}
	if len(dirs) != 2 {
		t.Errorf("the groups were %v", dirs)
	}
}

// A group that somebody removed, with the one above, is not handed out.
func TestGroupsThatWereRemoved(t *testing.T) {
	b := newBench(t, true)
	for range 2 {
		p := b.start("exit 0")
		b.await(p)
		b.clear(p)
		dir := p.group.dir
		b.launcher.Ended(p)
		for _, dir := range []string{dir, b.launcher.Groups()} {
			if err := os.Remove(dir); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// What a launcher that was killed left empty is removed by any other; what has a process stays for its successor.
func TestGroupsOfTheDeadAreSwept(t *testing.T) {
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	b := newBench(t, true)
	parent := filepath.Dir(b.launcher.Groups())
	dead := func(name string) string {
		dir := filepath.Join(parent, fmt.Sprintf("%stest-%s-%d", groupPrefix, name, gone.Process.Pid))
		if err := os.MkdirAll(filepath.Join(dir, "1"), 0o755); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	empty, used := dead("empty"), dead("used")
	one, err := openGroup(filepath.Join(used, "1"))
	if err != nil {
		t.Fatal(err)
	}
	p := b.start("exec sleep 1000")
	if err := os.WriteFile(filepath.Join(one.dir, "cgroup.procs"), []byte(strconv.Itoa(p.PID)), 0); err != nil {
		t.Fatal(err)
	}
	sweepGroups(parent)
	if _, err := os.Stat(empty); !os.IsNotExist(err) {
		t.Errorf("the empty one is there: %v", err)
	}
	if one.empty() {
		t.Error("the other one has gone")
	}
	if !EndGroups("test-used", "", time.Second) || alive(p.PID) {
		t.Error("its successor did not end what is in it")
	}
	if _, err := os.Stat(used); !os.IsNotExist(err) {
		t.Errorf("the other one is there: %v", err)
	}
	b.await(p)
	b.clear(p)
}

// bench starts processes and sees their ends.
type bench struct {
	t        *testing.T
	dir      string
	count    int
	launcher *Launcher
	reaper   *Reaper
	exits    chan Exit
	seen     map[int]Exit
}

func newBench(t *testing.T, confined bool) *bench {
	b := &bench{t: t, dir: t.TempDir(), exits: make(chan Exit, 100), seen: map[int]Exit{}}
	var err error
	if b.launcher, err = NewLauncher("test"); err != nil {
		t.Fatal(err)
	}
	if confined && !b.launcher.groups.given() {
		t.Skip(b.launcher.groups.why)
	}
	if !confined {
		b.launcher.groups.close()
		b.launcher.groups = &groups{}
		b.launcher.family.adopt()
		t.Cleanup(func() { _ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0) })
	}
	b.reaper = NewReaper(func(e Exit) { b.exits <- e })
	t.Cleanup(func() {
		b.reaper.Close()
		b.launcher.Close()
	})
	return b
}

func (b *bench) start(script string) *Process {
	b.t.Helper()
	b.count++
	mark := filepath.Join(b.dir, strconv.Itoa(b.count), "result")
	b.reaper.Starting()
	p, err := b.launcher.Start(&Spec{
		Command: []string{"/bin/sh", "-c", script}, Dir: "/", Mark: mark,
		Env: []string{"PATH=" + os.Getenv("PATH"), MarkVariable + "=" + mark, "PIDS=" + b.dir + "/pids" + strconv.Itoa(b.count)},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	b.reaper.Begun(p.PID)
	b.t.Cleanup(func() { _ = unix.Close(p.Output) })
	return p
}

// await waits until a leader has ended.
func (b *bench) await(p *Process) Exit {
	for {
		if e, ok := b.seen[p.PID]; ok {
			b.reaper.Settle(p.PID)
			return e
		}
		e := <-b.exits
		b.seen[e.PID] = e
	}
}

func (b *bench) clear(p *Process) {
	b.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); b.launcher.Clear(p) == Something; {
		if time.Now().After(deadline) {
			b.t.Fatal("something is left")
		}
	}
}

// pids are what a process has written to $PIDS.
func (b *bench) pids(p *Process) (all []int) {
	b.t.Helper()
	number := filepath.Base(filepath.Dir(p.mark))
	for deadline := time.Now().Add(10 * time.Second); len(all) == 0; {
		text, _ := os.ReadFile(filepath.Join(b.dir, "pids"+number))
		for field := range strings.FieldsSeq(string(text)) {
			pid, err := strconv.Atoi(field)
			if err != nil {
				b.t.Fatal(err)
			}
			all = append(all, pid)
		}
		if time.Now().After(deadline) {
			b.t.Fatal("no pids came")
		}
	}
	return all
}
