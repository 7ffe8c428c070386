package docker

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// made makes the container of s as a batchd does that is killed right after, and starts it if asked.
func (b *bench) made(s compute.Start, start bool) {
	b.t.Helper()
	a := newAttempt(identityOf(s), s)
	image, err := b.daemon.picture(b.t.Context(), s.Container.Image)
	if err == nil {
		_, err = b.create(b.t.Context(), a, image)
	}
	if err == nil && start {
		err = b.daemon.ContainerStart(b.t.Context(), a.container, container.StartOptions{})
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

func TestCreatedAndNeverStarted(t *testing.T) {
	b := newBench(t)
	again, stopped := order("again", "echo once"), order("stopped", "echo never")
	b.made(again, false)
	b.made(stopped, false)
	b.reopen()
	if c := b.census(); len(c) != 2 || c[0].State != compute.WaitingAhead || c[1].State != compute.WaitingAhead {
		t.Errorf("census %+v; the scheduler orders again what waits, or stops it", c)
	}
	b.stop(compute.Stop{Attempt: stopped.Attempt})
	b.expect(b.awaitExit(stopped.Attempt), batch.Recalled, "none", "")
	x := b.run(again)
	b.expect(x, batch.Exited, "0", "")
	if lines := b.lines(x); !slices.Equal(lines, []string{"once"}) {
		t.Errorf("lines %q", lines)
	}
	if err := b.Forget(t.Context(), []batch.AttemptID{again.Attempt, stopped.Attempt}); err != nil {
		t.Fatal(err)
	}
	b.eventually("removal", func() bool { return b.containers() == 0 && !b.marker.exists() })
}

func TestStartedBehindTheRunner(t *testing.T) {
	b := newBench(t)
	s := order("twice", "echo once; exit 6")
	b.made(s, true)
	x := b.run(s) // does not run it again
	b.expect(x, batch.Exited, "6", "")
	if lines := b.lines(x); !slices.Equal(lines, []string{"once"}) {
		t.Errorf("lines %q", lines)
	}
	if n := b.containers(); n != 1 {
		t.Errorf("%d containers", n)
	}
}

func TestRemovedByOthers(t *testing.T) {
	b := newBench(t)
	s := order("removed", "sleep 60")
	b.start(s)
	b.awaitStart(s.Attempt)
	if err := b.daemon.remove(t.Context(), containerName(b.installation, s.Attempt), true); err != nil {
		t.Fatal(err)
	}
	x := b.awaitExit(s.Attempt)
	if x.Kind != batch.Lost && code(x) != "137" { // it depends on how fast the removal is
		t.Errorf("exit %+v", x)
	}
}

func TestMuchOutput(t *testing.T) {
	b := newBench(t)
	const n = 20000
	s := order("much", `
		(i=0; while test $i -lt 20000; do echo out $i; i=$((i+1)); done) &
		(i=0; while test $i -lt 20000; do echo err $i >&2; i=$((i+1)); done) &
		wait; head -c 100000 /dev/zero | tr '\0' z; printf '\nlast'`)
	x := b.run(s)
	b.expect(x, batch.Exited, "0", "")
	next := map[string]int{}
	var long int
	for _, line := range b.lines(x) {
		stream, number, _ := strings.Cut(line, " ")
		switch {
		case strings.HasPrefix(line, "z"):
			long += len(line)
		case line == "last":
			next["last"]++
		case number != strconv.Itoa(next[stream]):
			t.Fatalf("line %.60q, want number %d", line, next[stream])
		default:
			next[stream]++
		}
	}
	if next["out"] != n || next["err"] != n || next["last"] != 1 || long != 100000 {
		t.Errorf("%v and a line of %d bytes", next, long)
	}
}

func TestManyShort(t *testing.T) {
	b := newBench(t)
	var starts []compute.Start
	for i := range 12 {
		starts = append(starts, order("short"+strconv.Itoa(i), "echo a; echo b >&2; echo c"))
	}
	began := time.Now()
	b.start(starts...)
	for _, s := range starts {
		x := b.awaitExit(s.Attempt)
		b.expect(x, batch.Exited, "0", "")
		lines := b.lines(x)
		slices.Sort(lines)
		if !slices.Equal(lines, []string{"a", "b", "c"}) {
			t.Errorf("lines %q", lines)
		}
	}
	t.Logf("%.1f a second", float64(len(starts))/time.Since(began).Seconds())
}
