package sched

import (
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Event is something the machine is told: a [Command] or a [Fact].
type Event interface{ event() }

// Command comes from a client. It may be refused with a [*batch.Error], and then has
// changed nothing. Ids it carries were minted by the caller.
//
// A command is a struct that embeds replies and [batch.Caller] and has an apply method. Its struct, its reply and that method stand
// together, in the file of the noun that it is about.
type Command interface {
	Event
	// apply checks everything and then changes the machine. What it returns is made by reply.
	apply(m *Machine, at batch.Time) (any, error)
}

// Returning ties a command to the type of its reply.
type Returning[R any] interface {
	Command
	// Returns is never called; its parameter is the type of the reply.
	Returns(R)
}

// replies is embedded by a command whose reply is an R.
type replies[R any] struct{}

func (replies[R]) event() {}

// Returns implements [Returning].
func (replies[R]) Returns(R) {}

// reply is what apply returns of a command that is accepted. It ties what is returned to what is announced.
func (replies[R]) reply(r R) (any, error) { return r, nil }

// Done is the reply of commands that have nothing to say.
type Done struct{}

// Fact is something that happened. It cannot be refused: it is folded in, or it is
// stale and ignored.
type Fact interface {
	Event
	// fold takes it into the machine, unless it is stale.
	fold(m *Machine, at batch.Time)
}

// Apply tells the machine one event. Only commands return errors, and a command that does
// has changed nothing. The reply of a command is of the type its Returns method names.
func (m *Machine) Apply(now time.Time, ev Event) (any, error) {
	m.at = batch.At(now)
	switch ev := ev.(type) {
	case Command:
		return ev.apply(m, m.at)
	case Fact:
		ev.fold(m, m.at)
	}
	return nil, nil
}

// Round is what was decided since the last Take.
type Round struct {
	Delta  batch.Delta // rows; durable BEFORE any reply or order leaves
	Orders []Order     // in the order they must be given
	Notes  []Note      // for log and metrics; losing one changes nothing
	WakeAt time.Time   // the earliest deadline held; zero for none
}

// Order is something a driver is to do: [ProvisionEnvironment], [RetireEnvironment], [LaunchHosts], [ReleaseHost], [StartAttempt],
// [StopAttempt] or [ForgetAttempt]. It is named by its environment, group, host or attempt, so giving it twice is harmless.
//
//sumtype:decl
type Order interface{ order() }

// StartAttempt is the order to run an attempt on a host. What it runs is read from the
// specification of its submission.
type StartAttempt struct {
	Attempt     batch.AttemptID
	Host        string
	Environment string
	QueueName   string
	Lane        string
	Ahead       bool // see [batch.Run.Ahead]
	Points      bool // the child has parameters of its own
	// ArraySize is the size of the array of a child; 0 for any other job.
	ArraySize int32
	// NodeCount and MainNode are how many nodes a multi-node job has and which of them is the main one, and MainAddress
	// where that is reached. They are set for a node; MainAddress is empty for the main node.
	NodeCount, MainNode int32
	MainAddress         string
}

// StopAttempt is the order to end an attempt; Recall: only if it has not started.
type StopAttempt struct {
	Attempt batch.AttemptID
	Host    string
	Recall  bool
	Runner  batch.Runner // empty: not known
}

// ForgetAttempt lets a driver let go of an attempt whose end is committed.
type ForgetAttempt struct {
	Attempt batch.AttemptID
	Host    string
}

// LaunchHosts is the order to launch the hosts of a group. It has the ids that they are known by from then on. A repetition names
// those that have not become an instance yet, and is the same otherwise; see [batch.Launch].
type LaunchHosts struct {
	Group       string
	Environment string
	Kind        batch.Kind
	Offers      []batch.Offer
	Count       int
	Hosts       []string
	Together    bool
	Spec        string
}

// ReleaseHost is the order to give a host back, whether it is there, on its way or not known. No attempt is on it.
type ReleaseHost struct {
	Host string
}

// ProvisionEnvironment is the order to make what an environment needs as of its revision. Hosts are those that were launched for it.
type ProvisionEnvironment struct {
	Environment batch.Environment
	Hosts       []batch.Host
}

// RetireEnvironment is the order to remove all that was made for an environment, in which nothing runs any more.
type RetireEnvironment struct {
	Environment batch.Environment
}

func (LaunchHosts) order()          {}
func (ReleaseHost) order()          {}
func (ProvisionEnvironment) order() {}
func (RetireEnvironment) order()    {}
func (StartAttempt) order()         {}
func (StopAttempt) order()          {}
func (ForgetAttempt) order()        {}

// Note is a hint for people: what happened, to what.
type Note struct {
	Kind NoteKind
	Job  batch.JobID
	Text string
	// Queue and For are set for NoteWaited alone.
	Queue string
	For   time.Duration
}

// NoteKind sorts notes.
type NoteKind uint8

// The kinds of note.
const (
	NoteStale  NoteKind = iota + 1 // a report about something already settled
	NoteLost                       // an attempt whose outcome is unknown
	NoteFault                      // a runner of a host starts nothing
	NoteWell                       // it does again
	NoteWaited                     // a job or child of Queue was RUNNABLE for that long and is STARTING now; without Text
)
