package computetest

import (
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

func exitsAreKept(w *witness) {
	w.start(id(1), Behaviour{Code: 9, Result: `{"a":1}`})
	e := w.ended(id(1), 9)
	p := w.is(id(1), compute.Ended)
	if *p.Exit.Code != 9 || string(p.Exit.Result) != `{"a":1}` || p.Exit.StoppedAt != e.StoppedAt {
		w.t.Errorf("kept %+v, reported %+v", p.Exit, e)
	}
	w.reopen()
	if p := w.is(id(1), compute.Ended); *p.Exit.Code != 9 || string(p.Exit.Result) != `{"a":1}` {
		w.t.Errorf("kept %+v after opening again", p.Exit)
	}
	w.forget(id(1), id(2))
	if held := w.census(); len(held) != 0 {
		w.t.Errorf("after forgetting there is %+v", held)
	}
	w.forget(id(1))
}

func forgetRunning(w *witness) {
	w.start(id(1), Behaviour{Manual: true})
	w.started(id(1))
	w.forget(id(1))
	w.is(id(1), compute.Running)
	w.Finish(id(1), 2)
	w.ended(id(1), 2)
}

func survivesClosing(w *witness) {
	w.start(id(1), Behaviour{Manual: true, Output: "before\n"})
	s := w.started(id(1))
	w.reopen()
	p := w.is(id(1), compute.Running)
	if p.Started.At != s.At || p.Started.Log != s.Log || p.Started.Attempt != id(1) {
		w.t.Errorf("started %+v, and after opening again %+v", s, p.Started)
	}
	w.Finish(id(1), 6)
	if e := w.ended(id(1), 6); e.StartedAt != s.At {
		w.t.Errorf("exit %+v, started at %v", e, s.At)
	}
}

func waitingSurvivesClosing(w *witness) {
	if w.WaitsInMemory {
		w.t.Skip("this driver keeps waiting attempts in memory")
	}
	w.start(id(1), Behaviour{Manual: true})
	w.started(id(1))
	w.startAhead(id(2), Behaviour{Code: 8})
	w.is(id(2), compute.WaitingAhead)
	w.reopen()
	w.is(id(2), compute.WaitingAhead)
	w.Finish(id(1), 0)
	w.ended(id(2), 8)
}
