package sim

import (
	"fmt"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// wire carries orders and census requests to each driver, one after the other, and reports back. What is on its way when
// the process dies is lost.
type wire struct {
	lastOf   map[batch.AttemptID]micros // when the last report of an attempt arrives
	inFlight int
	sent     map[string]int // how often something of that name was sent; keys of faults
}

// nth names the n-th time that something happens to a thing, the same in every story.
func (w *world) nth(kind, key string) string {
	name := kind + " " + key
	w.wire.sent[name]++
	return fmt.Sprintf("%s#%d", key, w.wire.sent[name])
}

// deliver brings something to the driver, after what was sent before.
func (d *driver) deliver(key string, do func()) {
	w := d.w
	d.lastOrder = max(d.lastOrder, w.now+w.dice.span(10, 400, "order takes", key))
	life := w.engine.life
	w.wire.inFlight++
	w.at(d.lastOrder, func() {
		d.arrive(func() {
			w.wire.inFlight--
			if w.engine.life == life {
				do()
			}
		})
	})
}

// order gives an order to the driver of its host; one for no host in particular to all of them.
func (w *world) order(o sched.Order) {
	kind, id, host := OrderLost, batch.AttemptID{}, ""
	var do func(*driver)
	switch o := o.(type) {
	case sched.ProvisionEnvironment:
		w.cloud.order("provision "+o.Environment.Name, func() { w.cloud.provisioner.provision(o) })
		return
	case sched.RetireEnvironment:
		w.cloud.order("retire "+o.Environment.Name, func() { w.cloud.provisioner.retire(o) })
		return
	case sched.LaunchHosts:
		w.cloud.order("launch "+o.Environment, func() { w.cloud.launch(o) })
		return
	case sched.ReleaseHost:
		w.cloud.order("release", func() { w.cloud.release(o.Host) })
		return
	case sched.StartAttempt:
		kind, id, host, do = StartLost, o.Attempt, o.Host, func(d *driver) { d.start(o) }
	case sched.StopAttempt:
		id, host, do = o.Attempt, o.Host, func(d *driver) { d.stop(o) }
	case sched.ForgetAttempt:
		id, host, do = o.Attempt, o.Host, func(d *driver) { d.forget(o) }
	}
	key := w.nth(fmt.Sprintf("%T", o), w.keyOf(id))
	if w.faults.strikes(kind, key) {
		w.disturbed()
		return
	}
	for _, d := range w.drivers {
		if host == "" || w.store.Hosts[host].Kind == d.kind {
			d.deliver(key, func() { do(d) })
		}
	}
}

// askCensus asks every driver what it holds. The request takes its place among the orders.
func (w *world) askCensus(asOf batch.Time) {
	for _, d := range w.drivers {
		key := w.nth("census", string(d.kind))
		d.deliver(key, func() {
			c := d.census(asOf)
			late := micros(0)
			if w.faults.strikes(CensusStale, key) {
				late = w.dice.span(millisecond, 8*second, "stale", key)
			}
			w.toEngine(w.now+late+100, func() { w.engine.censusAnswered(c) })
		})
	}
}

// post reports something about an attempt.
func (d *driver) post(id batch.AttemptID, r batch.Report) {
	w := d.w
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
		d.lastReport = max(d.lastReport, at)
		at = d.lastReport
	}
	at = max(at, w.wire.lastOf[id])
	w.wire.lastOf[id] = at
	deliver := func() { w.engine.told(sched.Reported{Report: r}) }
	w.toEngine(at, deliver)
	if w.faults.strikes(ReportDoubled, key) {
		w.toEngine(at+w.dice.span(0, 200*millisecond, "doubled", key), deliver)
	}
}

// postHost reports about the host itself, in order with what was reported before.
func (d *driver) postHost(r batch.Report) {
	w := d.w
	d.lastReport = max(d.lastReport, w.now+100)
	w.toEngine(d.lastReport, func() { w.engine.told(sched.Reported{Report: r}) })
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
