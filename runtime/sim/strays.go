package sim

import (
	"fmt"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// In a story of strays, attempts leave processes behind when their own process ends, and holders die while those live. The
// dice of these are thrown in such stories alone.

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

// process is one that an attempt started and that is alive.
type process struct {
	of      *attempt
	key     string
	leads   bool     // it is the attempt's own; the others are strays
	hides   bool     // nothing says whose it is
	escaped bool     // it hid when its holder was killed, so that no other holder finds it
	killed  micros   // when it was sent SIGKILL first; 0: it was not
	dir     *scratch // its working directory, whatever the name of that is now
}

// scratch is the directory of an attempt.
type scratch struct {
	result string // the key of the attempt whose process wrote the result in it; empty if there is none
	spoilt bool   // what lies there is not a result
}

// makeStrays makes a story one of strays.
func (w *world) makeStrays() {
	switch w.dice.between(0, 3, "stray profile", "") {
	case 0: // nothing else goes wrong
		w.faults.rates = rates{}
	case 1: // only what watches the processes dies, or the machine
		w.faults.rates = rates{WatcherLost: highRates[WatcherLost], HostLost: mixedRates[HostLost]}
	}
	w.faults.rates[StrayLeft], w.faults.rates[StrayStays] = 300, 100
	w.strays = true
	w.eachMachine(func(m *machine) { m.hold() })
}

// hold gives a machine a holder.
func (m *machine) hold() {
	m.holder = &holder{m: m, groups: m.d.w.dice.chance(500, "control groups", m.row.ID)}
}

// begin starts the processes of an attempt.
func (h *holder) begin(a *attempt) {
	w := h.m.d.w
	a.dir = h.take()
	h.alive = append(h.alive, &process{of: a, key: a.key, leads: true, dir: a.dir})
	if a.runner() == batch.Containers || !w.faults.strikes(StrayLeft, a.key) {
		return
	}
	for i := range w.dice.between(1, 3, "strays", a.key) {
		key := fmt.Sprintf("%s stray %d", a.key, i)
		p := &process{of: a, key: key, hides: !h.groups && w.dice.chance(500, "hides", key), dir: a.dir}
		h.alive = append(h.alive, p)
		if w.dice.chance(600, "writes", key) {
			h.write(p, 0)
		}
	}
}

// write has a stray write a result now and then for as long as it lives.
func (h *holder) write(p *process, n int) {
	w := h.m.d.w
	w.after(w.dice.span(millisecond, second, "writes after", fmt.Sprint(p.key, n)), func() {
		if !slices.Contains(h.alive, p) {
			return
		}
		if !p.dir.spoilt {
			p.dir.result = p.of.key
		}
		h.write(p, n+1)
	})
}

// take returns a directory for an attempt.
func (h *holder) take() *scratch {
	if n := len(h.clean); n > 0 {
		s := h.clean[n-1]
		h.clean = h.clean[:n-1]
		return s
	}
	return &scratch{}
}

// put keeps the directory of an attempt for another one if nothing can be at work in it.
func (h *holder) put(s *scratch, left int) {
	hiding := slices.ContainsFunc(h.alive, func(p *process) bool { return p.hides && !p.escaped })
	if h.m.d.w.tamper.careless().reuses {
		hiding = false
	}
	if left == 0 && !hiding && *s == (scratch{}) {
		h.clean = append(h.clean, s)
	}
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
	h.later(w.dice.span(millisecond, 3*second, "no holder for", key), func() { h.inherit(w.now) })
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
