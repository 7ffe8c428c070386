// Package compute is the world border: what the engine asks of the places that jobs
// run on, and what they report. See computetest for the behaviour every driver must have.
package compute

import (
	"context"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Driver runs attempts on hosts of the kinds that it serves. Every order is named by the id it carries
// and may be repeated; a repeated or outdated one is harmless. A method that returns an
// error may have done part of its work, and is called again later; one that returns a [Refusal] has done nothing.
// Methods are called from one goroutine at a time and return when ctx ends, at the latest: orders of other attempts wait meanwhile.
// Orders about one attempt, and starts in one lane, come in the order in which they were decided.
type Driver interface {
	// Kinds are the kinds of host that the driver serves: one or more, always the same. No other driver serves one of them.
	Kinds() []batch.Kind
	// Start runs attempts, those marked Ahead when one of their lane ends. An attempt that cannot be
	// started is reported as an exit, never as an error: of kind FailedToStart if that is its own fault, and of kind Refused if it is
	// the machine's. Then the driver watches the cause, and reports a [batch.HostFault] when it begins and when it has ended.
	// Starting an attempt that is known, running or ended does nothing; starting one that waits, without
	// Ahead, runs it now: the caller gave it resources of its own.
	Start(ctx context.Context, starts []Start) error
	// Stop ends attempts: SIGTERM to the whole process group, SIGKILL after the grace. One
	// that waits is not started and reported as Recalled; one that ended is left alone. An attempt that is
	// unknown is remembered as not to be started and reported as Recalled.
	Stop(ctx context.Context, stops []Stop) error
	// Forget lets go of what is kept of ended attempts: exit, container, scratch directory.
	// It is ordered after the exit is committed. Logs stay.
	Forget(ctx context.Context, attempts []batch.AttemptID) error
	// Census lists every attempt the driver holds: waiting, running, or ended and not forgotten.
	Census(ctx context.Context) (Census, error)
	// Reports is where the driver says what happened, in order, in slices as they come.
	// The receiver may be slow; the driver keeps what it cannot say yet.
	Reports() <-chan []batch.Report
}

// Launcher is implemented by drivers whose hosts are launched by order. What becomes of an order is reported: [batch.HostComing] while a host
// is on its way, which says what it became once that is known, then [batch.HostReady], or [batch.HostRefused] if no pool gives it;
// [batch.HostClosing] when it is going to end, and [batch.HostGone] at its end, whatever the cause.
type Launcher interface {
	Driver
	// Launch asks for hosts, all for one environment. A host that is known, on its way, ready or gone, is not launched again. A
	// [Refusal] is of all of them; if only some are refused, that is reported.
	Launch(ctx context.Context, launches []Launch) error
	// Release gives hosts back, ready or on their way, with whatever runs there. A host that is unknown is remembered as not to be launched.
	Release(ctx context.Context, hosts []string) error
}

// Launch asks for the hosts of one group. It is one call that may be repeated, even by a driver that does not know of the first one:
// Group is its token, and all but Hosts is the same in each repetition.
type Launch struct {
	// Group is an id that was committed before the order, and is never used for another group. See [batch.Launch].
	Group       string
	Environment string        // the name of the environment that they are for
	Offers      []batch.Offer // any of them will do, those preferred first; all of one market
	Count       int           // hosts of the group when it was ordered first
	Hosts       []string      // the ids of those that have not become an instance yet, as far as the rows say; at most Count
	Together    bool          // all of them come, and from one zone, or none does
	Spec        string        // that of the environment when the group was ordered first; see [batch.EnvironmentReady]
}

// Pools are those that the hosts may come from.
func (l Launch) Pools() []batch.Pool {
	pools := make([]batch.Pool, len(l.Offers))
	for i, o := range l.Offers {
		pools[i] = o.Pool
	}
	return pools
}

// Provisioner is implemented by drivers whose environments need things that are made in an account.
type Provisioner interface {
	Launcher
	// Provision makes what environments need, or brings it to what they ask for as of their revision, and takes over the hosts that the
	// rows have. It is ordered for every environment after each start of batchd, after each update, and again until its outcome is
	// reported: as [batch.EnvironmentReady] or [batch.EnvironmentFailed] of that revision, also if nothing has to be done. It returns
	// before that; what is under way is not begun again. A [Refusal] fails all of them.
	Provision(ctx context.Context, provisions []Provision) error
	// Retire removes everything that was made for environments, instances and tasks too. It is ordered again until it is reported as
	// [batch.EnvironmentRetired], which means that nothing is left; so it is for an environment that is unknown.
	Retire(ctx context.Context, retirements []Retirement) error
}

// Provision asks for one environment.
type Provision struct {
	// Environment is its row. What it asks for is in Kind, State, Max, MinMilliCPU and its document.
	Environment batch.Environment
	// Hosts are those that were launched for it and are not gone, as the rows have them: with their groups, and their names once known.
	Hosts []batch.Host
}

// Retirement asks for the end of one environment. No attempt is in it.
type Retirement struct{ Environment batch.Environment }

// Lifecycle is how a driver is started and stopped; the names differ from the house's Start and
// Stop because those are orders here. Open reports a [batch.HostReady] for each host that is there;
// Close waits for the driver's goroutines and leaves attempts running.
type Lifecycle interface {
	Open(ctx context.Context) error
	Close(ctx context.Context) error
}

// ImageResolver is implemented by drivers that can say which content an image
// reference stands for now, without fetching it. An unknown image gives "" and no error.
type ImageResolver interface {
	ImageDigest(ctx context.Context, image string) (string, error)
}

// Start is the order to run one attempt.
type Start struct {
	Attempt batch.AttemptID
	// Host is the id of the host to run it on, one that the driver has reported.
	Host string
	// Lane names attempts that may follow one another: same environment, same shape.
	Lane string
	// Ahead: wait until an attempt of the same lane ends, then run in its place, first come first served.
	Ahead bool
	// Container has its placeholders resolved.
	Container batch.Container
	// Environment is the full set of variables of the job, "NAME=value", the service's own included,
	// but for BATCH_RESULT_FILE, which the driver sets.
	Environment []string
	// DefinitionName is for people who look at containers and log streams.
	DefinitionName string
	StopGrace      time.Duration
	BaseKey        string // echoed in the exit
}

// Stop is the order to end one attempt.
type Stop struct {
	Attempt batch.AttemptID
	// Recall: only if it has not started; an attempt that runs is left alone.
	Recall bool
	// Runner is what the attempt was ordered for; empty if that is not known.
	Runner batch.Runner
}

// Presence is what a census says of one attempt.
type Presence struct {
	Attempt batch.AttemptID
	// State is WaitingAhead, Running or Ended.
	State PresenceState
	// Started is set for Running, Exit for Ended.
	Started batch.AttemptStarted
	Exit    batch.Exit
}

// PresenceState is how an attempt is present.
type PresenceState uint8

// The states of presence.
const (
	WaitingAhead PresenceState = iota + 1
	Running
	Ended
)

// Census is everything a driver holds at one moment.
type Census struct {
	Hosts []batch.Host // that take attempts
	// Coming are hosts of a [Launcher] that are on their way. A host that is neither there nor coming is gone.
	Coming []batch.HostComing
	// Faults say of each runner of a host whether it starts nothing, and whether its attempts are missing here; those that are
	// well have no reason.
	Faults   []batch.HostFault
	Attempts []Presence
}
