package sched

import "github.com/batchd/terraform-provider-batch/runtime/batch"

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

// Reported is what a driver said.
type Reported struct{ Report batch.Report }

func (Reported) event() {}

func (f Reported) fold(m *Machine, at batch.Time) { m.report(at, f.Report) }

// Census is everything a driver holds, asked for at AsOf: every attempt on Hosts that was
// ordered before AsOf is in it, or is lost.
type Census struct {
	AsOf batch.Time
	// Kinds are those that the driver serves: a launched host of one of them which is not listed is gone.
	Kinds []batch.Kind
	Hosts []batch.Host // that take attempts
	// Coming are hosts on their way.
	Coming []batch.HostComing
	// Faults say of each runner of Hosts that the driver watches whether it is at fault.
	Faults  []batch.HostFault
	Waiting []batch.AttemptID
	Running []batch.AttemptStarted
	Ended   []batch.Exit
	// Untaken are attempts whose starts the driver has not been given yet, because calls of it fail: nothing follows from their
	// absence.
	Untaken []batch.AttemptID
	// UntakenHosts are hosts whose launches it has not been given yet.
	UntakenHosts []string
}

func (Census) event() {}

func (f Census) fold(m *Machine, at batch.Time) { m.census(at, f) }

// Tick says that time has passed: deadlines are due.
type Tick struct{}

func (Tick) event() {}

func (Tick) fold(m *Machine, at batch.Time) { m.expire(at) }
