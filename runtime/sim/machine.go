package sim

import (
	"fmt"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// machine is a host of a driver.
type machine struct {
	d     *driver
	row   batch.Host
	up    bool
	heard bool // that it is down is committed
	gone  bool // it never comes back
	next  int  // how many have followed it under a new id
	upAt  micros
	ails  ails
	// holder is what starts and ends processes, in a story of strays.
	holder *holder
}

func (d *driver) add(row batch.Host, next int) *machine {
	m := &machine{d: d, row: row, up: true, next: next, upAt: d.w.now, ails: ails{map[batch.Runner]*unfit{}, map[batch.Runner]micros{}}}
	if d.w.strays {
		m.hold()
	}
	d.machines = append(d.machines, m)
	return m
}

func (d *driver) machine(id string) *machine {
	for _, m := range d.machines {
		if m.row.ID == id {
			return m
		}
	}
	return nil
}

// eachMachine goes over all hosts that there are.
func (w *world) eachMachine(do func(*machine)) {
	for _, d := range w.drivers {
		for _, m := range slices.Clone(d.machines) {
			do(m)
		}
	}
}

// die takes the machine away with everything it holds, and brings it back empty, or another in its place. It is back
// only when its death is committed and nothing decided before is on its way any more: a driver says that a host
// is ready when it can tell old orders from new ones. One that is new can, by its id.
func (m *machine) die(key string) {
	w, d := m.d.w, m.d
	w.story.say(w, "host %s dies", m.row.ID)
	if w.cloud.takes(m) {
		return
	}
	m.up, m.heard = false, false
	m.lose()
	m.opened()
	m.gone = d.kind != batch.Local && w.dice.chance(500, "gone for ever", key)
	dead := w.dice.span(10*millisecond, 8*second, "dead for", key)
	if m.gone {
		w.after(dead, func() { m.replace(key) })
	}
	w.after(dead, m.recover)
}

// lose takes away everything that the machine holds.
func (m *machine) lose() {
	w, d := m.d.w, m.d
	w.deaths[m.row.ID]++
	for _, a := range d.sorted() {
		if a.order.Host != m.row.ID {
			continue
		}
		if a.state == runs {
			w.truthOf(a.id).killed = true
			d.running[a.order.Lane]--
		}
		if a.state == waitsAhead {
			d.unwait(a)
		}
		delete(d.attempts, a.id)
	}
	if m.holder != nil {
		m.holder.vanish()
	}
}

// recover brings the machine back, or says again that it is gone.
func (m *machine) recover() {
	w := m.d.w
	switch {
	case m.gone && m.heard:
		m.d.machines = slices.DeleteFunc(m.d.machines, func(o *machine) bool { return o == m })
		return
	case !m.heard || w.wire.inFlight > 0 || w.engine.busy:
		if !m.heard {
			m.opened()
		}
		w.after(50*millisecond, m.recover)
		return
	}
	w.story.say(w, "host %s is back", m.row.ID)
	m.up, m.upAt = true, w.now
	for _, u := range m.ails.now { // the scheduler knows nothing of it any more
		*u = unfit{reason: u.reason}
	}
	m.opened()
}

// replace brings another machine in the place of m, when there is one to be had.
func (m *machine) replace(key string) {
	w := m.d.w
	if again := w.nth("capacity", key); w.faults.strikes(NoCapacity, again) {
		w.after(w.dice.span(500*millisecond, 20*second, "no capacity for", again), func() { m.replace(key) })
		return
	}
	row := m.row
	name, _, _ := strings.Cut(row.ID, ".")
	row.ID = fmt.Sprintf("%s.%d", name, m.next+1)
	if w.dice.chance(300, "another size", key) {
		row.Capacity = w.plan.cloudShape(row.ID)
	}
	w.story.say(w, "host %s comes with %v", row.ID, row.Capacity)
	m.d.add(row, m.next+1).opened()
}

// opened says how the machine is, to a process that begins to listen or has to be told.
func (m *machine) opened() {
	if m.up {
		m.d.postHost(batch.HostReady{Host: m.seen()})
		return
	}
	m.d.postHost(batch.HostGone{ID: m.row.ID})
}

// opened says how all machines are.
func (w *world) opened() { w.eachMachine((*machine).opened) }

func (m *machine) seen() batch.Host {
	row := m.row
	row.SeenAt = m.d.w.wall()
	return row
}
