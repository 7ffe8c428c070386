package engine

import (
	"context"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// loop is what the engine's one goroutine owns.
type loop struct {
	*Engine
	machine machine
	clock   *clock
	timer   *time.Timer // fires when wakeAt has come
	wakeAt  time.Time
	hosts   map[string]batch.Kind // by id; says which driver serves a host
	// forgotten are the hosts in hosts whose rows are gone.
	forgotten []string

	censusTimer *time.Timer
	censusDue   map[*mailbox]bool // to be asked after the orders of this round
	censusAsked map[*mailbox]bool // asked, and not answered yet

	failures  int // commits that failed since the last that did not
	lastFault string
	faultAt   time.Time
	restUntil time.Time // queries are refused until then; see [queryRest]
}

// turn is what one round works on.
type turn struct {
	gone       error  // the store cannot be used any more
	asks       []*ask // commands
	queries    []*ask
	deliveries []delivery
}

// size is how many commands and facts t holds.
func (t turn) size() int {
	n := len(t.asks)
	for _, d := range t.deliveries {
		n += len(d.facts)
	}
	return n
}

// fault is a law of the machine that was broken.
type fault struct {
	text  string
	stack []byte
}

// newLoop makes a loop around the machine of a snapshot.
func newLoop(e *Engine, s batch.Snapshot) (*loop, error) {
	l := &loop{
		Engine: e, clock: newClock(e.options.Clock, newest(s)), hosts: map[string]batch.Kind{},
		timer: time.NewTimer(0), censusTimer: time.NewTimer(censusInterval),
		censusDue: map[*mailbox]bool{}, censusAsked: map[*mailbox]bool{},
	}
	if broken := l.rebuild(s); broken != nil {
		return nil, fmt.Errorf("the machine cannot be made from the store: %s", broken.text)
	}
	return l, nil
}

// rebuild replaces the machine by the one of a snapshot, and has every driver asked what it holds.
func (l *loop) rebuild(s batch.Snapshot) (broken *fault) {
	defer catch(&broken)
	l.machine = l.load(s, l.options.Config)
	l.noteHosts(s.Hosts)
	view := l.machine.View()
	l.view.Store(&view)
	l.watermark.advance(s.LastTransition)
	l.censusAll()
	l.timer.Reset(0) // what is due is due at once
	return nil
}

// noteHosts keeps which kind each host is of. Orders about one that is forgotten may still leave with the round that forgets it.
func (l *loop) noteHosts(rows []batch.Host) {
	for _, h := range l.forgotten {
		delete(l.hosts, h)
	}
	l.forgotten = l.forgotten[:0]
	for _, h := range rows {
		l.hosts[h.ID] = h.Kind
		if h.Deleted {
			l.forgotten = append(l.forgotten, h.ID)
		}
	}
}

func catch(broken **fault) {
	if p := recover(); p != nil {
		*broken = &fault{text: fmt.Sprint(p), stack: debug.Stack()}
	}
}

// run does one round after another until the engine stops.
func (l *loop) run(ctx context.Context) {
	l.askCensuses()
	for {
		t, more := l.next()
		if !more {
			break
		}
		if !l.round(ctx, t) {
			l.halted()
			break
		}
	}
	l.timer.Stop()
	l.censusTimer.Stop()
	l.refuseWaiting(errStopping())
}

// next waits for something to do and takes what else is waiting, up to the limits of a round.
func (l *loop) next() (turn, bool) {
	var t turn
	select {
	case <-l.stopping:
		return t, false
	case a := <-l.commands:
		t.asks = append(t.asks, a)
	case q := <-l.queries:
		t.queries = append(t.queries, q)
	case d := <-l.reports:
		t.deliveries = append(t.deliveries, d)
	case t.gone = <-l.gone:
	case <-l.timer.C:
	case <-l.censusTimer.C:
		l.censusTimer.Reset(censusInterval)
		l.censusAll()
	}
	t.deliveries = drain(l.reports, t.deliveries, maxReportsPerRound)
	// Queries before commands: a command that came before a query of this turn is in it too, and is applied first.
	t.queries = drain(l.queries, t.queries, maxQueriesPerRound)
	t.asks = drain(l.commands, t.asks, maxCommandsPerRound)
	return t, true
}

// drain adds what waits in a channel to taken, until that are limit.
func drain[T any](waiting <-chan T, taken []T, limit int) []T {
	for len(taken) < limit {
		select {
		case next := <-waiting:
			taken = append(taken, next)
		default:
			return taken
		}
	}
	return taken
}

// round decides, persists, and only then answers and acts. It returns false when the engine has to halt.
func (l *loop) round(ctx context.Context, t turn) bool {
	if t.gone != nil {
		l.log.Error("the store cannot be used any more", "error", t.gone)
		l.setHealth(l.clock.now(), Halted, l.trouble(t.gone))
		refuseAll(t.asks, l.errHalted())
		refuseAll(t.queries, l.errHalted())
		return false
	}
	l.noteCensuses(t.deliveries)
	begun := time.Now()
	r, view, broken := l.decide(t)
	l.options.Observer.Decided(t.size(), time.Since(begun))
	if broken != nil {
		refuseAll(t.queries, l.unavailable(broken))
		return l.afterFault(ctx, t, broken)
	}
	if !r.Delta.Empty() {
		if err := l.commit(ctx, &r); err != nil {
			refuseAll(t.queries, l.unavailable(err))
			return l.afterFailure(ctx, t, &r.Delta, err)
		}
		l.failures = 0
		l.setHealth(l.clock.last, Working, "")
	}
	l.noteHosts(r.Delta.Hosts)
	l.view.Store(&view)
	for _, a := range t.asks {
		a.settle()
	}
	l.handOut(r.Orders)
	l.askCensuses()
	l.tell(r.Notes)
	l.wake(r.WakeAt)
	return l.answer(ctx, t.queries)
}

// commit makes what a round changed durable, and lets readers of the log know.
func (l *loop) commit(ctx context.Context, r *sched.Round) error {
	begun := time.Now()
	err := l.options.Store.Commit(ctx, &r.Delta)
	l.options.Observer.Committed(time.Since(begun), err)
	if err != nil {
		return err
	}
	l.options.Observer.Kept(&r.Delta, r.Notes)
	if n := len(r.Delta.Transitions); n > 0 {
		l.watermark.advance(r.Delta.Transitions[n-1].Seq)
	}
	return nil
}

// decide has the machine work through a turn.
func (l *loop) decide(t turn) (r sched.Round, view sched.View, broken *fault) {
	defer catch(&broken)
	now := l.clock.now()
	for _, d := range t.deliveries {
		for _, f := range d.facts {
			l.apply(now, f)
		}
	}
	for _, a := range t.asks {
		a.reply, a.err = l.machine.Apply(now, a.command)
	}
	if !l.wakeAt.IsZero() && !now.Before(l.wakeAt) {
		l.apply(now, sched.Tick{})
	}
	l.machine.Dispatch(now)
	return l.machine.Take(), l.machine.View(), nil
}

// apply folds a fact in. Facts are never refused, so an error is a broken law.
func (l *loop) apply(now time.Time, f sched.Fact) {
	if _, err := l.machine.Apply(now, f); err != nil {
		panic(fmt.Sprintf("engine: the machine refused the fact %T: %v", f, err))
	}
}

// wake sets the timer to the earliest deadline.
func (l *loop) wake(at time.Time) {
	l.wakeAt = at
	if at.IsZero() {
		l.timer.Stop()
		return
	}
	l.timer.Reset(max(at.Sub(l.clock.now()), 0))
}

// handOut puts orders into the mailboxes of their drivers. An order for no host in particular, about an attempt
// that nobody knows, goes to every driver, and so does the release of a host that nobody knows.
func (l *loop) handOut(orders []sched.Order) {
	byDriver := map[*mailbox][]letter{}
	for _, o := range orders {
		kind, toAll := l.kindFor(o)
		if toAll {
			for _, m := range l.mailboxes {
				byDriver[m] = append(byDriver[m], letter{order: o})
			}
			continue
		}
		m := l.mailboxOf(kind)
		if m == nil {
			l.log.Error("no driver is there for an order; it is dropped and will be given again", "kind", kind, "host", hostOf(o))
			continue
		}
		byDriver[m] = append(byDriver[m], letter{order: o})
	}
	for m, letters := range byDriver {
		m.put(letters...)
	}
}

// kindFor returns the kind of the environments and hosts whose driver an order is for, or that it is for every driver.
func (l *loop) kindFor(o sched.Order) (kind batch.Kind, toAll bool) {
	if kind = kindOf(o); kind != "" {
		return kind, false
	}
	host := hostOf(o)
	kind, known := l.hosts[host]
	_, release := o.(sched.ReleaseHost)
	return kind, host == "" || release && !known
}

// noteCensuses keeps track of which censuses are on their way. A host that comes, or comes back, is a
// reason to ask for one.
func (l *loop) noteCensuses(deliveries []delivery) {
	for _, d := range deliveries {
		if d.census {
			delete(l.censusAsked, d.from)
		}
		if slices.ContainsFunc(d.facts, isHostReady) {
			l.censusDue[d.from] = true
		}
	}
}

func isHostReady(f sched.Fact) bool {
	reported, ok := f.(sched.Reported)
	if !ok {
		return false
	}
	_, ready := reported.Report.(batch.HostReady)
	return ready
}

func (l *loop) censusAll() {
	for _, m := range l.mailboxes {
		l.censusDue[m] = true
	}
}

// askCensuses puts the requests that are due behind the orders that were handed out, one at a time for each
// driver. The moment they carry parts what was ordered before from what is ordered after.
func (l *loop) askCensuses() {
	for _, m := range slices.Collect(maps.Keys(l.censusDue)) {
		if l.censusAsked[m] {
			continue
		}
		delete(l.censusDue, m)
		l.censusAsked[m] = true
		m.put(letter{census: l.clock.split()})
	}
}

func (l *loop) tell(notes []sched.Note) {
	for _, n := range notes {
		switch n.Kind {
		case sched.NoteLost:
			l.log.Warn(n.Text, "job", string(n.Job))
		case sched.NoteFault:
			l.log.Warn(n.Text)
		case sched.NoteWell:
			l.log.Info(n.Text)
		case sched.NoteStale:
			l.log.Debug(n.Text, "job", string(n.Job))
		case sched.NoteWaited: // for observers
		}
	}
}
