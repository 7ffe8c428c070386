package computetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// law is something that every driver keeps.
type law struct {
	name string
	run  func(*witness)
}

// cases are the laws of a driver, one each; see also launchCases.
var cases = []law{
	{"reports its host", hostIsReported},
	{"runs an attempt", attemptRuns},
	{"says that the machine is at fault, and when it is not any more", machineIsAtFault},
	{"passes exit codes on", exitCodes},
	{"brings results back", results},
	{"reports what cannot be started", failedToStart},
	{"starts an attempt once", startIsIdempotent},
	{"never starts what was stopped before", stopBeforeStart},
	{"stops what runs", stopRunning},
	{"stops what ended without harm", stopEnded},
	{"recalls what waits and leaves what runs", recall},
	{"starts the next of a lane when one ends", aheadFollows},
	{"starts ahead at once in an empty lane", aheadInEmptyLane},
	{"keeps the order of a lane", aheadOrder},
	{"passes over what cannot be started", aheadPassesOver},
	{"runs at once what waits and is ordered to run now", waitingIsPromoted},
	{"keeps lanes apart", lanesAreApart},
	{"keeps the nodes of a job apart", nodesAreApart},
	{"keeps exits until they are forgotten", exitsAreKept},
	{"does not forget what runs", forgetRunning},
	{"keeps attempts while it is closed", survivesClosing},
	{"keeps waiting attempts while it is closed", waitingSurvivesClosing},
	{"ends an attempt when what it started is gone", endsWithItsProcesses},
	{"gives logs", logs},
	{"runs many", many},
}

func hostIsReported(w *witness) {
	w.await("the host", func() bool { return len(w.hosts) > 0 })
	h := w.hosts[0]
	if !h.Ready || h.ID == "" || h.Address == "" || h.Capacity.MilliCPU <= 0 || h.Capacity.MemoryMiB <= 0 {
		w.t.Errorf("host %+v", h)
	}
}

func attemptRuns(w *witness) {
	w.start(id(1), Behaviour{Output: "hello\n"})
	e := w.ended(id(1), 0)
	s := w.started(id(1))
	if s.At == 0 || e.StartedAt != s.At || e.StoppedAt < e.StartedAt || s.Log.IsZero() || e.Log.Begun() != s.Log {
		w.t.Errorf("started %+v, exit %+v", s, e)
	}
	if e.BaseKey != "key of "+id(1).String() {
		w.t.Errorf("base key %q", e.BaseKey)
	}
	w.heardInOrder("start "+id(1).String(), "exit "+id(1).String())
}

func exitCodes(w *witness) {
	for i, code := range []int32{0, 1, 3, 255} {
		w.start(id(i), Behaviour{Code: code})
		w.ended(id(i), code)
	}
}

func results(w *witness) {
	w.start(id(1), Behaviour{Result: `{"price": 1.5}`})
	w.start(id(2), Behaviour{})
	w.start(id(3), Behaviour{Result: `[1]`, Code: 4})
	if e := w.ended(id(1), 0); string(e.Result) != `{"price": 1.5}` {
		w.t.Errorf("result %q", e.Result)
	}
	if e := w.ended(id(2), 0); e.Result != nil {
		w.t.Errorf("result %q of an attempt that left none", e.Result)
	}
	if e := w.ended(id(3), 4); string(e.Result) != `[1]` {
		w.t.Errorf("result %q of an attempt that failed", e.Result)
	}
}

func failedToStart(w *witness) {
	w.start(id(1), Behaviour{Refuse: "there is no such program"})
	e := w.exited(id(1))
	if e.Kind != batch.FailedToStart || e.Reason == "" || e.Code != nil || e.StartedAt != 0 || e.StoppedAt == 0 {
		w.t.Errorf("exit %+v", e)
	}
	w.is(id(1), compute.Ended)
}

func machineIsAtFault(w *witness) {
	if w.SetUnfit == nil {
		w.t.Skip("this machine cannot be made unfit")
	}
	w.SetUnfit(true)
	w.start(id(1), Behaviour{})
	e := w.exited(id(1))
	if e.Kind != batch.Refused || e.Reason == "" || e.Code != nil || e.StartedAt != 0 || e.StoppedAt == 0 {
		w.t.Errorf("exit %+v", e)
	}
	w.await("the fault", func() bool { return w.faults[batch.Processes] != "" })
	c, err := w.Driver.Census(w.t.Context())
	if err != nil || !slices.ContainsFunc(c.Faults, func(f batch.HostFault) bool { return f.Runner == batch.Processes && f.Reason != "" }) {
		w.t.Errorf("the census says %+v of faults, %v", c.Faults, err)
	}
	w.forget(id(1))
	w.SetUnfit(false)
	w.await("the end of the fault", func() bool { return w.faults[batch.Processes] == "" })
	w.mu.Lock()
	delete(w.heard, id(1)) // it is ordered again under its number, as if it had not been
	w.mu.Unlock()
	w.start(id(1), Behaviour{})
	w.ended(id(1), 0)
}

func startIsIdempotent(w *witness) {
	w.start(id(1), Behaviour{Manual: true, Output: "once\n"})
	w.started(id(1))
	w.start(id(1), Behaviour{Manual: true, Output: "once\n"})
	w.is(id(1), compute.Running)
	w.Finish(id(1), 7)
	e := w.ended(id(1), 7)
	w.start(id(1), Behaviour{Output: "again\n"})
	if p := w.is(id(1), compute.Ended); p.Exit.Code == nil || *p.Exit.Code != 7 {
		w.t.Errorf("exit %+v after another start", p.Exit)
	}
	w.logIs(e, "once")
}

func stopBeforeStart(w *witness) {
	for i, recall := range []bool{false, true} {
		w.stop(id(i), recall)
		if e := w.exited(id(i)); e.Kind != batch.Recalled || e.StartedAt != 0 {
			w.t.Errorf("exit %+v", e)
		}
		w.start(id(i), Behaviour{})
		w.is(id(i), compute.Ended)
		if w.hasHeard("start " + id(i).String()) {
			w.t.Errorf("%v was started after it was stopped", id(i))
		}
	}
}

func stopRunning(w *witness) {
	w.start(id(1), Behaviour{Manual: true})
	w.obeys(id(1))
	w.stop(id(1), false)
	w.stop(id(1), false)
	w.ended(id(1), codeTerminated)
}

func stopEnded(w *witness) {
	w.start(id(1), Behaviour{Code: 5})
	w.ended(id(1), 5)
	w.stop(id(1), false)
	if p := w.is(id(1), compute.Ended); *p.Exit.Code != 5 {
		w.t.Errorf("exit %+v", p.Exit)
	}
}

// What an attempt started is gone before its end is reported, however it ends, and what that writes late is the result of no
// other attempt.
func endsWithItsProcesses(w *witness) {
	if w.Alive == nil {
		w.t.Skip("attempts have no processes here")
	}
	by := func(n int, manual bool) Behaviour {
		return Behaviour{Leaves: fmt.Sprintf(`{"left by":%d}`, n), Manual: manual, Output: "runs\n"}
	}
	gone := func(n int, code int32) {
		w.t.Helper()
		if w.ended(id(n), code); w.Alive(id(n)) {
			w.t.Errorf("%v is reported to have ended, and a process of it is alive", id(n))
		}
	}
	w.start(id(1), by(1, false))
	w.startAhead(id(2), Behaviour{After: 100 * time.Millisecond})
	gone(1, 0)
	if e := w.ended(id(2), 0); e.Result != nil {
		w.t.Errorf("the next attempt of the lane, which wrote none, has the result %q", e.Result)
	}
	w.start(id(3), by(3, true))
	w.awaitStray(id(3))
	w.stop(id(3), false)
	gone(3, codeTerminated)
	w.start(id(4), by(4, true))
	w.awaitStray(id(4))
	w.reopen()
	w.Finish(id(4), 5)
	gone(4, 5)
	w.start(id(5), Behaviour{After: 100 * time.Millisecond})
	if e := w.ended(id(5), 0); e.Result != nil {
		w.t.Errorf("an attempt that wrote none has the result %q", e.Result)
	}
}

// awaitStray waits until the process that an attempt leaves behind has begun.
func (w *witness) awaitStray(id batch.AttemptID) {
	w.t.Helper()
	w.look(id.String()+" starts a process", func() bool { return w.Alive(id) })
}

// look waits for what no report tells.
func (w *witness) look(what string, is func() bool) {
	w.t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	deadline := time.After(Deadline)
	for !is() {
		select {
		case <-tick.C:
		case <-deadline:
			w.t.Fatalf("not within %v: %s", Deadline, what)
		}
	}
}
