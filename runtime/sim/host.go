package sim

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// host is the machine that attempts run on, with the driver's part of it that survives the process: what waits
// in lanes, what runs, and the exits that are not forgotten yet.
type host struct {
	w        *world
	up       bool
	heard    bool // that it is down is committed
	attempts map[batch.AttemptID]*attempt
	running  map[string]int // by lane
	waiting  map[string][]*attempt
	serial   int64
	deaths   int
	truth    map[batch.AttemptID]*truth
}

// attempt is one that the host holds.
type attempt struct {
	id       batch.AttemptID
	key      string // names it in every story: label, index, number
	class    class
	order    sched.StartAttempt
	shape    batch.Shape
	baseKey  string
	serial   int64
	state    attemptState
	started  batch.AttemptStarted
	exit     batch.Exit
	stopping bool
}

type attemptState uint8

const (
	waitsAhead attemptState = iota + 1
	runs
	ended
)

// truth is what really happened to an attempt, for the oracle.
type truth struct {
	begun   int
	code    *int32 // it ended by itself or by a signal
	refused bool   // it could not be started
	killed  bool   // it died with its host or with what watched it
	began   batch.Time
}

func newHost(w *world) *host {
	return &host{
		w: w, up: true, attempts: map[batch.AttemptID]*attempt{}, running: map[string]int{}, waiting: map[string][]*attempt{},
		truth: map[batch.AttemptID]*truth{},
	}
}

func (h *host) true(id batch.AttemptID) *truth {
	if h.truth[id] == nil {
		h.truth[id] = &truth{}
	}
	return h.truth[id]
}

// start does a start order: see compute.Driver.
func (h *host) start(o sched.StartAttempt) {
	if a := h.attempts[o.Attempt]; a != nil {
		if a.state == waitsAhead && !o.Ahead {
			h.unwait(a)
			h.begin(a)
		}
		return
	}
	a := h.w.attemptOf(o)
	if a == nil {
		return
	}
	a.serial = h.next()
	h.attempts[a.id] = a
	if o.Ahead && h.running[o.Lane] > 0 {
		h.w.waited++
		a.state = waitsAhead
		h.waiting[o.Lane] = append(h.waiting[o.Lane], a)
		return
	}
	h.begin(a)
}

// begin runs a and reports whether it took a place of its lane.
func (h *host) begin(a *attempt) bool {
	if h.w.faults.strikes(StartRefused, a.key) {
		h.true(a.id).refused = true
		h.end(a, batch.Exit{Kind: batch.FailedToStart, Reason: "the dice refused"})
		return false
	}
	h.w.begins(a)
	a.state, a.serial = runs, h.next()
	a.started = batch.AttemptStarted{Attempt: a.id, At: h.w.wall(), Log: batch.LogPosition{Segment: 1, Offset: a.serial}}
	h.running[a.order.Lane]++
	h.true(a.id).begun++
	h.true(a.id).began = a.started.At
	h.w.post(a.id, batch.Report(a.started))
	h.w.after(h.w.dice.span(a.class.low, a.class.high, "duration", a.key), func() { h.finish(a, h.code(a)) })
	return true
}

func (h *host) code(a *attempt) int32 {
	if !h.w.dice.chance(a.class.failing, "fails", a.key) {
		return 0
	}
	return int32(h.w.dice.between(1, 3, "code", a.key))
}

// finish ends an attempt if it still runs.
func (h *host) finish(a *attempt, code int32) {
	if h.attempts[a.id] != a || a.state != runs {
		return
	}
	h.true(a.id).code = &code
	exit := batch.Exit{Kind: batch.Exited, Code: &code, BaseKey: a.baseKey}
	if a.class.name == "boxed" {
		exit.ImageDigest = imageDigest
	}
	if h.w.dice.chance(400, "result", a.key) {
		exit.Result = []byte(fmt.Sprintf(`{"from":%q}`, a.key))
	}
	h.leave(a, exit)
}

// leave ends a running attempt and gives its place to the first that waits and can be started.
func (h *host) leave(a *attempt, exit batch.Exit) {
	exit.StartedAt = a.started.At
	exit.Log = batch.LogSpan{From: a.started.Log, To: a.started.Log}
	lane := a.order.Lane
	h.running[lane]--
	h.end(a, exit)
	for len(h.waiting[lane]) > 0 {
		first := h.waiting[lane][0]
		h.waiting[lane] = h.waiting[lane][1:]
		if h.begin(first) {
			return
		}
	}
}

// end keeps and reports the exit of a.
func (h *host) end(a *attempt, exit batch.Exit) {
	exit.Attempt, exit.StoppedAt = a.id, h.w.wall()
	a.state, a.exit = ended, exit
	h.w.post(a.id, batch.AttemptExited{Exit: exit})
}

func (h *host) unwait(a *attempt) {
	lane := a.order.Lane
	h.waiting[lane] = slices.DeleteFunc(h.waiting[lane], func(b *attempt) bool { return a == b })
}

// stop does a stop order: see compute.Driver.
func (h *host) stop(o sched.StopAttempt) {
	a := h.attempts[o.Attempt]
	switch {
	case a == nil:
		a = &attempt{id: o.Attempt, key: o.Attempt.String(), serial: h.next()}
		h.attempts[a.id] = a
		h.end(a, batch.Exit{Kind: batch.Recalled})
	case a.state == waitsAhead:
		h.w.recalled++
		h.unwait(a)
		h.end(a, batch.Exit{Kind: batch.Recalled})
	case a.state == runs && !o.Recall && !a.stopping:
		a.stopping = true
		code := int32(143)
		if h.w.dice.chance(150, "graceful", a.key) {
			code = 0
		}
		h.w.after(h.w.dice.span(0, longestGrace, "grace", a.key), func() { h.finish(a, code) })
	}
}

func (h *host) forget(o sched.ForgetAttempt) {
	if a := h.attempts[o.Attempt]; a != nil && a.state == ended {
		delete(h.attempts, o.Attempt)
	}
}

// watcherDies ends what runs as lost; what waits runs then.
func (h *host) watcherDies() {
	for _, a := range h.sorted() {
		if a.state == runs {
			h.true(a.id).killed = true
			h.leave(a, batch.Exit{Kind: batch.Lost, Reason: "the holder ended"})
		}
	}
}

// census is everything the host holds.
func (h *host) census(asOf batch.Time) sched.Census {
	c := sched.Census{AsOf: asOf}
	if !h.up {
		return c
	}
	c.Hosts = []batch.Host{h.row()}
	for _, a := range h.sorted() {
		switch a.state {
		case waitsAhead:
			c.Waiting = append(c.Waiting, a.id)
		case runs:
			c.Running = append(c.Running, a.started)
		case ended:
			c.Ended = append(c.Ended, a.exit)
		}
	}
	return c
}

func (h *host) row() batch.Host {
	row := h.w.plan.host
	row.SeenAt = h.w.wall()
	return row
}

func (h *host) sorted() []*attempt {
	return slices.SortedFunc(maps.Values(h.attempts), func(a, b *attempt) int { return cmp.Compare(a.serial, b.serial) })
}

func (h *host) next() int64 {
	h.serial++
	return h.serial
}
