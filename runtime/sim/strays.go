package sim

import (
	"fmt"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// In a story of strays, attempts leave processes behind when their own process ends, and holders die while those live. The
// dice of these are thrown in such stories alone.

// process is one that an attempt started and that is alive.
type process struct {
	of      *attempt
	key     string
	leads   bool     // it is the attempt's own, and its holder waits for its end; the others are strays
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
