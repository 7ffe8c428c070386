package docker

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

func testLogger(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), nil))
}

func TestRun(t *testing.T) {
	b := newBench(t)
	s := order("run", `echo "hello $NAME"; echo oops >&2; echo '{"price":1.5}' > $BATCH_RESULT_FILE; exit 3`)
	s.Environment = []string{"NAME=world"}
	x := b.run(s)
	started := b.awaitStart(s.Attempt)
	b.expect(x, batch.Exited, "3", "")
	if strings.TrimSpace(string(x.Result)) != `{"price":1.5}` {
		t.Errorf("result %q", x.Result)
	}
	lines := b.lines(x)
	slices.Sort(lines) // two streams
	if !slices.Equal(lines, []string{"hello world", "oops"}) {
		t.Errorf("lines %q", lines)
	}
	if x.BaseKey != "key-run" || x.StartedAt != started.At || x.StartedAt == 0 || x.StoppedAt < x.StartedAt || x.Log.Begun() != started.Log {
		t.Errorf("exit %+v, started %+v", x, started)
	}
	digest, err := b.ImageDigest(t.Context(), testImage)
	if err != nil || digest == "" || x.ImageDigest != digest {
		t.Errorf("digest %q, %v; of the exit %q", digest, err, x.ImageDigest)
	}
	b.start(s) // known
	if c := b.census(); len(c) != 1 || c[0].State != compute.Ended || c[0].Exit.Attempt != s.Attempt {
		t.Errorf("census %+v", c)
	}
	if err := b.Forget(t.Context(), []batch.AttemptID{s.Attempt}); err != nil {
		t.Fatal(err)
	}
	if c := b.census(); len(c) != 0 {
		t.Errorf("census after Forget: %+v", c)
	}
	b.eventually("removal", func() bool { return b.containers() == 0 })
}

func TestScript(t *testing.T) {
	b := newBench(t)
	for name, script := range map[string]string{
		"shell":   "echo $0 \"$@\"\necho '[1]' > $BATCH_RESULT_FILE\n",
		"hashed":  "#!/bin/awk -f\nBEGIN { print ARGV[1], ARGV[2]; print \"[1]\" > ENVIRON[\"BATCH_RESULT_FILE\"] }\n",
		"as-user": "id -u\necho '[1]' > /batchd/result/t; mv /batchd/result/t $BATCH_RESULT_FILE\n",
	} {
		s := order(name, "")
		s.Container.Command, s.Container.Script, s.Container.ReadOnlyRoot = []string{"a", "b c"}, script, true
		if name == "as-user" {
			s.Container.User = "1234:1234"
		}
		x := b.run(s)
		b.expect(x, batch.Exited, "0", "")
		want := map[string]string{"shell": scriptPath + " a b c", "hashed": "a b c", "as-user": "1234"}[name]
		if lines := b.lines(x); !slices.Equal(lines, []string{want}) || strings.TrimSpace(string(x.Result)) != "[1]" {
			t.Errorf("%s: lines %q, want %q; result %q", name, lines, want, x.Result)
		}
	}
}

func TestUserWithoutScript(t *testing.T) {
	b := newBench(t)
	s := order("user", "echo 1 > $BATCH_RESULT_FILE")
	s.Container.User = "4321"
	x := b.run(s)
	b.expect(x, batch.Exited, "0", "")
	if string(x.Result) != "1\n" {
		t.Errorf("result %q", x.Result)
	}
}

func TestFailuresToStart(t *testing.T) {
	b := newBench(t)
	missing := order("missing", "")
	missing.Container.Image = "127.0.0.1:1/nothing/here:1"
	bad := order("bad", "")
	bad.Container.Image = "NOT AN IMAGE"
	command := order("command", "")
	command.Container.Command = []string{"no-such-program"}
	memory := order("memory", "")
	memory.Container.Shape.MemoryMiB = 1
	for _, c := range []struct {
		start  compute.Start
		reason string
	}{
		{missing, "CannotPullContainerError: "},
		{bad, "CannotPullContainerError: "},
		{command, "CannotStartContainerError: "},
		{memory, "CannotCreateContainerError: "},
	} {
		x := b.run(c.start)
		b.expect(x, batch.FailedToStart, "none", c.reason)
		t.Log(x.Reason)
		if err := b.Forget(t.Context(), []batch.AttemptID{x.Attempt}); err != nil {
			t.Fatal(err)
		}
	}
	b.eventually("removal", func() bool { return b.containers() == 0 && len(b.census()) == 0 })
	if digest, err := b.ImageDigest(t.Context(), missing.Container.Image); digest != "" || err != nil {
		t.Errorf("digest of an unknown image: %q, %v", digest, err)
	}
}

func TestBadResults(t *testing.T) {
	b := newBench(t)
	for name, command := range map[string]string{
		"large":   "head -c 65537 /dev/zero > $BATCH_RESULT_FILE; exit 5",
		"invalid": "echo '{' > $BATCH_RESULT_FILE; exit 5",
		"dir":     "mkdir $BATCH_RESULT_FILE; exit 5",
	} {
		x := b.run(order(name, command))
		b.expect(x, batch.Exited, "5", "")
		if x.Result != nil || x.ResultError == "" {
			t.Errorf("%s: result %q, error %q", name, x.Result, x.ResultError)
		}
	}
}

func TestOutOfMemory(t *testing.T) {
	b := newBench(t)
	s := order("oom", "x=$(head -c 100000000 /dev/zero | tr '\\0' x); echo survived")
	s.Container.Shape.MemoryMiB = 16
	b.expect(b.run(s), batch.Exited, "137", outOfMemory)
}

func TestStop(t *testing.T) {
	b := newBench(t)
	gentle := order("gentle", "trap 'echo bye; exit 7' TERM; echo up; while :; do sleep 0.1; done")
	deaf := order("deaf", "trap '' TERM; echo up; while :; do sleep 0.1; done")
	waits := order("waits", "echo never")
	waits.Ahead = true
	unknown := batch.AttemptID{Job: "unknown", Number: 1}
	b.start(gentle, deaf, waits)
	for _, s := range []compute.Start{gentle, deaf} {
		started := b.awaitStart(s.Attempt)
		b.stop(compute.Stop{Attempt: s.Attempt, Recall: true}) // it runs: nothing happens
		b.awaitLine(started, "up")
	}
	asked := batch.At(time.Now())
	b.stop(compute.Stop{Attempt: gentle.Attempt}, compute.Stop{Attempt: deaf.Attempt}, compute.Stop{Attempt: waits.Attempt}, compute.Stop{Attempt: unknown})
	b.expect(b.awaitExit(waits.Attempt), batch.Recalled, "none", "")
	b.expect(b.awaitExit(unknown), batch.Recalled, "none", "")
	x := b.awaitExit(gentle.Attempt)
	b.expect(x, batch.Exited, "7", "")
	if lines := b.lines(x); !slices.Equal(lines, []string{"up", "bye"}) {
		t.Errorf("lines %q", lines)
	}
	x = b.awaitExit(deaf.Attempt)
	b.expect(x, batch.Exited, "137", "")
	if had := x.StoppedAt.Sub(asked); had < deaf.StopGrace {
		t.Errorf("killed after %s, before the grace of %s", had, deaf.StopGrace)
	}
	b.start(compute.Start{Attempt: unknown, Container: waits.Container}) // remembered as not to be started
	if c := b.census(); len(c) != 4 || slices.ContainsFunc(c, func(p compute.Presence) bool { return p.State != compute.Ended }) {
		t.Errorf("census %+v", c)
	}
}

func TestLane(t *testing.T) {
	b := newBench(t)
	var starts []compute.Start
	for i := range 3 {
		s := order("lane"+strconv.Itoa(i), "test "+strconv.Itoa(i)+" -gt 0 || sleep 1")
		s.Ahead = i > 0
		starts = append(starts, s)
	}
	b.start(starts...)
	if c := b.census(); len(c) != 3 || c[1].State != compute.WaitingAhead {
		t.Errorf("census %+v", c)
	}
	first := b.awaitExit(starts[0].Attempt)
	second, third := b.awaitExit(starts[1].Attempt), b.awaitExit(starts[2].Attempt)
	if second.StartedAt < first.StoppedAt || third.StartedAt < second.StoppedAt {
		t.Errorf("ran %d-%d, %d-%d, %d-%d; want one after the other", first.StartedAt, first.StoppedAt,
			second.StartedAt, second.StoppedAt, third.StartedAt, third.StoppedAt)
	}
}

func TestWaitingMayBeHurried(t *testing.T) {
	b := newBench(t)
	holds, waits := order("holds", "sleep 60"), order("waits", "echo now")
	waits.Ahead = true
	b.start(holds, waits)
	waits.Ahead = false
	b.start(waits) // resources of its own: it need not wait
	b.expect(b.awaitExit(waits.Attempt), batch.Exited, "0", "")
	b.stop(compute.Stop{Attempt: holds.Attempt})
	b.expect(b.awaitExit(holds.Attempt), batch.Exited, "137", "")
}

func TestContainersOutliveTheRunner(t *testing.T) {
	b := newBench(t)
	gate := t.TempDir()
	command := `i=0; while ! test -e /gate/%; do echo line $i; i=$((i+1)); done; echo end $i; echo '{"i":1}' > $BATCH_RESULT_FILE; exit 4`
	runs, ends, late := order("runs", strings.ReplaceAll(command, "%", "runs")), order("ends", strings.ReplaceAll(command, "%", "ends")), order("late", "exit 9")
	late.Ahead = true
	for _, s := range []*compute.Start{&runs, &ends} {
		s.Container.Mounts = []batch.Mount{{Source: gate, Target: "/gate", ReadOnly: true}}
	}
	b.start(runs, ends, late)
	started := map[batch.AttemptID]batch.AttemptStarted{}
	for _, s := range []compute.Start{runs, ends} {
		started[s.Attempt] = b.awaitStart(s.Attempt)
		b.awaitLine(started[s.Attempt], "line 100")
	}
	b.close(b.Runner)
	b.openGate(gate, "ends")
	b.eventually("the end of a container behind the runner's back", func() bool {
		state, err := b.daemon.ContainerInspect(t.Context(), containerName(b.installation, ends.Attempt))
		return err == nil && !state.State.Running
	})
	b.open()
	if c := b.census(); len(c) != 2 || c[1].Attempt != runs.Attempt || c[1].State != compute.Running || c[1].Started != started[runs.Attempt] {
		t.Errorf("census %+v, started %+v", c, started)
	}
	b.openGate(gate, "runs")
	for _, s := range []compute.Start{runs, ends} {
		x := b.awaitExit(s.Attempt)
		b.expect(x, batch.Exited, "4", "")
		b.expectCounted(x)
		if string(x.Result) != "{\"i\":1}\n" || x.BaseKey != s.BaseKey || x.StartedAt != started[s.Attempt].At {
			t.Errorf("exit %+v", x)
		}
	}
	b.reopen() // exits are found again until they are forgotten
	x := b.awaitExit(runs.Attempt)
	b.expect(x, batch.Exited, "4", "")
	b.expectCounted(x)
}

// openGate lets go the containers that wait for a file of that name.
func (b *bench) openGate(dir, name string) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// expectCounted checks that the log holds line 0, line 1, … and the end, nothing lost or doubled.
func (b *bench) expectCounted(x batch.Exit) {
	b.t.Helper()
	lines := b.lines(x)
	for i, l := range lines {
		want := "line " + strconv.Itoa(i)
		if i == len(lines)-1 {
			want = "end " + strconv.Itoa(i)
		}
		if l != want {
			b.t.Fatalf("%s: line %d of %d is %q, want %q", x.Attempt, i, len(lines), l, want)
		}
	}
	b.t.Logf("%s: %d lines", x.Attempt, len(lines))
}

// awaitLine waits until a line of a running attempt is in the log.
func (b *bench) awaitLine(s batch.AttemptStarted, line string) {
	b.t.Helper()
	b.eventually("line "+line, func() bool {
		return slices.Contains(b.lines(batch.Exit{Attempt: s.Attempt, Log: s.Log}), line)
	})
}
