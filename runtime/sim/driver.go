package sim

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// driver is what obeys orders, with the part of it that survives the process: what waits in lanes, what runs on its
// machines, and the exits that are not forgotten yet. There is one for this machine and one for hosts elsewhere.
type driver struct {
	w        *world
	kind     batch.Kind
	machines []*machine
	attempts map[batch.AttemptID]*attempt
	running  map[string]int // by lane
	waiting  map[string][]*attempt
	serial   int64

	kept       []func() // orders that came while a machine had no holder
	lastOrder  micros   // when the last order arrives
	lastReport micros   // when the last report arrives
}

// attempt is one that a driver holds.
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
	over     bool   // its own process has ended
	overAt   micros // when
	code     int32  // with what
	dir      *scratch

	// Of planted bugs, see [careless].
	freed  bool // its place was given away before it ended
	failed bool // it fails for what it has left
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
	spoilt  bool   // its result was not taken
	killed  bool   // it died with its host or with what watched it
	unfit   int    // how often its machine refused it
	doubted int    // how often it was refused for a cause that nobody knows
	began   batch.Time
}

func newDriver(w *world, kind batch.Kind) *driver {
	return &driver{w: w, kind: kind, attempts: map[batch.AttemptID]*attempt{}, running: map[string]int{}, waiting: map[string][]*attempt{}}
}

// truth returns what really happened to an attempt.
func (w *world) truthOf(id batch.AttemptID) *truth {
	if w.truth[id] == nil {
		w.truth[id] = &truth{}
	}
	return w.truth[id]
}

// held returns the attempt of that id which a driver holds; nil if none does.
func (w *world) held(id batch.AttemptID) *attempt {
	for _, d := range w.drivers {
		if a := d.attempts[id]; a != nil {
			return a
		}
	}
	return nil
}

// eachHeld goes over all that drivers hold, in the order in which they took it.
func (w *world) eachHeld(do func(*attempt)) {
	for _, d := range w.drivers {
		for _, a := range d.sorted() {
			do(a)
		}
	}
}

// start does a start order: see compute.Driver.
func (d *driver) start(o sched.StartAttempt) {
	if m := d.machine(o.Host); m == nil || !m.up {
		return
	}
	if a := d.attempts[o.Attempt]; a != nil {
		if a.state == waitsAhead && !o.Ahead {
			d.unwait(a)
			d.begin(a, true)
		}
		return
	}
	a := d.w.attemptOf(o)
	if a == nil {
		return
	}
	a.serial = d.next()
	d.attempts[a.id] = a
	if o.Ahead && d.running[o.Lane] > 0 {
		d.w.waited++
		a.state = waitsAhead
		d.waiting[o.Lane] = append(d.waiting[o.Lane], a)
		return
	}
	d.begin(a, true)
}

// begin runs a, which was ordered just now or inherits a place, and reports whether it took a place of its lane.
func (d *driver) begin(a *attempt, ordered bool) bool {
	if d.refuses(a, ordered) {
		return false
	}
	if d.w.faults.strikes(StartRefused, a.key) {
		d.w.truthOf(a.id).refused = true
		d.end(a, batch.Exit{Kind: batch.FailedToStart, Reason: "the dice refused"})
		return false
	}
	d.w.begins(a)
	a.state, a.serial = runs, d.next()
	a.started = batch.AttemptStarted{Attempt: a.id, At: d.w.wall(), Log: batch.LogFrom(batch.LogPosition{Segment: 1, Offset: a.serial})}
	d.running[a.order.Lane]++
	d.w.truthOf(a.id).begun++
	d.w.truthOf(a.id).began = a.started.At
	if m := d.machine(a.order.Host); m.holder != nil {
		m.holder.begin(a)
	}
	d.post(a.id, batch.Report(a.started))
	d.w.after(d.w.dice.span(a.class.low, a.class.high, "duration", a.key), func() { d.finish(a, d.code(a)) })
	return true
}

func (d *driver) code(a *attempt) int32 {
	if !d.w.dice.chance(a.class.failing, "fails", a.key) {
		return 0
	}
	return int32(d.w.dice.between(1, 3, "code", a.key))
}

// finish ends the process of an attempt if it still runs.
func (d *driver) finish(a *attempt, code int32) {
	if d.attempts[a.id] != a || a.state != runs || a.over {
		return
	}
	a.over, a.overAt, a.code = true, d.w.now, code
	if m := d.machine(a.order.Host); m.holder != nil {
		m.holder.ended(a)
		return
	}
	var exit batch.Exit
	switch wrote, spoilt := d.w.resultOf(a); {
	case wrote:
		exit.Result = resultText(a.key)
	case spoilt:
		exit.ResultError = spoiltWords
	}
	d.conclude(a, exit)
}

// resultOf reports whether an attempt writes a result, or what is not one.
func (w *world) resultOf(a *attempt) (wrote, spoilt bool) {
	wrote = w.dice.chance(400, "result", a.key)
	return wrote, !wrote && w.dice.chance(150, "spoilt result", a.key)
}

// resultText is the result that an attempt writes; key names the attempt.
func resultText(key string) []byte { return []byte(fmt.Sprintf(`{"from":%q}`, key)) }

const (
	spoiltWords = "the dice spoilt it"
	codeKilled  = 137
)

// conclude ends an attempt whose process has ended; exit has its result.
func (d *driver) conclude(a *attempt, exit batch.Exit) {
	t, code := d.w.truthOf(a.id), a.code
	t.code, t.spoilt = &a.code, exit.ResultError != ""
	if a.failed {
		code = codeKilled
	}
	exit.Kind, exit.Code, exit.BaseKey = batch.Exited, &code, a.baseKey
	if a.class.name == "boxed" {
		exit.ImageDigest = imageDigest
	}
	d.leave(a, exit)
}

// leave ends a running attempt and gives its place to another.
func (d *driver) leave(a *attempt, exit batch.Exit) {
	exit.StartedAt = a.started.At
	exit.Log = a.started.Log
	exit.Log.Span.To = exit.Log.Span.From
	d.end(a, exit)
	if !a.freed {
		d.pass(a.order.Lane)
	}
}

// pass gives a place of a lane to the first that waits and can be started.
func (d *driver) pass(lane string) {
	d.running[lane]--
	for len(d.waiting[lane]) > 0 {
		first := d.waiting[lane][0]
		d.waiting[lane] = d.waiting[lane][1:]
		if d.begin(first, false) {
			return
		}
	}
}

// end keeps and reports the exit of a.
func (d *driver) end(a *attempt, exit batch.Exit) {
	exit.Attempt, exit.StoppedAt = a.id, d.w.wall()
	a.state, a.exit = ended, exit
	d.post(a.id, batch.AttemptExited{Exit: exit})
}

func (d *driver) unwait(a *attempt) {
	lane := a.order.Lane
	d.waiting[lane] = slices.DeleteFunc(d.waiting[lane], func(b *attempt) bool { return a == b })
}

// stop does a stop order: see compute.Driver.
func (d *driver) stop(o sched.StopAttempt) {
	a := d.attempts[o.Attempt]
	switch {
	case a == nil:
		a = &attempt{id: o.Attempt, key: o.Attempt.String(), serial: d.next()}
		d.attempts[a.id] = a
		d.end(a, batch.Exit{Kind: batch.Recalled})
	case a.state == waitsAhead:
		d.w.recalled++
		d.unwait(a)
		d.end(a, batch.Exit{Kind: batch.Recalled})
	case a.state == runs && !o.Recall && !a.stopping:
		a.stopping = true
		if d.w.tamper.careless().freesAtStop {
			a.freed = true
			d.pass(a.order.Lane)
		}
		code := int32(143)
		if d.w.dice.chance(150, "graceful", a.key) {
			code = 0
		}
		d.w.after(d.w.dice.span(0, longestGrace, "grace", a.key), func() { d.finish(a, code) })
	}
}

func (d *driver) forget(o sched.ForgetAttempt) {
	if a := d.attempts[o.Attempt]; a != nil && a.state == ended {
		delete(d.attempts, o.Attempt)
	}
}

// watcherDies ends what runs on m as lost; what waits runs then.
func (d *driver) watcherDies(m *machine, key string) {
	if m.holder != nil {
		m.holder.dies(key)
		return
	}
	for _, a := range d.sorted() {
		if a.state == runs && a.order.Host == m.row.ID {
			d.w.truthOf(a.id).killed = true
			d.leave(a, batch.Exit{Kind: batch.Lost, Reason: "the holder ended"})
		}
	}
}

// census is everything the driver holds.
func (d *driver) census(asOf batch.Time) sched.Census {
	c := sched.Census{AsOf: asOf}
	d.w.cloud.list(d, &c)
	for _, m := range d.machines {
		if m.up {
			c.Hosts = append(c.Hosts, m.seen())
			if d.w.unfit {
				c.Faults = append(c.Faults, m.faultOf(batch.Processes), m.faultOf(batch.Containers))
			}
		}
	}
	for _, a := range d.sorted() {
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

func (d *driver) sorted() []*attempt {
	return slices.SortedFunc(maps.Values(d.attempts), func(a, b *attempt) int { return cmp.Compare(a.serial, b.serial) })
}

func (d *driver) next() int64 {
	d.serial++
	return d.serial
}
