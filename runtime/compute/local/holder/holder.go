//go:build linux || darwin

package holder

import (
	"log/slog"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/local/process"
	"github.com/batchd/terraform-provider-batch/runtime/fifo"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

// followAfter is how old a process gets before its output is read as it comes, and followEvery how
// often young ones are looked at.
const (
	followAfter = 5 * time.Millisecond
	followEvery = 10 * time.Millisecond
)

// holder is the state of the process.
type holder struct {
	mu    sync.Mutex // held for a turn; guards everything but mail
	armed time.Time  // when the loop wakes by itself; zero for never

	dir    *directory
	own    Surroundings  // of this process
	around *Surroundings // of the runtime that gives orders: of the last client
	log    *slog.Logger

	mail     *fifo.Queue[message]
	launcher *process.Launcher
	reaper   *process.Reaper
	logs     *joblog.Writer
	journal  *journal
	scratch  *scratchPool

	attempts  map[batch.AttemptID]*attempt
	order     []batch.AttemptID // of attempts, as they came; forgotten ones are dropped now and then
	lanes     lanes
	users     users
	byPID     map[int]*attempt
	running   int                   // those whose exit or output is outstanding
	young     []*attempt            // running ones whose output is not followed yet
	lookAt    time.Time             // when the young are looked at again
	stopping  map[*attempt]struct{} // those with killAt
	clearing  map[*attempt]struct{} // those with clearAt
	client    *session              // nil if nobody is connected
	idleFrom  time.Time             // since when there is nothing to do and nobody is connected; zero while there is
	ending    bool
	compacted int64 // size of the journal when it was last shortened
	failing   bool  // the journal could not be written the last time
	moved     bool  // the path of the state directory does not name it any more
	fitness   fitness
	server    *server
	watchAt   time.Time // when the state directory is looked at again
	deaf      bool      // the socket was removed, and could not be made again the last time

	// Of the turn.
	starting []*attempt
	closing  []*attempt // ended, but their log is not flushed yet
	events   []*attempt // to be reported: started or ended, as their state says
	census   uint64     // Seq of the request that asked for one; 0 for none
	done     uint64
}

// message is one thing that happened: exactly one field is set.
type message struct {
	hello   *session // a client came
	bye     *session // it went
	request *Request
	from    *session      // of request
	exit    *process.Exit // a child ended
	drained *attempt      // the pipe of a followed one was read to its end
}

// turn takes everything that happened and does all that follows. Exits are safe in the journal
// before the next start; a start is noted before it is done, and waits for as long as it cannot be.
func (h *holder) turn(messages []message, now time.Time) {
	for _, m := range messages {
		h.take(&m, now)
	}
	h.kill(now)
	for a := range h.clearing {
		if !now.Before(a.clearAt) {
			h.clear(a, now)
		}
	}
	h.follow(now)
	h.fitness.try(now, h.trial)
	for h.settle(); h.mayStart(); h.settle() {
		h.start()
	}
	h.answer()
}

// mayStart reports whether something is to be started and can be. A holder whose state directory was moved starts nothing:
// jobs would be told paths that do not exist. The client gives its orders again to the next holder.
func (h *holder) mayStart() bool { return len(h.starting) > 0 && !h.failing && !h.moved }

func (h *holder) take(m *message, now time.Time) {
	switch {
	case m.exit != nil:
		h.processEnded(m.exit, now)
	case m.drained != nil:
		h.outputEnded(m.drained)
	case m.request != nil && m.from == h.client:
		h.obey(m.request)
	case m.hello != nil:
		if h.client != nil {
			h.client.close()
		}
		h.client, h.events, h.done = m.hello, nil, 0
		h.around = &h.own
		if m.hello.around != nil {
			h.around = m.hello.around
		}
		h.lookAround()
		h.ending = h.ending || h.outdated() && !h.busy() // before this client orders anything
		h.fitness.told = ""
	case m.bye != nil && m.bye == h.client:
		h.client = nil
	}
}

// obey does one request.
func (h *holder) obey(r *Request) {
	for i := range r.Starts {
		h.add(&r.Starts[i])
	}
	for _, s := range r.Stops {
		h.stop(s)
	}
	for _, id := range r.Forget {
		h.forget(id)
	}
	if r.Census {
		h.census = r.Seq
	}
	if r.Shutdown {
		h.shutDown()
	}
	h.done = r.Seq
}

// add takes an order to run an attempt.
func (h *holder) add(s *Start) {
	if h.ending {
		return
	}
	if known := h.attempts[s.Attempt]; known != nil {
		h.promote(known, s.Ahead)
		return
	}
	a := h.hold(s)
	if h.lanes.mustWait(a) {
		return
	}
	h.lanes.enter(s.Lane)
	h.starting = append(h.starting, a)
}

// promote runs an attempt that waits in its lane and was ordered again with a place of its own.
func (h *holder) promote(a *attempt, ahead bool) {
	if ahead || !h.lanes.withdraw(a) {
		return
	}
	h.lanes.enter(a.order.Lane)
	h.starting = append(h.starting, a)
}

// hold keeps an attempt that waits.
func (h *holder) hold(s *Start) *attempt {
	a := &attempt{order: *s, around: h.around, state: compute.WaitingAhead}
	h.attempts[s.Attempt] = a
	h.order = append(h.order, s.Attempt)
	return a
}

func (h *holder) stop(s compute.Stop) {
	a := h.attempts[s.Attempt]
	switch {
	case a == nil:
		h.end(h.hold(&Start{Attempt: s.Attempt}), batch.Exit{Kind: batch.Recalled})
	case a.state == compute.WaitingAhead:
		h.end(a, batch.Exit{Kind: batch.Recalled})
		if at := slices.Index(h.starting, a); at >= 0 {
			h.starting = slices.Delete(h.starting, at, at+1)
			h.advance(a.order.Lane)
		}
	case a.state == compute.Running && a.ended == nil && !s.Recall && a.killAt.IsZero():
		h.reaper.Signal(a.process.PID, syscall.SIGTERM)
		a.killAt = time.Now().Add(a.order.Grace)
		h.stopping[a] = struct{}{}
	}
}

func (h *holder) forget(id batch.AttemptID) {
	a := h.attempts[id]
	if a == nil || a.state != compute.Ended {
		return
	}
	delete(h.attempts, id)
	if a.waste != "" {
		h.scratch.discard(a.waste)
	}
	h.journal.add(&entry{Op: opForget, Attempt: id})
}

// shutDown ends everything: what waits is recalled, what runs is killed.
func (h *holder) shutDown() {
	h.ending = true
	for _, id := range h.order {
		if a := h.attempts[id]; a != nil && a.state == compute.WaitingAhead {
			h.end(a, batch.Exit{Kind: batch.Recalled})
		}
	}
	h.starting = nil
	for pid := range h.byPID {
		h.reaper.Signal(pid, syscall.SIGKILL)
	}
}

// kill ends those that were asked to end and did not within their grace.
func (h *holder) kill(now time.Time) {
	for a := range h.stopping {
		if !now.Before(a.killAt) {
			h.reaper.Signal(a.process.PID, syscall.SIGKILL)
			delete(h.stopping, a)
		}
	}
}

// follow begins to read the output of processes that are not young any more.
func (h *holder) follow(now time.Time) {
	if now.Before(h.lookAt) {
		return
	}
	h.lookAt = now.Add(followEvery)
	keep := h.young[:0]
	for _, a := range h.young {
		switch age := now.Sub(a.began.At.Std()); {
		case a.state != compute.Running || a.ended != nil:
		case age < followAfter:
			keep = append(keep, a)
		default:
			a.output.follow(func() { h.mail.Put(message{drained: a}) })
		}
	}
	clear(h.young[len(keep):])
	h.young = keep
}

// wake is when there is something to do without a message; zero for never.
func (h *holder) wake(now time.Time) time.Time {
	var at time.Time
	sooner := func(t time.Time) {
		if at.IsZero() || t.Before(at) {
			at = t
		}
	}
	if len(h.young) > 0 {
		sooner(h.lookAt)
	}
	for a := range h.stopping {
		sooner(a.killAt)
	}
	for a := range h.clearing {
		sooner(a.clearAt)
	}
	if h.failing {
		sooner(now.Add(journalRetry))
	}
	if h.fitness.reason != "" {
		sooner(h.fitness.tryAt)
	}
	if h.client == nil && !h.ending {
		sooner(h.watchAt)
	}
	return at
}
