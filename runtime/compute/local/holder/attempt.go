//go:build linux || darwin

package holder

import (
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/local/process"
)

// attempt is one that the holder holds: it waits in its lane, runs, or ended and is kept until
// it is forgotten.
type attempt struct {
	order  Start
	around *Surroundings // of the runtime that ordered it
	state  compute.PresenceState

	// Of one that runs.
	began   batch.AttemptStarted
	process *process.Process
	output  *output
	scratch *scratch
	uid     uint32        // of the user that it has for itself; 0: none
	ended   *process.Exit // how its process ended; its output may still be being read
	drained bool          // the goroutine that read its output has ended
	left    process.Left  // what is known to be left of it after its end
	clearAt time.Time     // when it is looked again whether something is left; zero unless something was
	pause   time.Duration // before that
	since   int64         // when it was about to start, by sinceBoot
	killAt  time.Time     // when SIGKILL follows SIGTERM; zero unless it was stopped

	// Of one that ended.
	exit  batch.Exit
	waste string // its scratch directory, if that cannot be used again
}

func (a *attempt) presence() compute.Presence {
	p := compute.Presence{Attempt: a.order.Attempt, State: a.state}
	switch a.state {
	case compute.Running:
		p.Started = a.began
	case compute.Ended:
		p.Exit = a.exit
	case compute.WaitingAhead:
	}
	return p
}

// lane is the attempts that may follow one another.
type lane struct {
	running int
	waiting []*attempt // first come first; those recalled meanwhile are not waiting any more
}

// lanes holds them by name. A lane that is empty is not in it.
type lanes map[string]*lane

func (l lanes) of(name string) *lane {
	if l[name] == nil {
		l[name] = &lane{}
	}
	return l[name]
}

// mustWait puts a into its lane and reports true if another has to end first.
func (l lanes) mustWait(a *attempt) bool {
	lane := l.of(a.order.Lane)
	if !a.order.Ahead || lane.running == 0 {
		return false
	}
	lane.waiting = append(lane.waiting, a)
	return true
}

// withdraw takes a out of those that wait, and reports whether it was among them.
func (l lanes) withdraw(a *attempt) bool {
	lane := l[a.order.Lane]
	if lane == nil {
		return false
	}
	before := len(lane.waiting)
	lane.waiting = slices.DeleteFunc(lane.waiting, func(w *attempt) bool { return w == a })
	return len(lane.waiting) < before
}

// enter counts an attempt that takes a place of the lane.
func (l lanes) enter(name string) { l.of(name).running++ }

// leave gives a place back and returns the attempt that takes it next; nil if none waits.
func (l lanes) leave(name string) *attempt {
	lane := l.of(name)
	lane.running--
	for len(lane.waiting) > 0 {
		next := lane.waiting[0]
		lane.waiting[0] = nil
		lane.waiting = lane.waiting[1:]
		if next.state == compute.WaitingAhead {
			return next
		}
	}
	if lane.running == 0 {
		delete(l, name)
	}
	return nil
}
