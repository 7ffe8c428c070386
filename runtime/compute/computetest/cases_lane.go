package computetest

import (
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

func recall(w *witness) {
	w.start(id(1), Behaviour{Manual: true})
	w.started(id(1))
	w.startAhead(id(2), Behaviour{})
	w.startAhead(id(3), Behaviour{})
	w.startAhead(id(4), Behaviour{})
	w.is(id(2), compute.WaitingAhead)
	w.stop(id(1), true)
	w.stop(id(2), true)
	w.stop(id(3), false)
	for _, i := range []int{2, 3} {
		if e := w.exited(id(i)); e.Kind != batch.Recalled || e.BaseKey == "" {
			w.t.Errorf("exit %+v", e)
		}
	}
	w.is(id(1), compute.Running)
	w.Finish(id(1), 0)
	w.ended(id(1), 0)
	w.ended(id(4), 0)
	if w.hasHeard("start "+id(2).String()) || w.hasHeard("start "+id(3).String()) {
		w.t.Error("a recalled attempt was started")
	}
}

func aheadFollows(w *witness) {
	w.start(id(1), Behaviour{Manual: true})
	w.started(id(1))
	w.startAhead(id(2), Behaviour{Manual: true})
	w.is(id(2), compute.WaitingAhead)
	if w.hasHeard("start " + id(2).String()) {
		w.t.Fatal("it did not wait")
	}
	w.stop(id(1), false)
	w.started(id(2))
	w.heardInOrder("exit "+id(1).String(), "start "+id(2).String())
	w.Finish(id(2), 0)
	w.ended(id(2), 0)
}

func aheadInEmptyLane(w *witness) {
	w.startAhead(id(1), Behaviour{Manual: true})
	w.started(id(1))
	w.startAhead(id(2), Behaviour{})
	w.is(id(2), compute.WaitingAhead)
	w.Finish(id(1), 0)
	w.ended(id(2), 0)
}

func aheadOrder(w *witness) {
	w.start(id(0), Behaviour{Manual: true})
	w.started(id(0))
	var starts []compute.Start
	for i := 1; i <= 5; i++ {
		s := w.orderFor(id(i), Behaviour{})
		s.Ahead = true
		starts = append(starts, s)
	}
	w.give(starts...)
	w.Finish(id(0), 0)
	w.ended(id(5), 0)
	for i := range 5 {
		w.heardInOrder("start "+id(i).String(), "exit "+id(i).String(), "start "+id(i+1).String())
	}
}

func aheadPassesOver(w *witness) {
	w.start(id(0), Behaviour{Manual: true})
	w.started(id(0))
	w.startAhead(id(1), Behaviour{Refuse: "no"})
	w.startAhead(id(2), Behaviour{Refuse: "no"})
	w.startAhead(id(3), Behaviour{})
	w.Finish(id(0), 0)
	w.ended(id(3), 0)
	if w.exited(id(1)).Kind != batch.FailedToStart || w.exited(id(2)).Kind != batch.FailedToStart {
		w.t.Error("what cannot be started must be reported")
	}
}

func waitingIsPromoted(w *witness) {
	w.start(id(1), Behaviour{Manual: true})
	w.started(id(1))
	w.startAhead(id(2), Behaviour{Manual: true})
	w.startAhead(id(3), Behaviour{Manual: true})
	w.startAhead(id(3), Behaviour{Manual: true})
	w.is(id(3), compute.WaitingAhead)
	w.start(id(3), Behaviour{Manual: true})
	w.started(id(3))
	w.is(id(1), compute.Running)
	w.is(id(2), compute.WaitingAhead)
	w.Finish(id(3), 0)
	w.started(id(2))
	w.Finish(id(1), 0)
	w.Finish(id(2), 0)
	w.ended(id(2), 0)
	w.ended(id(1), 0)
}

func lanesAreApart(w *witness) {
	w.start(id(1), Behaviour{Manual: true})
	w.started(id(1))
	s := w.orderFor(id(2), Behaviour{})
	s.Ahead, s.Lane = true, "another"
	w.give(s)
	w.ended(id(2), 0)
	w.is(id(1), compute.Running)
	w.Finish(id(1), 0)
}

func nodesAreApart(w *witness) {
	node := func(n int32) batch.AttemptID { return batch.AttemptID{Job: id(1).Job.Node(n), Number: 1} }
	w.start(node(0), Behaviour{Manual: true})
	w.started(node(0))
	w.start(node(1), Behaviour{Manual: true})
	w.start(node(11), Behaviour{Output: "eleven\n"})
	w.started(node(1))
	w.logIs(w.ended(node(11), 0), "eleven")
	w.Finish(node(1), 3)
	w.ended(node(1), 3)
	w.is(node(0), compute.Running)
	w.reopen()
	w.is(node(0), compute.Running)
	w.obeys(node(0))
	w.stop(node(0), false)
	w.ended(node(0), codeTerminated)
	w.forget(node(0), node(1), node(11))
	if held := w.census(); len(held) != 0 {
		w.t.Errorf("after forgetting there is %+v", held)
	}
}
