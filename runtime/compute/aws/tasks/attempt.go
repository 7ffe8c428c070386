package tasks

import (
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// phase is how far an attempt is. It only grows.
type phase uint8

const (
	// sought: it is to be stopped, and it is not known whether there is a task of it: a cluster is still being listed.
	sought phase = iota
	// waiting in its lane.
	waiting
	// preparing: its task definition is looked for, or its turn has not come. It can still be recalled.
	preparing
	// asked: RunTask was called. Only ECS can say whether it runs.
	asked
	// begun: its task is known.
	begun
	// finishing: its task has stopped, and its result is read.
	finishing
	// ended: its exit is known.
	ended
)

// attempt is one that the runner holds. The mutex of the runner guards it.
type attempt struct {
	id      batch.AttemptID
	order   compute.Start // zero of one that an earlier batchd started
	cluster *cluster      // nil before it is known where it runs
	account string        // of its log
	host    string        // empty if it is not known
	label   label
	holds   batch.Shape // of its host
	phase   phase

	recalled chan struct{} // closed when it must not be asked for any more
	over     chan struct{} // closed when it has ended
	stopping bool

	task    string // the ARN of its task
	version int64  // of what is known of the task
	seen    time.Time
	misses  int // looks in a row that have not seen it

	started batch.AttemptStarted // At is 0 before it runs
	exit    batch.Exit
}

// label is what must be known of an attempt after a restart. It is in the tags of its task.
type label struct {
	baseKey string
	// logGroup and logPrefix say where its output goes; empty if that cannot be read.
	logGroup, logPrefix string
	wrapped             bool
	host                string
}

func newAttempt(id batch.AttemptID) *attempt {
	return &attempt{id: id, recalled: make(chan struct{}), over: make(chan struct{})}
}

// lane is the attempts of one lane: how many hold a place, and who waits for one.
type lane struct {
	busy    int
	waiting []*attempt // first come, first served
}

// place puts a new attempt into its lane: it is asked for now unless it may wait and has to. The mutex is held.
func (r *Runner) place(a *attempt) {
	l := r.lane(a.order.Lane)
	if a.order.Ahead && l.busy > 0 {
		a.phase = waiting
		l.waiting = append(l.waiting, a)
		return
	}
	r.begin(l, a)
}

// lane returns the lane of that name. The mutex is held.
func (r *Runner) lane(name string) *lane {
	l := r.lanes[name]
	if l == nil {
		l = &lane{}
		r.lanes[name] = l
	}
	return l
}

// begin gives a its place in l and has it launched. The mutex is held.
func (r *Runner) begin(l *lane, a *attempt) {
	l.busy++
	a.phase = preparing
	r.launchSoon(a)
}

// leave takes a out of its lane, and lets the next one in if a held a place. The mutex is held.
func (r *Runner) leave(a *attempt) {
	l := r.lanes[a.order.Lane]
	if l == nil || a.order.Attempt != a.id { // it was not ordered here
		return
	}
	if a.phase == waiting {
		for i, w := range l.waiting {
			if w == a {
				l.waiting = append(l.waiting[:i:i], l.waiting[i+1:]...)
				break
			}
		}
	} else {
		l.busy--
		if len(l.waiting) > 0 {
			next := l.waiting[0]
			l.waiting = l.waiting[1:]
			r.begin(l, next)
		}
	}
	if l.busy == 0 && len(l.waiting) == 0 {
		delete(r.lanes, a.order.Lane)
	}
}

// finish records how a ended and reports it. The mutex is held.
func (r *Runner) finish(a *attempt, x batch.Exit) {
	if a.phase == ended {
		return
	}
	x.Attempt, x.BaseKey = a.id, a.label.baseKey
	if x.StoppedAt == 0 {
		x.StoppedAt = batch.At(time.Now())
	}
	if x.Kind == batch.Refused {
		r.countRefusal(a.id)
	}
	r.options.Report(batch.AttemptExited{Exit: x})
	r.leave(a)
	a.exit, a.phase, a.order = x, ended, compute.Start{}
	close(a.over)
}

// finishNow is finish for those who do not hold the mutex.
func (r *Runner) finishNow(a *attempt, x batch.Exit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.finish(a, x)
}
