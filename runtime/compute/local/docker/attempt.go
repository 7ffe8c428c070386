package docker

import (
	"context"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

// phase is how far an attempt is. It only grows, but for leftover, which may be ordered again.
type phase uint8

const (
	// leftover: its container was created and never started, and nobody attends it. It waits to be ordered again or stopped.
	leftover phase = iota
	// waiting in its lane.
	waiting
	// preparing: its image is pulled, its container created. It can still be recalled.
	preparing
	// launched: the daemon was asked to start it; from here on only the daemon can say.
	launched
	// ended: its exit is known.
	ended
	// forgotten: its container is being removed.
	forgotten
)

// attempt is one that the runner holds. Fields below mu of the Runner are guarded by it.
type attempt struct {
	identity
	start compute.Start // the order; zero for one that an earlier batchd started

	recalled chan struct{} // closed when it must not be started any more
	starved  chan struct{} // closed when the kernel ended a process of it for want of memory
	running  chan struct{} // closed when it is known to run or to have run
	done     chan struct{} // closed when it ended

	// Guarded by Runner.mu.
	phase     phase
	container string // id of its container; empty if there is none
	started   batch.AttemptStarted
	exit      batch.Exit
	stopping  bool
	oom       bool               // starved is closed
	over      bool               // its container had ended when it was found again
	cut       context.CancelFunc // ends the reading of its output; nil while nothing is read
	again     *compute.Start     // of one that is forgotten: it was ordered again meanwhile

	// Of the goroutine that attends it.
	found  bool           // its container was started by an earlier batchd
	stream *joblog.Stream // nil until it is known where its log ends
	recent recent         // the end of what was read of its output
	apart  bool           // a connection to the daemon was lost, and it is not known that the daemon was there all the time
	heard  batch.Time     // of one that is apart: a time of the daemon's clock before that; zero if none is known
}

func newAttempt(id identity, order compute.Start) *attempt {
	return &attempt{
		identity: id, start: order,
		recalled: make(chan struct{}), starved: make(chan struct{}), running: make(chan struct{}), done: make(chan struct{}),
	}
}

// lane is the attempts of one lane: how many hold a place, and who waits for one.
type lane struct {
	busy    int
	waiting []*attempt // first come, first served
}

// place puts a new attempt into its lane, with mu held: it runs now unless it may wait and has to.
func (r *Runner) place(a *attempt) {
	l := r.lane(a.lane)
	if a.start.Ahead && l.busy > 0 {
		a.phase = waiting
		l.waiting = append(l.waiting, a)
		return
	}
	r.begin(l, a)
}

// lane returns the lane of that name, with mu held.
func (r *Runner) lane(name string) *lane {
	l := r.lanes[name]
	if l == nil {
		l = &lane{}
		r.lanes[name] = l
	}
	return l
}

// begin gives a its place in l and a goroutine that attends it to its end, with mu held.
func (r *Runner) begin(l *lane, a *attempt) {
	l.busy++
	a.phase = preparing
	r.spawn(func(ctx context.Context) { r.execute(ctx, a) })
}

// leave takes a out of its lane, with mu held, and lets the next one in if a held a place.
func (r *Runner) leave(a *attempt) {
	l := r.lanes[a.lane]
	switch a.phase {
	case waiting:
		for i, w := range l.waiting {
			if w == a {
				l.waiting = append(l.waiting[:i:i], l.waiting[i+1:]...)
				break
			}
		}
	case preparing, launched:
		l.busy--
		if len(l.waiting) > 0 {
			next := l.waiting[0]
			l.waiting = l.waiting[1:]
			r.begin(l, next)
		}
	case leftover, ended, forgotten:
		return
	}
	if l.busy == 0 && len(l.waiting) == 0 {
		delete(r.lanes, a.lane)
	}
}

// end records how a ended and reports it.
func (r *Runner) end(a *attempt, exit batch.Exit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.endLocked(a, exit)
}

func (r *Runner) endLocked(a *attempt, exit batch.Exit) {
	if a.phase >= ended {
		return
	}
	exit.Attempt, exit.BaseKey = a.attempt, a.baseKey
	exit.Reason = truncate(exit.Reason, batch.MaxReasonLength)
	if exit.StoppedAt == 0 {
		exit.StoppedAt = now()
	}
	r.reports.Put(batch.AttemptExited{Exit: exit})
	r.leave(a)
	a.exit, a.phase, a.start = exit, ended, compute.Start{}
	close(a.done)
}

// truncate cuts s to at most n bytes, at the border of a character.
func truncate(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
