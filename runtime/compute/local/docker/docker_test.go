package docker

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/google/uuid"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

const (
	testImage = "batchd-test/busybox:1" // .ci/docker-up makes it
	patience  = time.Minute
)

// bench is one installation on the machine's daemon, on which runners come and go.
type bench struct {
	*Runner
	t       testing.TB
	options Options
	pending []batch.Report // received and not yet asked for
}

// newBench returns an opened runner, or skips the test when there is no daemon.
func newBench(t testing.TB) *bench {
	t.Helper()
	dir := t.TempDir()
	b := &bench{t: t, options: Options{InstallationID: uuid.NewString(), StateDir: dir, LogsDir: dir + "/logs"}}
	if testing.Verbose() {
		b.options.Logger = testLogger(t)
	}
	d, err := newDaemon("")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.version(t.Context()); err != nil {
		t.Skipf("no Docker here: %v (.ci/docker-up starts one)", err)
	}
	if _, err := d.picture(t.Context(), testImage); err != nil {
		t.Skipf("no image %s here: %v (.ci/docker-up makes it)", testImage, err)
	}
	t.Cleanup(func() { removeAll(t, d, b.options.InstallationID) })
	b.open()
	return b
}

func removeAll(t testing.TB, d daemon, installation string) {
	ctx := context.WithoutCancel(t.Context())
	list, err := d.ContainerList(ctx, container.ListOptions{
		All: true, Filters: filters.NewArgs(filters.Arg("label", labelInstallation+"="+installation)),
	})
	if err != nil {
		t.Error(err)
	}
	for _, c := range list {
		if err := d.remove(ctx, c.ID, true); err != nil {
			t.Error(err)
		}
	}
	_ = d.Close()
}

// open makes a runner as a new batchd does.
func (b *bench) open() {
	b.t.Helper()
	r, err := New(b.options)
	if err != nil {
		b.t.Fatal(err)
	}
	b.Runner, b.pending = r, nil
	if err := r.Open(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { b.close(r) })
}

func (b *bench) close(r *Runner) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(b.t.Context()), patience)
	defer cancel()
	if err := r.Close(ctx); err != nil {
		b.t.Error(err)
	}
}

// reopen replaces the runner by a new one, which knows nothing.
func (b *bench) reopen() {
	b.t.Helper()
	b.close(b.Runner)
	b.open()
}

// order is a start of sh -c command.
func order(name, command string) compute.Start {
	return compute.Start{
		Attempt: batch.AttemptID{Job: batch.JobID(name), Number: 1}, Lane: "lane", DefinitionName: "def",
		BaseKey: "key-" + name, StopGrace: time.Second,
		Container: batch.Container{Image: testImage, Command: []string{"sh", "-c", command}},
	}
}

func (b *bench) start(starts ...compute.Start) {
	b.t.Helper()
	if err := b.Start(b.t.Context(), starts); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) stop(stops ...compute.Stop) {
	b.t.Helper()
	if err := b.Stop(b.t.Context(), stops); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) census() []compute.Presence {
	b.t.Helper()
	c, err := b.Census(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

// await returns the first report for which want answers true; others are kept for later.
func (b *bench) await(what string, want func(batch.Report) bool) {
	b.t.Helper()
	deadline := time.After(patience)
	for {
		if i := slices.IndexFunc(b.pending, want); i >= 0 {
			b.pending = slices.Delete(b.pending, i, i+1)
			return
		}
		select {
		case reports := <-b.Reports():
			b.pending = append(b.pending, reports...)
		case <-deadline:
			b.t.Fatalf("no report of %s; others: %+v", what, b.pending)
		}
	}
}

func (b *bench) awaitStart(id batch.AttemptID) batch.AttemptStarted {
	b.t.Helper()
	var started batch.AttemptStarted
	b.await("the start of "+id.String(), func(r batch.Report) bool {
		s, ok := r.(batch.AttemptStarted)
		if ok && s.Attempt == id {
			started = s
			return true
		}
		return false
	})
	return started
}

func (b *bench) awaitExit(id batch.AttemptID) batch.Exit {
	b.t.Helper()
	var exit batch.Exit
	b.await("the exit of "+id.String(), func(r batch.Report) bool {
		e, ok := r.(batch.AttemptExited)
		if ok && e.Exit.Attempt == id {
			exit = e.Exit
			return true
		}
		return false
	})
	return exit
}

// run starts one attempt and returns its exit.
func (b *bench) run(s compute.Start) batch.Exit {
	b.t.Helper()
	b.start(s)
	return b.awaitExit(s.Attempt)
}

// lines reads the log of an ended attempt.
func (b *bench) lines(x batch.Exit) []string {
	b.t.Helper()
	var text []string
	lines, err := joblog.All(b.t.Context(), joblog.OpenDir(b.options.LogsDir), joblog.Log{Attempt: x.Attempt, Ref: x.Log, Stopped: x.StoppedAt})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, l := range lines {
		text = append(text, l.Text)
	}
	return text
}

func code(x batch.Exit) string {
	if x.Code == nil {
		return "none"
	}
	return fmt.Sprint(*x.Code)
}

// expect checks how an attempt ended.
func (b *bench) expect(x batch.Exit, kind batch.ExitKind, wantCode, reasonPrefix string) {
	b.t.Helper()
	if x.Kind != kind || code(x) != wantCode || !strings.HasPrefix(x.Reason, reasonPrefix) || (reasonPrefix == "") != (x.Reason == "") {
		b.t.Errorf("%s: kind %d code %s reason %q, want kind %d code %s reason %q…", x.Attempt, x.Kind, code(x), x.Reason, kind, wantCode, reasonPrefix)
	}
	if b.lines(x) != nil && b.t.Failed() {
		b.t.Logf("output: %q", b.lines(x))
	}
}

func (b *bench) containers() int {
	b.t.Helper()
	list, err := b.daemon.ContainerList(b.t.Context(), container.ListOptions{All: true, Filters: filters.NewArgs(b.ours())})
	if err != nil {
		b.t.Fatal(err)
	}
	return len(list)
}

// eventually polls a condition that nothing reports.
func (b *bench) eventually(what string, holds func() bool) {
	b.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			b.t.Fatalf("%s: not within %s", what, patience)
		}
	}
}
