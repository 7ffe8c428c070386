package sim

import (
	"fmt"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// world is one story being played.
type world struct {
	plan   *plan
	dice   dice
	tamper *tamper
	now    micros
	leap   micros // how far the wall clock has leapt in all
	agenda agenda
	steps  int
	// readyAt is when the administrator had set everything up; 0: not yet.
	readyAt micros
	calmAt  micros // when all faults ended; 0: not yet

	store   *store
	drivers []*driver
	truth   map[batch.AttemptID]*truth
	deaths  map[string]int // of hosts
	wire    wire
	engine  *engine
	faults  *faults
	users   []*user
	tried   map[batch.JobID]sched.SubmitJob // every submission as its user asked for it
	laws    *laws
	story   *story

	cloud   *cloud // hosts are launched in this story; nil: they are not
	unfit   bool   // machines refuse starts in this story
	strays  bool   // attempts leave processes behind in this story
	failure *Failure

	waited   int // attempts that waited in a lane
	recalled int // attempts that were taken back from one
}

// newWorld makes the world of a plan before anything has happened.
func newWorld(p *plan, t *tamper) *world {
	w := &world{
		plan: p, dice: p.dice, tamper: t, store: newStore(), tried: map[batch.JobID]sched.SubmitJob{}, story: newStory(),
		truth: map[batch.AttemptID]*truth{}, deaths: map[string]int{},
		wire:   wire{lastOf: map[batch.AttemptID]micros{}, sent: map[string]int{}},
		faults: &faults{dice: p.dice, rates: p.rates, muted: p.muted},
	}
	w.laws = newLaws(w)
	w.drivers = []*driver{newDriver(w, batch.Local)}
	w.drivers[0].add(p.host, 0)
	if len(p.clouds) > 0 {
		cloud := newDriver(w, batch.EC2)
		w.drivers = append(w.drivers, cloud)
		for _, row := range p.clouds {
			cloud.add(row, 1)
		}
	}
	w.engine = &engine{w: w}
	for _, script := range p.scripts {
		u := &user{ids: map[string]batch.JobID{}}
		for _, s := range script {
			if !p.dropped[s.label] {
				u.script = append(u.script, s)
			}
		}
		w.users = append(w.users, u)
	}
	return w
}

// play lets the story run until everything has ended or a law is broken.
func (w *world) play() {
	w.engine.load()
	w.opened()
	w.every(censusEvery, "census time", w.engine.censusTime)
	w.every(worldEvery, "world", w.strike)
	w.proceed(w.users[0])
	for w.failure == nil && !w.over() {
		h, ok := w.agenda.next()
		if !ok {
			w.broken("progress", "nothing is left to happen")
			return
		}
		w.now = h.at
		w.steps++
		h.do()
		if w.steps > maxSteps || w.calmAt != 0 && w.now > w.calmAt+calmLimit {
			w.broken("progress", "not everything has ended: %s", w.laws.unfinished())
		}
	}
	if w.failure == nil {
		w.laws.final()
	}
}

func (w *world) at(at micros, do func())   { w.agenda.plan(max(at, w.now), do) }
func (w *world) after(d micros, do func()) { w.agenda.plan(w.now+d, do) }

func (w *world) every(period micros, kind string, do func()) {
	w.after(period+w.dice.span(0, millisecond, kind, fmt.Sprint(w.now)), func() {
		do()
		w.every(period, kind, do)
	})
}

// std is what the wall clock shows.
func (w *world) std() time.Time {
	return time.UnixMilli(epoch).Add(time.Duration(w.now+w.leap) * time.Microsecond).UTC()
}

func (w *world) wall() batch.Time { return batch.At(w.std()) }

// broken notes the first law that is broken; the story ends there.
func (w *world) broken(law, format string, args ...any) {
	if w.failure == nil && !w.tamper.shuts(law) {
		w.failure = &Failure{Seed: w.plan.seed, Law: law, Detail: fmt.Sprintf(format, args...), At: time.Duration(w.now) * time.Microsecond}
		w.story.say(w, "BROKEN %s: %s", law, w.failure.Detail)
	}
}

// catch makes a panic of the machine a broken law.
func (w *world) catch() {
	if p := recover(); p != nil {
		w.broken("panic", "%v", p)
	}
}

// strike is when a host may die, or what watches it, and the clock may leap.
func (w *world) strike() {
	w.eachMachine(func(m *machine) {
		key := w.nth("strike", m.row.ID)
		m.mayAil(key)
		w.provisioner().mayClose(m, key)
		if m.up && w.faults.strikes(HostLost, key) {
			m.die(key)
		}
		if m.up && w.faults.strikes(WatcherLost, key) {
			w.story.say(w, "the watcher of %s dies", m.row.ID)
			m.d.watcherDies(m, key)
		}
	})
	key := w.nth("strike", "")
	if w.faults.strikes(ClockLeap, key) {
		w.leap += w.dice.span(second, leapLength, "leap", key)
		w.story.say(w, "the clock leaps to %s", w.std())
		w.engine.wakePlanned = time.Time{}
		w.engine.wake(w.engine.wakeAt)
	}
}

// over reports whether the world has become calm and everything has ended and is forgotten.
func (w *world) over() bool {
	return w.calmAt != 0 && len(w.store.Open) == 0 && w.allDone() && w.engine.idle() && w.wire.inFlight == 0 && w.holdNothing() && !w.keptHosts() && !w.unsettled()
}

// holdNothing reports whether no driver holds anything, every host that is down for good is forgotten, and every process that
// was killed has gone.
func (w *world) holdNothing() bool {
	nothing := true
	w.eachHeld(func(*attempt) { nothing = false })
	w.eachMachine(func(m *machine) { nothing = nothing && (m.up || !m.gone) })
	w.alive(func(_ *holder, p *process) { nothing = nothing && p.killed == 0 })
	return nothing
}

func (w *world) allDone() bool {
	for _, u := range w.users {
		if !u.done() {
			return false
		}
	}
	return true
}

// commit makes the rows of a round durable, with the laws looking on.
func (w *world) commit(r *sched.Round, asks []*call, at batch.Time) {
	w.tamper.delta(&r.Delta)
	if !w.laws.blind {
		w.laws.before(w.laws.newTurn(&r.Delta, at, asks))
	}
	w.store.commit(&r.Delta)
	w.cloud.keeps()
	w.eachMachine(func(m *machine) {
		if h, ok := w.store.Hosts[m.row.ID]; !m.up && ok && !h.Ready {
			m.heard = true
		}
	})
	w.laws.after()
}

// compare holds the machine against one made from its rows, now and then.
func (w *world) compare() {
	if w.engine.rounds%equalEvery == 0 && !w.laws.blind {
		w.laws.equal()
	}
}

// attemptOf is what a start order stands for; nil if the store does not say.
func (w *world) attemptOf(o sched.StartAttempt) *attempt {
	base, ok := w.store.baseKeyOf(o.Attempt.Job)
	if !ok {
		w.broken("order", "start %s: what it runs is not in the store", o.Attempt)
		return nil
	}
	top := w.store.Jobs[o.Attempt.Job.Root()]
	return &attempt{
		id: o.Attempt, key: w.keyOf(o.Attempt), class: classOf(top.Definition.Name), order: o,
		shape: shapeOf(top, o.Attempt.Job), baseKey: base,
	}
}

// keyOf names an attempt the same in every story, though its id depends on how often its user had to try.
func (w *world) keyOf(id batch.AttemptID) string {
	root, index, isPart := id.Job.Part()
	label := ""
	if row := w.store.Jobs[root]; row != nil {
		label = row.Name
	}
	if !isPart {
		return fmt.Sprintf("%s/%d", label, id.Number)
	}
	return fmt.Sprintf("%s:%d/%d", label, index, id.Number)
}

// shapeOf is what an attempt of a job asks for; top is its submission.
func shapeOf(top *batch.Job, id batch.JobID) batch.Shape {
	if _, index, isNode := id.SplitNode(); isNode {
		if r := top.Nodes.Range(index); r != nil {
			return r.Shape
		}
	}
	return top.Shape
}
