package sim

import (
	"fmt"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// wire carries orders and census requests to the host, one after the other, and reports back. What is on its way when
// the process dies is lost.
type wire struct {
	lastOrder  micros
	lastReport micros
	lastOf     map[batch.AttemptID]micros // when the last report of an attempt arrives
	inFlight   int
	sent       map[string]int // how often something of that name was sent; keys of faults
}

// nth names the n-th time that something happens to a thing, the same in every story.
func (w *world) nth(kind, key string) string {
	name := kind + " " + key
	w.wire.sent[name]++
	return fmt.Sprintf("%s#%d", key, w.wire.sent[name])
}

// toHost delivers something to the host, after what was sent before.
func (w *world) toHost(key string, do func()) {
	wire := &w.wire
	wire.lastOrder = max(wire.lastOrder, w.now+w.dice.span(10, 400, "order takes", key))
	life := w.engine.life
	wire.inFlight++
	w.at(wire.lastOrder, func() {
		wire.inFlight--
		if w.engine.life == life {
			do()
		}
	})
}

// order gives an order to the host.
func (w *world) order(o sched.Order) {
	kind, id := OrderLost, batch.AttemptID{}
	var do func()
	switch o := o.(type) {
	case sched.StartAttempt:
		kind, id, do = StartLost, o.Attempt, func() { w.host.start(o) }
	case sched.StopAttempt:
		id, do = o.Attempt, func() { w.host.stop(o) }
	case sched.ForgetAttempt:
		id, do = o.Attempt, func() { w.host.forget(o) }
	}
	key := w.nth(fmt.Sprintf("%T", o), w.keyOf(id))
	if w.faults.strikes(kind, key) {
		w.disturbed()
		return
	}
	w.toHost(key, func() {
		if w.host.up {
			do()
		}
	})
}

// askCensus asks the host what it holds. The request takes its place among the orders.
func (w *world) askCensus(asOf batch.Time) {
	key := w.nth("census", "")
	w.toHost(key, func() {
		c := w.host.census(asOf)
		late := micros(0)
		if w.faults.strikes(CensusStale, key) {
			late = w.dice.span(millisecond, 8*second, "stale", key)
		}
		w.toEngine(w.now+late+100, func() { w.engine.censusAnswered(c) })
	})
}

// post reports something about an attempt.
func (w *world) post(id batch.AttemptID, r batch.Report) {
	wire := &w.wire
	key := w.nth(fmt.Sprintf("%T", r), w.keyOf(id))
	key = fmt.Sprintf("%T %s", r, key)[len("batch."):]
	if w.faults.strikes(ReportLost, key) {
		return
	}
	at := w.now + w.dice.span(20, 600, "report takes", key)
	switch {
	case w.faults.strikes(ReportLate, key):
		at += w.dice.span(millisecond, 20*second, "late", key)
	case w.faults.strikes(ReportReorder, key):
		at += w.dice.span(0, 30*millisecond, "overtaken", key)
	default:
		wire.lastReport = max(wire.lastReport, at)
		at = wire.lastReport
	}
	at = max(at, wire.lastOf[id])
	wire.lastOf[id] = at
	deliver := func() { w.engine.told(sched.Reported{Report: r}) }
	w.toEngine(at, deliver)
	if w.faults.strikes(ReportDoubled, key) {
		w.toEngine(at+w.dice.span(0, 200*millisecond, "doubled", key), deliver)
	}
}

// postHost reports about the host itself, in order with what was reported before.
func (w *world) postHost(r batch.Report) {
	w.wire.lastReport = max(w.wire.lastReport, w.now+100)
	w.toEngine(w.wire.lastReport, func() { w.engine.told(sched.Reported{Report: r}) })
}

func (w *world) toEngine(at micros, do func()) {
	if !w.engine.up {
		return
	}
	life := w.engine.life
	w.wire.inFlight++
	w.at(at, func() {
		w.wire.inFlight--
		if w.engine.life == life {
			do()
		}
	})
}
