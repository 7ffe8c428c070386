package sim

import (
	"errors"
	"fmt"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// engine imitates the engine's loop: take what waits, apply, dispatch, commit once, then answer, then order.
type engine struct {
	w        *world
	machine  *sched.Machine
	up       bool
	loadedAt micros // when the machine was made from the store last
	life     int    // counts crashes; what belongs to an earlier life is lost
	facts    []sched.Fact
	asks     []*call

	busy      bool // a commit is under way
	scheduled bool // a round is about to begin
	rounds    int
	last      time.Time // the clock never goes back
	wakeAt    time.Time
	// wakePlanned is the deadline that a round is planned for.
	wakePlanned time.Time

	censusDue   bool
	censusAsked int // answers that are awaited
}

var errTryAgain = batch.Errorf(batch.Unavailable, "the store failed; try again")

// clock is the time the machine is told.
func (e *engine) clock() time.Time {
	if now := e.w.std(); now.After(e.last) {
		e.last = now
	}
	return e.last
}

// split is a moment after everything decided so far and not after anything that will be.
func (e *engine) split() batch.Time {
	e.last = e.clock().Truncate(time.Millisecond).Add(time.Millisecond)
	return batch.At(e.last)
}

// load makes the machine from the store, and has every driver asked what it holds.
func (e *engine) load() {
	e.machine = sched.Load(e.w.store.Snapshot(), e.w.config())
	e.w.cloud.forgets()
	e.up, e.busy, e.scheduled, e.loadedAt = true, false, false, e.w.now
	e.wakeAt = e.clock() // what is due is due at once
	e.wakePlanned = time.Time{}
	e.w.disturbed()
	e.askCensus()
	e.poke()
}

// told takes in what a driver said.
func (e *engine) told(f sched.Fact) {
	e.facts = append(e.facts, f)
	e.poke()
}

func (e *engine) censusAnswered(c sched.Census) {
	e.censusAsked--
	e.told(c)
}

// ask takes in a command, with what it needs; false if nobody is there.
func (e *engine) ask(c *call) bool {
	if !e.up {
		return false
	}
	if c.step.update != nil {
		c.command = c.step.update(e.w.store)
	}
	c.command = e.w.inCloud(c.command)
	if needy, ok := c.command.(sched.Needy[sched.Command]); ok {
		c.command = needy.With(e.w.store.given(needy.Needs()))
	}
	if s, ok := c.command.(sched.SubmitJob); ok {
		e.w.tried[s.ID] = s
	}
	e.asks = append(e.asks, c)
	e.poke()
	return true
}

// poke has a round begin soon, unless one is under way.
func (e *engine) poke() {
	if !e.up || e.busy || e.scheduled {
		return
	}
	e.scheduled = true
	e.later(e.w.dice.span(5, 300, "round", fmt.Sprint(e.rounds)), e.round)
}

// later does something unless the process has died by then.
func (e *engine) later(d micros, do func()) {
	life := e.life
	e.w.after(d, func() {
		if e.life == life {
			do()
		}
	})
}

// round decides.
func (e *engine) round() {
	defer e.w.catch()
	e.scheduled = false
	e.rounds++
	now := e.clock()
	facts, asks := take(&e.facts, maxFactsPerRound), take(&e.asks, maxAsksPerRound)
	for _, f := range facts {
		e.fold(now, f)
	}
	for _, c := range asks {
		c.reply, c.err = e.apply(now, c.command)
	}
	if !e.wakeAt.IsZero() && !now.Before(e.wakeAt) {
		e.fold(now, sched.Tick{})
	}
	e.machine.Dispatch(now)
	r := e.machine.Take()
	e.w.tamper.round(&r)
	e.w.story.round(e.w, r)
	if e.w.laws.check(e.machine); e.w.failure != nil {
		return
	}
	asks = e.early(r, asks)
	if r.Delta.Empty() {
		e.finish(r, asks)
		return
	}
	e.busy = true
	key := fmt.Sprint(e.rounds)
	e.later(e.w.dice.span(150, 4*millisecond, "commit takes", key), func() { e.commit(r, asks, batch.At(now), key) })
}

// take removes and returns at most n from the front.
func take[T any](from *[]T, n int) []T {
	n = min(n, len(*from))
	taken := (*from)[:n:n]
	*from = (*from)[n:]
	return taken
}

// fold tells the machine a fact, which it may not refuse.
func (e *engine) fold(now time.Time, f sched.Fact) {
	e.w.cloud.hears(f)
	if _, err := e.apply(now, f); err != nil {
		e.w.broken("refusal", "the fact %T was refused: %v", f, err)
	}
}

func (e *engine) apply(now time.Time, ev sched.Event) (any, error) {
	ev = e.w.tamper.event(ev)
	if ev == nil {
		return nil, nil
	}
	e.w.story.event(e.w, ev)
	reply, err := e.machine.Apply(now, ev)
	if err != nil {
		e.w.story.say(e.w, "refused: %v", err)
	}
	return reply, err
}

// commit makes the round durable, unless a fault strikes.
func (e *engine) commit(r sched.Round, asks []*call, at batch.Time, key string) {
	defer e.w.catch()
	switch {
	case e.w.faults.strikes(CrashBefore, key):
		e.crash()
		return
	case e.w.faults.strikes(CommitFailed, key):
		landed := e.w.dice.chance(500, "landed", key)
		if landed {
			e.w.commit(&r, asks, at)
		}
		e.reload(asks, landed)
		return
	}
	e.w.commit(&r, asks, at)
	if e.w.failure != nil {
		return
	}
	if e.w.faults.strikes(CrashAfter, key) {
		e.crash()
		return
	}
	e.busy = false
	e.finish(r, asks)
}

// finish answers and orders what is durable.
func (e *engine) finish(r sched.Round, asks []*call) {
	e.w.laws.orders(r.Orders)
	for _, c := range asks {
		e.answer(c)
	}
	for _, o := range r.Orders {
		e.w.order(o)
	}
	if e.censusDue {
		e.askCensus()
	}
	e.wake(r.WakeAt)
	e.w.laws.questions()
	e.w.compare()
	if len(e.facts)+len(e.asks) > 0 {
		e.poke()
	}
}

// answer tells a caller, or reads again for one whose rows went stale.
func (e *engine) answer(c *call) {
	if errors.Is(c.err, batch.ErrStale) {
		c.stale++
		if c.stale > maxStale {
			e.w.broken("stale", "%s is stale for the %dth time", c.step.text, c.stale)
		}
		e.ask(c)
		return
	}
	e.w.answered(c)
}

// maxStale is how often a command may have to be given fresh rows.
const maxStale = 5

// wake has a round begin when the earliest deadline has come by the wall clock.
func (e *engine) wake(at time.Time) {
	e.wakeAt = at
	if at.IsZero() || at.Equal(e.wakePlanned) {
		return
	}
	e.wakePlanned = at
	wait := max(micros(at.Sub(e.w.std()).Microseconds()), 0)
	e.later(wait, func() {
		if !at.Equal(e.wakePlanned) {
			return
		}
		e.wakePlanned = time.Time{}
		e.poke()
	})
}

func (e *engine) askCensus() {
	if e.censusDue = e.censusAsked > 0; e.censusDue {
		return
	}
	e.censusAsked = len(e.w.drivers)
	e.w.askCensus(e.split())
}

// censusTime is when the next census is due; it waits for the orders of the round under way.
func (e *engine) censusTime() {
	switch {
	case !e.up:
	case e.busy:
		e.censusDue = true
	default:
		e.askCensus()
	}
}

// reload does what follows a failed commit: the path of a crash, but callers are answered by what landed.
func (e *engine) reload(asks []*call, landed bool) {
	e.load()
	for _, c := range asks {
		if !landed {
			c.reply, c.err = nil, errTryAgain
		}
		e.answer(c)
	}
}

// crash ends the process. What it had heard, and had not yet said, is lost.
func (e *engine) crash() {
	e.w.story.say(e.w, "crash")
	e.up, e.busy, e.scheduled = false, false, false
	e.facts, e.asks = nil, nil
	e.censusAsked = 0
	e.life++
	e.machine = nil
	for _, d := range e.w.drivers {
		d.lastOrder, d.lastReport = e.w.now, e.w.now
	}
	e.w.hangUp()
	e.w.after(e.w.dice.span(millisecond, 3*second, "down", fmt.Sprint(e.life)), func() {
		e.w.story.say(e.w, "restart")
		e.last = time.Time{}
		e.load()
		e.w.opened()
	})
}

// idle reports whether nothing waits for the engine.
func (e *engine) idle() bool {
	return e.up && !e.busy && !e.scheduled && len(e.facts)+len(e.asks) == 0
}
