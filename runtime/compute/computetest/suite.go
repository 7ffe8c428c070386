package computetest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

// Deadline is how long the suite waits for anything.
const Deadline = 60 * time.Second

// Driver is what the suite tests.
type Driver interface {
	compute.Driver
	compute.Lifecycle
}

// Subject is a driver and what the suite needs around it.
type Subject struct {
	// Driver is not open yet.
	Driver Driver
	// Again returns another driver over the same world, after the one before was closed.
	Again func() Driver
	// Container returns one that behaves as asked.
	Container func(Behaviour) batch.Container
	// Finish ends a Manual attempt.
	Finish func(attempt batch.AttemptID, code int32)
	// Obeys reports whether an attempt that runs would end by itself when it is told to; nil if it would from its first moment on.
	// The first process of a container ignores SIGTERM until it has set a handler.
	Obeys func(attempt batch.AttemptID) bool
	// Alive reports whether the process that an attempt left behind is alive, see [Behaviour]; nil if attempts have no processes.
	Alive func(attempt batch.AttemptID) bool
	// Logs reads what attempts wrote.
	Logs joblog.Reader
	// SetUnfit makes the machine one that starts nothing, or ends that; nil if that cannot be done to it.
	SetUnfit func(unfit bool)
	// Offers are what hosts can be launched as, if the driver is a [compute.Launcher]; nil if it is not.
	Offers *Offers
	// Resources are those of the environment that hosts are launched for, if the driver makes something of them.
	Resources *batch.Resources
	// WaitsInMemory: attempts that wait in lanes are not kept while the driver is closed. The scheduler
	// orders them again.
	WaitsInMemory bool
}

// Offers are hosts that behave in ways the suite asks for. Each is of a pool of its own.
type Offers struct {
	Prompt batch.Offer // is ready soon
	Late   batch.Offer // is on its way until Arrive is called
	Scarce batch.Offer // is ready soon, and there is one
	// Arrive makes a late host ready.
	Arrive func(host string)
}

// AttemptVariable is set in the environment of every attempt of the suite, to the attempt's id with
// "." for "/"; a subject may use it to find out which attempt to finish.
const AttemptVariable = "COMPUTETEST_ATTEMPT"

// Run tests a driver. newSubject makes one over an empty world, which ends with the test.
func Run(t *testing.T, newSubject func(t *testing.T) Subject) {
	for _, c := range slices.Concat(cases, launchCases) {
		t.Run(c.name, func(t *testing.T) { c.play(t, newSubject) })
	}
}

// RunVirtual is Run with each case in a bubble of testing/synctest, for drivers whose world has no other time.
func RunVirtual(t *testing.T, newSubject func(t *testing.T) Subject) {
	for _, c := range slices.Concat(cases, launchCases) {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { c.play(t, newSubject) })
		})
	}
}

// play tests whether a new subject keeps the law.
func (c law) play(t *testing.T, newSubject func(t *testing.T) Subject) {
	w := &witness{
		t: t, Subject: newSubject(t), heard: map[batch.AttemptID]*story{}, faults: map[batch.Runner]string{}, host: batch.LocalHost,
		stages: map[string]batch.Stage{}, coming: map[string]batch.HostComing{}, refusals: map[string]batch.HostRefused{},
		made: map[string]int64{},
	}
	w.cond = sync.NewCond(&w.mu)
	w.open()
	defer w.close()
	if w.Offers != nil {
		w.provision(1)
		w.host = "first"
		w.launch(w.Offers.Prompt, w.host)
		w.becomes(w.host, batch.Serving)
	}
	c.run(w)
}

// witness hears what a driver reports.
type witness struct {
	Subject
	t    *testing.T
	done chan struct{}
	wg   sync.WaitGroup

	mu    sync.Mutex
	cond  *sync.Cond
	hosts []batch.Host
	heard map[batch.AttemptID]*story
	host  string // that attempts are started on
	// stages are those of launched hosts as heard last, coming what was said last of those on their way, and refusals what was said of
	// those that were refused.
	stages   map[string]batch.Stage
	coming   map[string]batch.HostComing
	refusals map[string]batch.HostRefused
	made     map[string]int64 // which revision of an environment was provisioned last, by its UUID; -1: it is retired
	spec     string           // of the environment that was provisioned last
	revision int64            // as of which it was
	// faults is what was said of the runners of the machine last.
	faults map[batch.Runner]string
	order  []string // "start a/1", "exit a/1", as heard, without repetitions
}

// story is what was heard of one attempt.
type story struct {
	started *batch.AttemptStarted
	exit    *batch.Exit
}

func (w *witness) open() {
	w.t.Helper()
	w.done = make(chan struct{})
	if err := w.Driver.Open(w.t.Context()); err != nil {
		w.t.Fatal("opening: ", err)
	}
	reports, done := w.Driver.Reports(), w.done
	w.wg.Go(func() {
		for {
			select {
			case <-done:
				return
			case said := <-reports:
				w.hear(said)
			}
		}
	})
}

func (w *witness) close() {
	w.t.Helper()
	if err := w.Driver.Close(w.t.Context()); err != nil {
		w.t.Error("closing: ", err)
	}
	close(w.done)
	w.wg.Wait()
}

// reopen is a restart of batchd. A driver whose environments are provisioned is told which hosts the rows have: those that are ready, and those that
// are coming.
func (w *witness) reopen(coming ...batch.Host) {
	w.t.Helper()
	var rows []batch.Host
	if w.Offers != nil {
		rows = append(w.rowsOf(), coming...)
	}
	w.close()
	w.Driver = w.Again()
	w.open()
	if w.Offers != nil {
		w.provision(w.revision, rows...)
	}
}

func (w *witness) hear(said []batch.Report) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range said {
		switch r := r.(type) {
		case batch.HostReady:
			w.hosts = append(w.hosts, r.Host)
			w.stages[r.Host.ID] = batch.Serving
		case batch.HostComing:
			w.stages[r.ID], w.coming[r.ID] = r.Stage, r
		case batch.HostRefused:
			w.refusals[r.ID] = r
		case batch.EnvironmentReady:
			w.made[r.UUID], w.spec = r.Revision, r.Spec
		case batch.EnvironmentRetired:
			w.made[r.UUID] = -1
		case batch.EnvironmentFailed, batch.HostClosing: // the suite provokes neither
		case batch.HostFault:
			w.faults[r.Runner] = r.Reason
		case batch.HostGone:
			w.stages[r.ID] = batch.Gone
		case batch.AttemptStarted:
			if s := w.of(r.Attempt); s.started == nil {
				s.started = &r
				w.order = append(w.order, "start "+r.Attempt.String())
			}
		case batch.AttemptExited:
			if s := w.of(r.Exit.Attempt); s.exit == nil {
				s.exit = &r.Exit
				w.order = append(w.order, "exit "+r.Exit.Attempt.String())
			}
		}
	}
	w.cond.Broadcast()
}

func (w *witness) of(id batch.AttemptID) *story {
	if w.heard[id] == nil {
		w.heard[id] = &story{}
	}
	return w.heard[id]
}

// await waits until ok holds; what says what for.
func (w *witness) await(what string, ok func() bool) {
	w.t.Helper()
	late := false
	timer := time.AfterFunc(Deadline, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		late = true
		w.cond.Broadcast()
	})
	defer timer.Stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	for !ok() {
		if late {
			w.t.Fatalf("%s: not reported within %v; heard %q", what, Deadline, w.order)
		}
		w.cond.Wait()
	}
}

func (w *witness) started(id batch.AttemptID) batch.AttemptStarted {
	w.t.Helper()
	var s *batch.AttemptStarted
	w.await("start of "+id.String(), func() bool {
		s = w.of(id).started
		return s != nil
	})
	return *s
}

// obeys waits until an attempt that starts would end by itself when it is told to.
func (w *witness) obeys(id batch.AttemptID) {
	w.t.Helper()
	w.started(id)
	if w.Obeys != nil {
		w.look(id.String()+" obeys", func() bool { return w.Obeys(id) })
	}
}

func (w *witness) exited(id batch.AttemptID) batch.Exit {
	w.t.Helper()
	var e *batch.Exit
	w.await("exit of "+id.String(), func() bool {
		e = w.of(id).exit
		return e != nil
	})
	return *e
}

// ended waits for an exit by itself with that code.
func (w *witness) ended(id batch.AttemptID, code int32) batch.Exit {
	w.t.Helper()
	e := w.exited(id)
	if e.Kind != batch.Exited || e.Code == nil || *e.Code != code {
		w.t.Fatalf("%v: exit %+v, want code %d", id, e, code)
	}
	return e
}

func (w *witness) hasHeard(line string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Contains(w.order, line)
}

// heardInOrder checks that lines were heard, in this order.
func (w *witness) heardInOrder(lines ...string) {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	last := -1
	for _, line := range lines {
		at := slices.Index(w.order, line)
		if at <= last {
			w.t.Fatalf("%q is missing or too early in %q", line, w.order)
		}
		last = at
	}
}

// orderFor makes a start order.
func (w *witness) orderFor(id batch.AttemptID, b Behaviour) compute.Start {
	return compute.Start{
		Attempt: id, Host: w.host, Lane: "lane", Container: w.Container(b), StopGrace: 10 * time.Second, BaseKey: "key of " + id.String(),
		Environment: []string{AttemptVariable + "=" + strings.ReplaceAll(id.String(), "/", ".")},
	}
}

func (w *witness) start(id batch.AttemptID, b Behaviour) {
	w.t.Helper()
	w.give(w.orderFor(id, b))
}

func (w *witness) startAhead(id batch.AttemptID, b Behaviour) {
	w.t.Helper()
	s := w.orderFor(id, b)
	s.Ahead = true
	w.give(s)
}

func (w *witness) give(starts ...compute.Start) {
	w.t.Helper()
	if err := w.Driver.Start(w.t.Context(), starts); err != nil {
		w.t.Fatal("starting: ", err)
	}
}

func (w *witness) stop(id batch.AttemptID, recall bool) {
	w.t.Helper()
	if err := w.Driver.Stop(w.t.Context(), []compute.Stop{{Attempt: id, Recall: recall}}); err != nil {
		w.t.Fatal("stopping: ", err)
	}
}

func (w *witness) forget(ids ...batch.AttemptID) {
	w.t.Helper()
	if err := w.Driver.Forget(w.t.Context(), ids); err != nil {
		w.t.Fatal("forgetting: ", err)
	}
}

// census returns what the driver holds, by attempt, once no host says that its attempts are missing.
func (w *witness) census() map[batch.AttemptID]compute.Presence {
	w.t.Helper()
	var c compute.Census
	w.look("the census to be whole", func() bool {
		var err error
		if c, err = w.Driver.Census(w.t.Context()); err != nil {
			w.t.Fatal("census: ", err)
		}
		return !slices.ContainsFunc(c.Faults, func(f batch.HostFault) bool { return f.Unlisted })
	})
	if len(c.Hosts) == 0 || !c.Hosts[0].Ready {
		w.t.Fatalf("the census lists no host that is ready: %+v", c.Hosts)
	}
	held := map[batch.AttemptID]compute.Presence{}
	for _, p := range c.Attempts {
		if _, twice := held[p.Attempt]; twice {
			w.t.Fatalf("the census lists %v twice", p.Attempt)
		}
		held[p.Attempt] = p
	}
	return held
}

// is checks the state in which an attempt is held.
func (w *witness) is(id batch.AttemptID, state compute.PresenceState) compute.Presence {
	w.t.Helper()
	p, ok := w.census()[id]
	if !ok || p.State != state {
		w.t.Fatalf("%v is held as %+v (%v), want state %d", id, p, ok, state)
	}
	return p
}

// id names the n-th attempt of a test.
func id(n int) batch.AttemptID {
	return batch.AttemptID{Job: batch.JobID(fmt.Sprintf("00000000-0000-4000-8000-%012d", n)), Number: 1}
}
