package docker

import (
	"io"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// tap is a socket of its own in front of the machine's daemon, which can be shut, so that the daemon
// seems to go away and come back.
type tap struct {
	t      *testing.T
	path   string
	daemon string

	mu       sync.Mutex
	listener net.Listener
	conns    []net.Conn
	serving  sync.WaitGroup
}

func newTap(t *testing.T) *tap {
	t.Helper()
	daemon, isSocket := strings.CutPrefix(usualHost(), "unix://")
	if !isSocket {
		t.Skip("the daemon is not behind a socket of this machine")
	}
	p := &tap{t: t, path: filepath.Join(t.TempDir(), "docker.sock"), daemon: daemon}
	t.Cleanup(p.shut)
	return p
}

func (p *tap) host() string { return "unix://" + p.path }

// open lets connections through.
func (p *tap) open() {
	p.t.Helper()
	listener, err := net.Listen("unix", p.path)
	if err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	p.listener = listener
	p.mu.Unlock()
	p.serving.Go(func() {
		for {
			in, err := listener.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("unix", p.daemon)
			if err != nil {
				_ = in.Close()
				continue
			}
			p.mu.Lock()
			p.conns = append(p.conns, in, out)
			p.mu.Unlock()
			p.serving.Go(func() { carry(in, out) })
			p.serving.Go(func() { carry(out, in) })
		}
	})
}

func carry(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	if half, ok := to.(*net.UnixConn); ok {
		_ = half.CloseWrite()
	}
}

// cut ends the connections there are; new ones are let through.
func (p *tap) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		_ = c.Close()
	}
	p.conns = nil
}

// shut ends all connections and lets none through.
func (p *tap) shut() {
	p.mu.Lock()
	if p.listener != nil {
		_ = p.listener.Close()
		p.listener = nil
	}
	p.mu.Unlock()
	p.cut()
	p.serving.Wait()
}

// behindTap is a bench whose runner reaches the daemon through a tap.
func behindTap(t *testing.T) (*bench, *tap) {
	t.Helper()
	b := newBench(t)
	p := newTap(t)
	b.close(b.Runner)
	b.options.Host = p.host()
	return b, p
}

func TestUnreachable(t *testing.T) {
	b, p := behindTap(t)
	b.open() // no error: most attempts need no Docker
	x := b.run(order("early", "true"))
	b.expect(x, batch.Refused, "none", "Docker is not reachable at "+p.host()+": no such file or directory; start it or set DOCKER_HOST")
	if _, err := b.Version(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "Docker is not reachable at "+p.host()) {
		t.Errorf("version: %v", err)
	}
	if _, err := b.ImageDigest(t.Context(), testImage); err == nil {
		t.Error("a digest without a daemon")
	}
	if c := b.census(); len(c) != 1 {
		t.Errorf("census %+v", c)
	}
	p.open()
	b.expect(b.run(order("later", "true")), batch.Exited, "0", "")
	if v, err := b.Version(t.Context()); err != nil || !strings.Contains(v, "API") {
		t.Errorf("version %q, %v", v, err)
	}
}

func TestDaemonComesAndGoes(t *testing.T) {
	b, p := behindTap(t)
	p.open()
	b.open()
	gate := t.TempDir()
	s := order("counts", `i=0; while ! test -e /gate/open; do echo line $i; i=$((i+1)); test $((i%100)) -gt 0 || sleep 0.05; done; echo end $i`)
	s.Container.Mounts = []batch.Mount{{Source: gate, Target: "/gate", ReadOnly: true}}
	b.start(s)
	started := b.awaitStart(s.Attempt)
	for i := range 5 {
		b.awaitLine(started, "line "+strconv.Itoa(500*i+10))
		p.cut()
	}
	b.awaitLine(started, "line 3000")
	p.shut()
	b.openGate(gate, "open")
	b.stop(compute.Stop{Attempt: s.Attempt, Recall: true})
	if c := b.census(); len(c) != 1 || c[0].State != compute.Running { // nobody can tell that it ended, so it runs
		t.Errorf("census %+v", c)
	}
	p.open()
	x := b.awaitExit(s.Attempt)
	b.expect(x, batch.Exited, "0", "")
	b.expectCounted(x)
}

func TestCensusWaitsForContainers(t *testing.T) {
	b, p := behindTap(t)
	p.open()
	b.open()
	s := order("there", "sleep 60")
	b.start(s)
	b.awaitStart(s.Attempt)
	b.close(b.Runner)
	p.shut()
	b.open()
	if c, err := b.Census(t.Context()); err == nil || !strings.Contains(err.Error(), "Docker is not reachable") {
		t.Errorf("census of what cannot be known: %+v, %v", c, err)
	}
	p.open()
	b.awaitStart(s.Attempt)
	if c := b.census(); len(c) != 1 || c[0].State != compute.Running {
		t.Errorf("census %+v", c)
	}
	b.stop(compute.Stop{Attempt: s.Attempt})
	b.expect(b.awaitExit(s.Attempt), batch.Exited, "137", "")
	if err := b.Forget(t.Context(), []batch.AttemptID{s.Attempt}); err != nil {
		t.Fatal(err)
	}
	b.eventually("no containers", func() bool { return b.containers() == 0 })
}

func TestTwoInstallations(t *testing.T) {
	one, other := newBench(t), newBench(t)
	s := order("same", "echo $WHO")
	s.Environment = []string{"WHO=one"}
	one.start(s)
	s.Environment = []string{"WHO=other"}
	other.start(s)
	for who, b := range map[string]*bench{"one": one, "other": other} {
		x := b.awaitExit(s.Attempt)
		if lines := b.lines(x); len(lines) != 1 || lines[0] != who {
			t.Errorf("lines %q, want %q", lines, who)
		}
		b.reopen()
		b.awaitExit(s.Attempt)
		if c := b.census(); len(c) != 1 {
			t.Errorf("census %+v", c)
		}
	}
}
