package sim

import (
	"fmt"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// unfit is a time in which a runner of a machine starts nothing.
type unfit struct {
	reason  string
	told    bool // the driver has noticed it
	first   micros
	refused int // starts that were ordered later than a moment after the first was refused
}

// ails is what is wrong with the runners of a machine.
type ails struct {
	now    map[batch.Runner]*unfit
	wellAt map[batch.Runner]micros // when it was well again last
}

// makeUnfit makes a story one of machines that refuse starts. Other stories of the same seed are not touched by that.
func (w *world) makeUnfit() {
	w.unfit = true
	w.faults.rates[MachineUnfit] = 250
	switch w.dice.between(0, 3, "unfit profile", "") {
	case 0: // jobs that are refused whenever they are tried, as one that asks for too much
		w.faults.rates[JobRefused] = 200
	case 1: // nothing else goes wrong
		w.faults.rates = rates{MachineUnfit: 400}
	}
	w.eachMachine(func(m *machine) {
		if w.dice.chance(400, "limited", m.row.ID) {
			n := int32(w.dice.between(6, 10, "limit", m.row.ID)) // a multi-node job has up to six nodes
			m.row.Limits = []batch.Limit{{Runner: batch.Processes, Attempts: n, Reason: "a limit"}}
		}
	})
}

// mayAil is when runners of m may become unfit.
func (m *machine) mayAil(key string) {
	w := m.d.w
	if !w.unfit || !m.up {
		return
	}
	for _, runner := range []batch.Runner{batch.Processes, batch.Containers} {
		if m.ails.now[runner] == nil && w.faults.strikes(MachineUnfit, fmt.Sprint(key, " ", runner)) {
			m.ail(runner, fmt.Sprint(key, " ", runner))
		}
	}
}

// ail makes a runner unfit for a while. The driver notices it at once, or when a start is refused, and mostly says when it is over.
func (m *machine) ail(runner batch.Runner, key string) {
	w := m.d.w
	u := &unfit{reason: "unfit " + key}
	m.ails.now[runner] = u
	w.story.say(w, "host %s cannot start %s", m.row.ID, runner)
	if w.dice.chance(500, "noticed", key) {
		m.tellUnfit(runner)
	}
	lasts := w.dice.span(50*millisecond, longestUnfit, "unfit for", key)
	w.after(lasts, func() {
		w.story.say(w, "host %s starts %s again", m.row.ID, runner)
		delete(m.ails.now, runner)
		m.ails.wellAt[runner] = w.now
		if u.told && w.dice.chance(700, "says so", key) {
			w.after(w.dice.span(0, second, "noticed after", key), func() { m.sayRunner(runner) })
		}
	})
}

func (m *machine) tellUnfit(runner batch.Runner) {
	if u := m.ails.now[runner]; u != nil && !u.told {
		u.told = true
		m.sayRunner(runner)
	}
}

// sayRunner says how a runner is now.
func (m *machine) sayRunner(runner batch.Runner) { m.d.postHost(m.faultOf(runner)) }

func (m *machine) faultOf(runner batch.Runner) batch.HostFault {
	f := batch.HostFault{Host: m.row.ID, Runner: runner}
	if u := m.ails.now[runner]; u != nil && u.told {
		f.Reason = u.reason
	}
	return f
}

// runnerOf is what an attempt needs.
func (a *attempt) runner() batch.Runner { return batch.RunnerOf(a.class.name == "boxed") }

// refuses ends a, which is ordered or inherits a place, if its machine does not start it, and reports whether it did.
func (d *driver) refuses(a *attempt, ordered bool) bool {
	w := d.w
	if !w.unfit {
		return false
	}
	m, runner := d.machine(a.order.Host), a.runner()
	root := w.keyOf(batch.AttemptID{Job: a.id.Job.Root()})
	t := w.truthOf(a.id)
	exit := batch.Exit{Kind: batch.Refused}
	switch u := m.ails.now[runner]; {
	case u != nil:
		t.unfit++
		t.refused = t.refused || t.unfit > maxBlamed
		exit.Reason = u.reason
		u.count(w, ordered)
		m.tellUnfit(runner)
	case w.faults.strikes(JobRefused, root):
		t.refused = true
		t.unfit++
		exit.Reason, exit.Doubtful = "job "+root, w.dice.chance(500, "doubtful", root)
		if t.doubted += b2i(exit.Doubtful); t.doubted > maxDoubtful+1 {
			w.broken("doubtful", "attempt %s is tried for the %dth time, and nobody knows why it does not start", a.id, t.doubted)
		}
	default:
		return false
	}
	d.end(a, exit)
	return true
}

// count looks at how often an unfit runner is tried: what was on its way when the first start was refused does not count.
func (u *unfit) count(w *world, ordered bool) {
	if u.first == 0 {
		u.first = w.now
	}
	since := w.now - u.first
	if !ordered || since < second {
		return
	}
	if u.refused++; u.refused > triesAtFirst+triesEachSecond*int(since/second) {
		w.broken("flood", "%d starts were ordered in the %s after the first was refused (%s)", u.refused, std(since), u.reason)
	}
}
