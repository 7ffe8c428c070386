package sched

import (
	"fmt"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
	"github.com/batchd/terraform-provider-batch/runtime/place/history"
	"github.com/batchd/terraform-provider-batch/runtime/place/why"
	"github.com/batchd/terraform-provider-batch/runtime/registry"
	"github.com/batchd/terraform-provider-batch/runtime/sched/deadline"
	"github.com/batchd/terraform-provider-batch/runtime/sched/depend"
	"github.com/batchd/terraform-provider-batch/runtime/sched/flight"
	"github.com/batchd/terraform-provider-batch/runtime/sched/lane"
)

// Config is what a machine is told once.
type Config struct {
	// MaxArraySize is the largest array accepted, MinArraySize..MaxMaxArraySize; 0: the default.
	MaxArraySize int32
	// HostGrace is how long an attempt may be missing from censuses before it is lost.
	HostGrace time.Duration
	// LaunchPatience is how long a host that was ordered may take to be ready, and FirstPaid for how long one is paid at least, so that it
	// is not given back before; 0: ten minutes, and one.
	LaunchPatience, FirstPaid time.Duration
	// Provisioned are the kinds of environment whose driver makes what they need; see [batch.Provisioning].
	Provisioned []batch.Kind
}

// Machine is the scheduler's whole state. One goroutine owns it.
type Machine struct {
	config Config

	fleet      *fleet.Fleet      // environments and hosts
	queues     map[string]*queue // by name, without the deleted
	ranked     []*queue          // by priority, then name; nil when it must be made again
	queuesByID map[string]*queue
	revisions  map[string]int32
	policies   map[string]*policy
	history    history.Book       // how long attempts have run
	registry   *registry.Registry // what is kept and not scheduled

	faulty     map[*fleet.Host]bool // hosts with a fault
	closing    map[*fleet.Host]bool // hosts that are ready and close
	shown      map[*fleet.Host]bool // hosts that the view names: see [View.Hosts]
	jobs       jobs
	adoptable  map[adoptKey][]*job // the same by what a submission may adopt them by, first come first
	flights    flight.Board[*job]
	spared     map[*job]bool     // live attempts of released submissions, see [Machine.stopUnwanted]
	parked     map[*job]*entries // by array, the work that is kept back by its MaxConcurrency, first served on top
	recent     flight.Recent
	waits      *depend.Graph[*job]      // who waits for whom
	attempts   map[batch.AttemptID]*job // live attempts
	tokens     map[string]batch.JobID   // of submissions in memory and just ended
	lanes      lane.Lanes[*job]
	stamp      int64 // changes whenever work that did not fit may fit now
	deadlines  deadline.Heap[timer]
	lastSeq    int64                          // of submissions
	lastLine   int64                          // of the transition log
	lastOrder  int64                          // of starts, see [batch.Run.Order]
	round      round                          // what is being decided
	lastTokens []string                       // tokens in order of arrival, to bound the map
	reended    map[batch.JobID]batch.Time     // when jobs that were retried have ended again
	lastEnds   []batch.JobID                  // keys of reended in order of arrival, to bound the map
	missing    map[batch.AttemptID]batch.Time // first census that lacked a live attempt
	at         batch.Time                     // of the event or the pass; 0 while loading
	wakeAgain  batch.Time                     // when a Dispatch is wanted without an event; 0: never
	asked      map[string]batch.Time          // when the driver of an environment was asked to provision or retire it, by UUID; a hint
	prospects  map[*class]why.Prospect        // what work that waits is promised, as of the last round
	held       []*job                         // nodes that their hosts refused while the main node runs
	setBack    map[batch.Runner][]*job        // refused since anything started on such a runner
}

// round collects what one round changes.
type round struct {
	delta  batch.Delta
	dirty  []*job
	orders []Order
	notes  []Note
	shares map[shareID]int // where the rows of shares are in delta
	stocks map[string]int  // where the rows of consumable resources are in delta, by name
	// promoted are attempts that inherited a place and are not known to run.
	promoted []*job
}

// adoptKey is what a submission that adopts and the one it adopts have in common.
type adoptKey struct {
	queue *queue
	name  string
	key   string // see [batch.Job.Key]
}

// shareID names a share of a queue.
type shareID struct{ queueID, share string }

// Take returns what was decided since the last Take.
func (m *Machine) Take() Round {
	r := Round{Delta: m.round.delta, Orders: m.round.orders, Notes: m.round.notes, WakeAt: m.wakeAt().Std()}
	if n := len(m.round.dirty); n > 0 {
		r.Delta.Jobs = make([]batch.Job, 0, n)
		for _, j := range m.round.dirty {
			j.dirty = false
			r.Delta.Jobs = append(r.Delta.Jobs, j.snapshot())
		}
	}
	m.round = round{}
	return r
}

// audit adds the audit line of an accepted command.
func (m *Machine) audit(at batch.Time, by batch.Caller, action, resource string) {
	m.round.delta.Audits = append(m.round.delta.Audits, by.Audit(at, action, resource))
}

// logTransition adds a line to the transition log.
func (m *Machine) logTransition(t batch.Transition) {
	m.lastLine++
	t.Seq = m.lastLine
	m.round.delta.Transitions = append(m.round.delta.Transitions, t)
}

func (m *Machine) logMove(at batch.Time, id batch.JobID, from, to batch.Status) {
	m.logTransition(batch.Transition{Kind: batch.OfJob, Job: id, From: from, To: to, At: at})
}

func (m *Machine) order(o Order) { m.round.orders = append(m.round.orders, o) }

func (m *Machine) note(kind NoteKind, id batch.JobID, format string, args ...any) {
	m.round.notes = append(m.round.notes, Note{Kind: kind, Job: id, Text: fmt.Sprintf(format, args...)})
}

// wakeBy asks for a Dispatch at that time at the latest.
func (m *Machine) wakeBy(at batch.Time) {
	if m.wakeAgain == 0 || at < m.wakeAgain {
		m.wakeAgain = at
	}
}

// wakeAt is the earliest moment at which there is something to do without an event.
func (m *Machine) wakeAt() batch.Time {
	due := m.deadlines.Next()
	if m.wakeAgain != 0 && (due == 0 || m.wakeAgain < due) {
		return m.wakeAgain
	}
	return due
}
