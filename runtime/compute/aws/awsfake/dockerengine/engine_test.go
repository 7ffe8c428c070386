package dockerengine

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/google/uuid"

	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake"
)

const (
	testImage = "batchd-test/busybox:1" // .ci/docker-up makes it
	patience  = time.Minute
)

// bench is an engine of its own on the machine's daemon.
type bench struct {
	*Engine
	t *testing.T
}

// newBench returns an engine, or skips the test when there is no daemon.
func newBench(t *testing.T) bench {
	t.Helper()
	metadata := http.NewServeMux()
	server := httptest.NewServer(metadata)
	t.Cleanup(server.Close)
	e, err := New(t.Context(), Options{Name: uuid.NewString(), Metadata: server.URL})
	if err != nil {
		t.Skipf("no Docker here: %v (.ci/docker-up starts one)", err)
	}
	if _, err := e.daemon.ImageInspect(t.Context(), testImage); err != nil {
		t.Skipf("no image %s here: %v (.ci/docker-up makes it)", testImage, err)
	}
	metadata.Handle("/", e.Metadata())
	t.Cleanup(func() { _ = e.Close() })
	return bench{e, t}
}

// witness keeps what it is told.
type witness struct {
	started, ended chan struct{}

	mu     sync.Mutex
	told   []string
	lines  []string
	ending awsfake.Ending
}

func (w *witness) tell(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told = append(w.told, what)
}

func (w *witness) Pulled() { w.tell("pulled") }

func (w *witness) Started() {
	w.tell("started")
	close(w.started)
}

func (w *witness) Line(_ time.Time, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lines = append(w.lines, text)
}

func (w *witness) Ended(e awsfake.Ending) {
	w.tell("ended")
	w.ending = e
	close(w.ended)
}

// order runs a shell script in a container, which change may change.
func (b bench) order(script string, change func(*awsfake.Container)) (*witness, awsfake.Running) {
	c := awsfake.Container{
		Task: "arn:aws:ecs:us-east-1:123456789012:task/c/1", Name: "main", Image: testImage, Command: []string{"sh", "-c", script},
		MemoryMiB: 64, MilliCPU: 500, StopTimeout: time.Second,
	}
	if change != nil {
		change(&c)
	}
	w := &witness{started: make(chan struct{}), ended: make(chan struct{})}
	return w, b.Run(c, w)
}

// wait waits until done is closed.
func (b bench) wait(done <-chan struct{}, what string) {
	b.t.Helper()
	select {
	case <-done:
	case <-time.After(patience):
		b.t.Fatalf("%s: nothing for %v", what, patience)
	}
}

func TestAContainerRunsAsItsTaskDefinitionSays(t *testing.T) {
	b := newBench(t)
	w, _ := b.order("", func(c *awsfake.Container) {
		c.EntryPoint, c.Command = []string{"sh", "-c"}, []string{"echo $GREETING from $(pwd); echo to stderr >&2; exit 3"}
		c.Environment, c.WorkingDirectory = []string{"GREETING=hello"}, "/tmp"
	})
	b.wait(w.ended, "the end")
	slices.Sort(w.lines) // the two streams are told side by side
	if got := strings.Join(w.lines, "|"); got != "hello from /tmp|to stderr" {
		t.Errorf("it said %q", got)
	}
	if w.ending != (awsfake.Ending{Started: true, ExitCode: 3}) || !slices.Equal(w.told, []string{"pulled", "started", "ended"}) {
		t.Errorf("it ended with %+v, after %v", w.ending, w.told)
	}
}

func TestAContainerHasItsDirectoriesAndLimits(t *testing.T) {
	b := newBench(t)
	w, _ := b.order("cat /host/file; touch /host/new || echo read only; touch /scratch/new && echo scratch; df -m /t | tail -n 1 | awk '{print $2}'; ulimit -n", func(c *awsfake.Container) {
		dir := t.TempDir()
		if err := os.WriteFile(dir+"/file", []byte("of the host\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		c.Mounts = []awsfake.Mount{{Source: dir, Target: "/host", ReadOnly: true}, {Target: "/scratch"}}
		c.Tmpfs, c.Ulimits = []awsfake.Tmpfs{{Path: "/t", SizeMiB: 3}}, []awsfake.Ulimit{{Name: "nofile", Soft: 77, Hard: 77}}
	})
	b.wait(w.ended, "the end")
	said := slices.DeleteFunc(w.lines, func(line string) bool { return strings.HasPrefix(line, "touch:") })
	if got := strings.Join(said, "|"); got != "of the host|read only|scratch|3|77" {
		t.Errorf("it said %q", got)
	}
}

func TestAContainerIsToldWhatItUses(t *testing.T) {
	b := newBench(t)
	w, _ := b.order("wget -q -O - $ECS_CONTAINER_METADATA_URI_V4/stats", nil)
	b.wait(w.ended, "the end")
	var stats struct {
		Memory struct{ Usage, Limit int64 } `json:"memory_stats"`
	}
	if err := json.Unmarshal([]byte(strings.Join(w.lines, "")), &stats); err != nil || stats.Memory.Usage <= 0 || stats.Memory.Limit != 64<<20 {
		t.Errorf("%v: %+v of %q", err, stats, w.lines)
	}
}

func TestHowContainersEnd(t *testing.T) {
	for name, test := range map[string]struct {
		script string
		change func(*awsfake.Container)
		stop   bool // once it runs
		code   int32
		reason string // the beginning
	}{
		"it runs out of memory":  {script: "x=$(head -c 100000000 /dev/zero | tr '\\0' x); echo survived", code: 137, reason: awsfake.OutOfMemory},
		"it handles SIGTERM":     {script: "trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done", stop: true, code: 7},
		"it takes SIGTERM":       {script: "echo ready; sleep 100", change: func(c *awsfake.Container) { c.Init = true }, stop: true, code: 143},
		"it ignores SIGTERM":     {script: "trap '' TERM; echo ready; while :; do sleep 0.05; done", stop: true, code: 137},
		"it has no such program": {change: func(c *awsfake.Container) { c.Command = []string{"/no/such/program"} }, reason: "CannotStartContainerError: "},
		"there is no such image": {change: func(c *awsfake.Container) { c.Image = "127.0.0.1:1/no/such/image:1" }, reason: "CannotPullContainerError: "},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			w, running := b.order(test.script, test.change)
			if test.stop {
				b.wait(w.started, "the start")
				b.ready(w)
				running.Stop()
			}
			b.wait(w.ended, "the end")
			if w.ending.ExitCode != test.code || !strings.HasPrefix(w.ending.Reason, test.reason) || (test.reason == "") != (w.ending.Reason == "") {
				t.Errorf("it ended with %+v, want code %d and reason %q", w.ending, test.code, test.reason)
			}
		})
	}
}

// ready waits until the container has said something, so that its traps are set.
func (b bench) ready(w *witness) {
	b.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-tick.C {
		w.mu.Lock()
		said := len(w.lines) > 0
		w.mu.Unlock()
		if said {
			return
		}
	}
	b.t.Fatal("the container says nothing")
}

func TestNothingIsLeft(t *testing.T) {
	b := newBench(t)
	killed, running := b.order("sleep 1000", nil)
	b.wait(killed.started, "the start")
	running.Kill()
	left, _ := b.order("sleep 1000", nil)
	b.wait(left.started, "the start")
	name := b.name
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := New(t.Context(), Options{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Close() }()
	found, err := again.daemon.ContainerList(t.Context(), container.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("label", label+"="+name))})
	if err != nil || len(found) != 0 {
		t.Errorf("left %v, %v", found, err)
	}
	for _, w := range []*witness{killed, left} {
		if slices.Contains(w.told, "ended") {
			t.Error("a container that was killed with its host reported its end")
		}
	}
}
