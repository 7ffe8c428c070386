package sim

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// holder is the part of a machine that starts the processes of attempts and ends what they leave, as package holder does on a
// real one.
type holder struct {
	m      *machine
	groups bool       // control groups say whose every process is
	alive  []*process // what attempts have started
	clean  []*scratch // directories that may be used again
	life   int        // counts the deaths of holders and of the machine; what was planned in an earlier life is void
	dead   bool       // the holder was killed, and its successor has not yet ended what it left
}

// hold gives a machine a holder.
func (m *machine) hold() {
	m.holder = &holder{m: m, groups: m.d.w.dice.chance(500, "control groups", m.row.ID)}
}

// ended is when the own process of an attempt has ended. Its attempt ends when nothing is left of it.
func (h *holder) ended(a *attempt) {
	w := h.m.d.w
	h.alive = slices.DeleteFunc(h.alive, func(p *process) bool { return p.of == a && p.leads })
	switch wrote, spoilt := w.resultOf(a); {
	case spoilt:
		*a.dir = scratch{spoilt: true}
	case wrote:
		a.dir.result = a.key
	}
	if h.dead {
		return // nobody has seen it
	}
	if w.tamper.careless().endsEarly {
		h.conclude(a, 0)
	}
	h.clear(a, firstClear)
}

// clear ends what an attempt has left, and concludes the attempt when that is gone or does not go.
func (h *holder) clear(a *attempt, pause micros) {
	w := h.m.d.w
	careless := w.tamper.careless()
	left := h.kill(func(p *process) bool { return p.of == a && !p.hides })
	if !slices.ContainsFunc(h.alive, func(p *process) bool { return p.leads }) && !careless.leavesHidden {
		left += h.kill(func(p *process) bool { return p.hides && !p.escaped })
	}
	a.failed = careless.blames && left > 0 || a.failed
	if left > 0 && (w.now-a.overAt < clearPatience || careless.waitsForEver) {
		h.later(pause, func() { h.clear(a, min(2*pause, lastClear)) })
		return
	}
	if a.state == runs {
		h.conclude(a, left)
	}
}

// conclude takes the result of an attempt and ends it.
func (h *holder) conclude(a *attempt, left int) {
	exit := batch.Exit{}
	if a.dir.result != "" {
		exit.Result = resultText(a.dir.result)
	}
	if a.dir.spoilt {
		exit.ResultError = spoiltWords
	}
	h.put(a.dir, left)
	h.m.d.conclude(a, exit)
}

// kill sends SIGKILL to some processes, and returns how many of them have not gone yet.
func (h *holder) kill(some func(*process) bool) (left int) {
	w := h.m.d.w
	for _, p := range h.alive {
		if !some(p) {
			continue
		}
		left++
		if p.killed != 0 {
			continue
		}
		p.killed = w.now
		goes := w.dice.span(10, 20*millisecond, "goes", p.key)
		if w.faults.strikes(StrayStays, p.key) {
			goes = w.dice.span(second, longestStay, "stays", p.key)
		}
		w.after(goes, func() { h.alive = slices.DeleteFunc(h.alive, func(q *process) bool { return p == q }) })
	}
	return left
}

// dies ends the holder alone: what its attempts have started goes on until its successor ends it.
func (h *holder) dies(key string) {
	w := h.m.d.w
	if h.dead {
		return
	}
	h.dead = true
	h.life++
	for _, p := range h.alive {
		p.escaped = p.hides
	}
	for _, a := range h.held() {
		w.truthOf(a.id).killed = true
	}
	h.later(w.dice.span(millisecond, longestAbsence, "no holder for", key), func() { h.inherit(w.now) })
}

// inherit ends what a dead holder has left, before anything else is done, and reports what was lost.
func (h *holder) inherit(since micros) {
	w := h.m.d.w
	careless := w.tamper.careless()
	left := 0
	if !careless.forgets {
		left = h.kill(func(p *process) bool { return !p.escaped })
	}
	if left > 0 && w.now-since < recoverPatience && !careless.hurries {
		h.later(lastClear, func() { h.inherit(since) })
		return
	}
	h.dead = false
	for _, p := range h.alive {
		p.leads = false
	}
	before := h.clean
	h.clean = nil
	for _, a := range h.held() {
		if careless.namesAgain { // as if the numbers of directories began anew
			before = append(before, a.dir)
		}
		h.m.d.leave(a, batch.Exit{Kind: batch.Lost, Reason: "the holder ended"})
	}
	if careless.namesAgain {
		h.clean = append(h.clean, before...)
	}
	h.m.d.resume()
}

// held are the attempts that run.
func (h *holder) held() (held []*attempt) {
	for _, a := range h.m.d.sorted() {
		if a.state == runs && a.order.Host == h.m.row.ID {
			held = append(held, a)
		}
	}
	return held
}

// vanish takes everything away with the machine.
func (h *holder) vanish() {
	h.alive, h.clean, h.dead = nil, nil, false
	h.life++
	h.m.d.resume()
}

// later does something unless the holder has died by then.
func (h *holder) later(d micros, do func()) {
	life := h.life
	h.m.d.w.after(d, func() {
		if h.life == life {
			do()
		}
	})
}

// arrive does what an order says. While a machine has no holder, its driver keeps orders for the next one.
func (d *driver) arrive(order func()) {
	if d.orphaned() {
		d.kept = append(d.kept, order)
		return
	}
	order()
}

func (d *driver) orphaned() bool {
	return slices.ContainsFunc(d.machines, func(m *machine) bool { return m.holder != nil && m.holder.dead })
}

// resume does what was ordered while there was no holder.
func (d *driver) resume() {
	if d.orphaned() {
		return
	}
	kept := d.kept
	d.kept = nil
	for _, order := range kept {
		order()
	}
}
