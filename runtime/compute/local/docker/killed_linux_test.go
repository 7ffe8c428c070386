package docker

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// counting says lines until the gate named $GATE is open, and writes each of them into the file named $NAME too.
const counting = `
say() { echo "$@" | tee -a /shared/$NAME; } # one command, so that the trap does not come between the two
trap 'say ended by a signal; exit 143' TERM
i=0
while ! test -e /shared/$GATE; do say line $i; i=$((i+1)); sleep 0.05; done
say last`

// spoken orders attempts that count until a gate opens.
func spoken(shared, gate string, n int) (starts []compute.Start) {
	for i := range n {
		name := fmt.Sprint(gate, i)
		s := order(name, counting)
		s.Environment = []string{"GATE=" + gate, "NAME=" + name}
		s.Container.Mounts = []batch.Mount{{Source: shared, Target: "/shared"}}
		starts = append(starts, s)
	}
	return starts
}

// said is what a counting attempt has said, by its own account.
func said(t *testing.T, shared string, s compute.Start) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(shared, string(s.Attempt.Job)))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// recorded is what the daemon has of the output of an attempt.
func (b *bench) recorded(s compute.Start) []string {
	b.t.Helper()
	body, err := b.daemon.ContainerLogs(b.t.Context(), containerName(b.installation, s.Attempt), container.LogsOptions{ShowStdout: true})
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = body.Close() }()
	var text bytes.Buffer
	if _, err := stdcopy.StdCopy(&text, &text, body); err != nil {
		b.t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(text.String()), "\n")
}

// A daemon is killed under containers with output, some of which end before it is back. The log of each is what the daemon
// has of it, once, and the exit says that it may not be all. Of those that go on, only what the daemon had in hand is missing.
func TestDaemonKilled(t *testing.T) {
	for _, mode := range []struct {
		name    string
		options []string
		code    string // of containers that run when the daemon comes back
		reason  string
	}{
		{"containers go on", []string{"--live-restore"}, "0", outputTorn},
		{"containers are ended", nil, "143", endedByDaemon},
	} {
		t.Run(mode.name, func(t *testing.T) {
			b, d := overOwnDaemon(t, mode.options...)
			shared := t.TempDir()
			early, late := spoken(shared, "early", 5), spoken(shared, "late", 5)
			b.start(slices.Concat(early, late)...)
			for _, s := range slices.Concat(early, late) {
				b.awaitLine(b.awaitStart(s.Attempt), "line 3")
			}
			d.kill()
			b.openGate(shared, "early")
			for _, s := range early {
				b.eventually("its end", func() bool { return slices.Contains(said(t, shared, s), "last") })
			}
			if err := d.start(); err != nil {
				t.Fatal(err)
			}
			for _, s := range early {
				x := b.awaitExit(s.Attempt)
				switch lines := b.lines(x); {
				case !slices.Equal(lines, b.recorded(s)):
					t.Errorf("lines %q; the daemon has %q", lines, b.recorded(s))
				case x.Kind == batch.Lost:
					b.expect(x, batch.Lost, "none", endMissed)
				default:
					b.expect(x, batch.Exited, "0", outputMissing)
				}
			}
			b.openGate(shared, "late")
			for _, s := range late {
				x := b.awaitExit(s.Attempt)
				b.expect(x, batch.Exited, mode.code, mode.reason)
				lines, all := b.lines(x), said(t, shared, s)
				if !slices.Equal(lines, b.recorded(s)) {
					t.Errorf("lines %q; the daemon has %q", lines, b.recorded(s))
				}
				if !tornOnce(lines, all) {
					t.Errorf("lines %q, said %q", lines, all)
				}
			}
		})
	}
}

// Containers end while neither batchd nor a daemon is there. The next batchd finds them ended, and their exits say what is not known.
func TestDaemonKilledWhileBatchdIsAway(t *testing.T) {
	b, d := overOwnDaemon(t, "--live-restore")
	shared := t.TempDir()
	starts := spoken(shared, "gate", 3)
	b.start(starts...)
	for _, s := range starts {
		b.awaitLine(b.awaitStart(s.Attempt), "line 3")
	}
	b.close(b.Runner)
	d.kill()
	b.openGate(shared, "gate")
	for _, s := range starts {
		b.eventually("its end", func() bool { return slices.Contains(said(t, shared, s), "last") })
	}
	if err := d.start(); err != nil {
		t.Fatal(err)
	}
	b.open()
	for _, s := range starts {
		x := b.awaitExit(s.Attempt)
		if lines := b.lines(x); !slices.Equal(lines, b.recorded(s)) {
			t.Errorf("lines %q; the daemon has %q", lines, b.recorded(s))
		}
		if x.Kind == batch.Lost {
			b.expect(x, batch.Lost, "none", endMissed)
		} else {
			b.expect(x, batch.Exited, "0", outputMissing)
		}
	}
}

// tornOnce reports whether lines is all, but for what one daemon may have had in hand when it was killed.
func tornOnce(lines, all []string) bool {
	begin := 0
	for begin < min(len(lines), len(all)) && lines[begin] == all[begin] {
		begin++
	}
	return len(lines) <= len(all) && slices.Equal(lines[begin:], all[len(all)-len(lines)+begin:])
}

// A daemon that is restarted in good order ends its containers, and has all that they said. It answers until they have ended, so
// often nothing tells whose signal it was.
func TestDaemonRestarted(t *testing.T) {
	b, d := overOwnDaemon(t)
	shared := t.TempDir()
	starts := spoken(shared, "gate", 5)
	b.start(starts...)
	for _, s := range starts {
		b.awaitLine(b.awaitStart(s.Attempt), "line 3")
	}
	d.stop()
	if err := d.start(); err != nil {
		t.Fatal(err)
	}
	for _, s := range starts {
		x := b.awaitExit(s.Attempt)
		if x.Kind != batch.Exited || code(x) != "143" {
			t.Errorf("exit %+v", x)
		}
		if lines := b.lines(x); !slices.Equal(lines, said(t, shared, s)) {
			t.Errorf("lines %q, said %q", lines, said(t, shared, s))
		}
	}
}

// awaitFault waits until the runner says that it starts nothing, or, with an empty reason, that it does again.
func (b *bench) awaitFault(reason string) {
	b.t.Helper()
	b.await("the fault "+reason, func(r batch.Report) bool {
		f, ok := r.(batch.HostFault)
		return ok && (f.Reason == "") == (reason == "") && strings.HasPrefix(f.Reason, reason)
	})
}

// within checks how long something took that was waited for.
func (b *bench) within(limit time.Duration, what string, wait func()) {
	b.t.Helper()
	began := time.Now()
	wait()
	if took, limit := time.Since(began), long.Stretched(limit); took > limit {
		b.t.Errorf("%s took %s, allowed are %s", what, took, limit)
	}
}

// A daemon that hangs is a fault of the machine while it lasts. Nothing that runs or is to be started is harmed.
func TestDaemonHangs(t *testing.T) {
	b, d := overOwnDaemon(t)
	shared := t.TempDir()
	starts := spoken(shared, "gate", 2)
	b.start(starts[0])
	b.awaitStart(starts[0].Attempt)
	d.signal(syscall.SIGSTOP)
	hangs := func() { b.awaitFault("Docker at " + d.host() + " has not answered for 3s; restart it if it hangs") }
	b.within(pingEvery+pingTimeout+time.Second, "noticing", hangs)
	b.within(pingTimeout+time.Second, "opening", b.reopen)
	b.within(pingTimeout+time.Second, "noticing after opening", hangs)
	b.start(starts[1])
	d.signal(syscall.SIGCONT)
	b.within(5*time.Second, "noticing the end", func() { b.awaitFault("") })
	b.openGate(shared, "gate")
	for _, s := range starts {
		x := b.awaitExit(s.Attempt)
		b.expect(x, batch.Exited, "0", "")
		if lines := b.lines(x); !slices.Equal(lines, said(t, shared, s)) {
			t.Errorf("lines %q, said %q", lines, said(t, shared, s))
		}
	}
}
