package docker

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// step is something that happens around the end of a container. Each happens once.
type step string

const (
	loses    step = "connection lost"
	answers  step = "daemon answers"
	ends     step = "container ends"
	dies     step = "die event"
	finishes step = "stream ends"
	tells    step = "inspect says exited"
)

// orders returns every order of steps in which the daemon answers again after the connection was lost, and tells in its three
// ways of the end after it.
func orders() (all [][]step) {
	var extend func(begun, left []step)
	extend = func(begun, left []step) {
		if len(left) == 0 {
			all = append(all, begun)
		}
		for i, s := range left {
			early := s == answers && slices.Contains(left, loses) || (s == dies || s == finishes || s == tells) && slices.Contains(left, ends)
			if !early {
				extend(append(slices.Clone(begun), s), slices.Delete(slices.Clone(left), i, i+1))
			}
		}
	}
	extend(nil, []step{loses, answers, ends, dies, finishes, tells})
	return all
}

// story is an order of steps with time between them.
type story struct {
	steps  []step
	gap    time.Duration
	killed bool // the daemon is killed; otherwise only the connection to it is cut
}

func (s story) before(a, b step) bool { return slices.Index(s.steps, a) < slices.Index(s.steps, b) }

// overFake plays on a runner whose daemon is a fake, in simulated time, which pass lets pass. The runner is open, and the daemon does
// not answer yet.
func overFake(t *testing.T, play func(b *bench, d *fakeDaemon, pass func(time.Duration))) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		b := &bench{t: t, options: Options{InstallationID: "fake", StateDir: dir, LogsDir: filepath.Join(dir, "logs")}}
		r, err := New(b.options)
		if err != nil {
			t.Fatal(err)
		}
		d := newFakeDaemon()
		r.daemon, b.Runner = d.client(t), r
		if err := r.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer b.close(r)
		defer d.lose(false)
		play(b, d, func(d time.Duration) {
			time.Sleep(d)
			synctest.Wait()
		})
	})
}

// play plays a story and returns the exit and the log of the container.
func (s story) play(t *testing.T) (x batch.Exit, lines []string) {
	overFake(t, func(b *bench, d *fakeDaemon, pass func(time.Duration)) {
		id := identityOf(order("job", "true"))
		id.log = b.log.Stream(id.attempt).From()
		d.labels = id.labels("fake")
		d.answer()
		pass(time.Minute) // the runner finds the daemon and the container
		for _, next := range s.steps {
			s.take(d, next)
			pass(s.gap)
		}
		x = b.awaitExit(id.attempt)
		lines = b.lines(x)
	})
	return x, lines
}

// take does one step. A daemon that was killed and has answered, or will, does not have what was written before.
func (s story) take(d *fakeDaemon, next step) {
	switch next {
	case loses:
		d.lose(s.killed)
	case answers:
		d.answer()
	case ends:
		between := s.before(loses, ends) && s.before(ends, answers)
		d.end(!s.killed || !between)
	case dies:
		d.die()
	case finishes:
		d.finish()
	case tells:
		d.tell()
	}
}

// Whatever the order in which a daemon and its container go, an exit that says nothing has the whole output; it says nothing if
// one daemon saw all of it.
func TestExitSaysWhenOutputIsMissing(t *testing.T) {
	gaps := []time.Duration{3 * time.Second, 0, time.Millisecond, 700 * time.Millisecond}
	for _, killed := range []bool{false, true} {
		for _, gap := range gaps[:long.Sample(len(gaps))] {
			for _, steps := range orders() {
				s := story{steps, gap, killed}
				t.Run(fmt.Sprintf("killed=%t/%s/%v", killed, gap, steps), func(t *testing.T) {
					x, lines := s.play(t)
					whole := slices.Equal(lines, []string{"first", "last"})
					if !whole && !slices.Equal(lines, []string{"first"}) || x.Kind != batch.Exited || code(x) != "0" {
						t.Fatalf("exit %+v, lines %q", x, lines)
					}
					if x.Reason == "" && !whole {
						t.Errorf("no reason, lines %q", lines)
					}
					if want, known := s.reason(); known && (x.Reason != want || !whole) {
						t.Errorf("reason %q, want %q; lines %q", x.Reason, want, lines)
					}
				})
			}
		}
	}
}

// reason returns the reason of the exit if the runner can know that a daemon saw the end: the daemon was there all the time, or the
// runner had its stream and its word before it was killed, or had an answer of the next one when the container ended.
func (s story) reason() (reason string, known bool) {
	asks := s.gap > reconnectWait // the runner makes a request between any two steps
	told := s.before(finishes, loses) && s.before(tells, loses) && (asks || s.before(tells, finishes))
	switch {
	case !s.killed || told:
		return "", true
	case asks && s.before(answers, ends):
		return outputTorn, true
	}
	return "", false
}

// A daemon is killed while it starts a container, which then ends before the next daemon is there.
func TestKilledWhileStarting(t *testing.T) {
	overFake(t, func(b *bench, d *fakeDaemon, pass func(time.Duration)) {
		d.starting = func() {
			d.end(false)
			d.finish()
			d.tell()
			d.lose(true)
		}
		d.answer()
		s := order("job", "true")
		b.start(s)
		pass(0)
		d.answer()
		x := b.awaitExit(s.Attempt)
		b.expect(x, batch.Exited, "0", outputMissing)
		if lines := b.lines(x); !slices.Equal(lines, []string{"first"}) {
			t.Errorf("lines %q", lines)
		}
	})
}

// A container ended while no batchd was there. The exit says what is not known, unless the daemon remembers the time before.
func TestEndedWhileBatchdWasAway(t *testing.T) {
	whole, torn := []string{"first", "last"}, []string{"first"}
	for _, c := range []struct {
		name   string
		killed bool // the daemon was away, too
		late   bool // it takes the container for a running one at first
		code   int
		kind   batch.ExitKind
		says   string // the exit's code
		reason string
		lines  []string
	}{
		{"one daemon", false, false, 0, batch.Exited, "0", "", whole},
		{"one daemon that is late", false, true, 0, batch.Exited, "0", "", whole},
		{"one daemon, code 255", false, false, codeUnknown, batch.Exited, "255", "", whole},
		{"another daemon", true, false, 0, batch.Exited, "0", outputMissing, torn},
		{"another daemon that is late", true, true, 0, batch.Exited, "0", outputMissing, torn},
		{"another daemon, code 3", true, false, 3, batch.Exited, "3", outputMissing, torn},
		{"another daemon, terminated", true, false, codeTerminated, batch.Exited, "143", endedByDaemon, torn},
		{"another daemon, code unknown", true, false, codeUnknown, batch.Lost, "none", endMissed, torn},
	} {
		t.Run(c.name, func(t *testing.T) {
			overFake(t, func(b *bench, d *fakeDaemon, pass func(time.Duration)) {
				id := identityOf(order("job", "true"))
				id.log = b.log.Stream(id.attempt).From()
				d.labels, d.code = id.labels("fake"), c.code
				pass(time.Minute)
				d.end(!c.killed)
				if c.killed {
					d.events = nil
				}
				if c.late {
					d.answer()
				}
				pass(time.Minute)
				d.finish()
				d.tell()
				if !c.late {
					d.answer()
				}
				x := b.awaitExit(id.attempt)
				b.expect(x, c.kind, c.says, c.reason)
				if lines := b.lines(x); !slices.Equal(lines, c.lines) {
					t.Errorf("lines %q, want %q", lines, c.lines)
				}
			})
		})
	}
}

// The reason says once which daemon cannot be reached, and what to do.
func TestFaultIsExplainedOnce(t *testing.T) {
	overFake(t, func(b *bench, d *fakeDaemon, pass func(time.Duration)) {
		b.fitness.wanted()
		pass(time.Minute)
		b.fitness.mu.Lock()
		reason := b.fitness.reason
		b.fitness.mu.Unlock()
		for _, part := range []string{"Docker is not reachable at tcp://fake:2375", "start it or set DOCKER_HOST"} {
			if n := strings.Count(reason, part); n != 1 {
				t.Errorf("fault %q says %q %d times", reason, part, n)
			}
		}
		d.answer()
	})
}

// A container that the daemon cannot remove is not a fault of the daemon: others run.
func TestStuckContainer(t *testing.T) {
	overFake(t, func(b *bench, d *fakeDaemon, pass func(time.Duration)) {
		d.labels = identityOf(order("job", "true")).labels("fake")
		d.stuck = true
		b.fitness.wanted()
		d.answer()
		pass(time.Minute)
		b.fitness.mu.Lock()
		defer b.fitness.mu.Unlock()
		if b.fitness.reason != "" {
			t.Errorf("fault %q", b.fitness.reason)
		}
	})
}
