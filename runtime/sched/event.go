package sched

import (
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Event is something the machine is told: a [Command] or a [Fact].
//
//sumtype:decl
type Event interface{ event() }

// Command comes from a client. It may be refused with a [*batch.Error], and then has
// changed nothing. Ids it carries were minted by the caller.
type Command interface {
	Event
	// Caller says who asks, for the audit line.
	caller() Caller
}

// Returning ties a command to the type of its reply.
type Returning[R any] interface {
	Command
	// Returns is never called; its parameter is the type of the reply.
	Returns(R)
}

// Caller says who gave a command and from where.
type Caller struct {
	Who    string // access key id, or "anonymous"
	Source string // remote address
}

func (c Caller) caller() Caller { return c }

// Done is the reply of commands that have nothing to say.
type Done struct{}

// CreateEnvironment makes a compute environment. State and Health are set by the machine if empty.
type CreateEnvironment struct {
	Caller
	Environment batch.Environment
	Tags        map[string]string
}

// UpdateEnvironment changes a compute environment; nil fields keep what is there.
type UpdateEnvironment struct {
	Caller
	Name      string
	State     *batch.State
	Kind      *batch.Kind // EC2 and SPOT may change into each other
	MilliCPU  *int64
	MemoryMiB *int64
	Patch     []byte // merged into the stored document
	// Basis is the stored document that the update was checked against; the update is refused with [ErrStale] once there is
	// another one. Nil is not compared.
	Basis []byte
}

// DeleteEnvironment deletes a disabled compute environment that no queue orders.
type DeleteEnvironment struct {
	Caller
	Name string
}

// CreateQueue makes a job queue over environments that exist and are valid.
type CreateQueue struct {
	Caller
	Queue batch.Queue
	Tags  map[string]string
}

// UpdateQueue changes a job queue; nil fields keep what is there.
type UpdateQueue struct {
	Caller
	Name         string
	State        *batch.State
	Priority     *int32
	Environments []batch.EnvironmentOrder // nil keeps, else replaces
	Policy       *string                  // name; swaps a policy, never adds or removes one
	Strict       *bool
	TimeLimits   []batch.TimeLimit // nil keeps, else replaces
	Patch        []byte
}

// DeleteQueue deletes a disabled queue and terminates its jobs.
type DeleteQueue struct {
	Caller
	Name string
}

// RegisterDefinition adds a revision; the machine numbers it.
type RegisterDefinition struct {
	Caller
	Definition batch.Definition
	Tags       map[string]string
	LogNames   []LogName // where the output of its jobs is found
}

// LogName is where output is found: a log group, and whether a prefix of its own begins the names of the streams.
type LogName struct {
	Group    string
	Prefixed bool
}

// RegisterReply names the new revision.
type RegisterReply struct{ Ref batch.DefinitionRef }

// DeregisterDefinition makes one revision INACTIVE. It needs the definition.
type DeregisterDefinition struct {
	Caller
	Ref   batch.DefinitionRef
	Given Given
}

// NodeOverrides change the nodes of a multi-node job.
type NodeOverrides struct {
	Count  *int32 // nil keeps the definition's
	Ranges []NodeOverride
}

// NodeOverride changes the nodes From..To, inclusive; To -1 is the last node.
type NodeOverride struct {
	From, To    int32
	Overrides   Overrides
	Consumables []batch.Need // nil keeps
}

// Overrides are the containerOverrides of a submission; nil fields keep the definition's.
type Overrides struct {
	Command     []string // nil keeps
	Environment []batch.EnvVar
	MilliCPU    *int64
	MemoryMiB   *int64
	GPUs        *int64
	// DeprecatedMilliCPU and DeprecatedMemoryMiB are what vcpus and memory say. They change only what the definition
	// says by the same members.
	DeprecatedMilliCPU  *int64
	DeprecatedMemoryMiB *int64
}

// SubmitJob submits a single job (Size 0 and no Points) or an array. It needs the definition,
// and whatever it depends on that has ended.
type SubmitJob struct {
	Caller
	ID            batch.JobID
	Name          string
	Queue         string
	Definition    batch.DefinitionRef
	Size          int32
	Points        []map[string]string // len is the size
	DependsOn     []batch.Dependency
	Parameters    map[string]string
	Overrides     Overrides
	Retry         *batch.Retry
	Timeout       *time.Duration
	PropagateTags *bool
	Tags          map[string]string
	Inputs        map[string]string
	Triggers      map[string]string // take part in the keys of its points, and in nothing else
	Script        string            // replaces the definition's; empty keeps it
	Reuse         bool
	// Readable are patterns of the names of the queues whose results it may take; empty: every queue.
	Readable []string
	// Reach is the most that its attempts may reach of the machine they run on; 0: everything.
	Reach batch.Reach
	// Claim holds the submission for [batch.ClaimLapse], and then for as long as [ClaimJob] says; empty: nobody holds it.
	Claim string
	// Adopt, of a submission with a claim and Reuse, adds the claim to a live submission of the same queue, name and key, if
	// there is one, and makes no other.
	Adopt    bool
	Share    string // required in a queue with a fair-share policy, refused in another
	Priority *int32 // schedulingPriorityOverride, 0..9999
	// MaxConcurrency is how many children may be live at once; 0: no bound.
	MaxConcurrency int32
	// FailOnResultError makes an attempt fail whose result is not taken.
	FailOnResultError bool
	Consumables       []batch.Need // nil keeps the definition's
	Nodes             NodeOverrides
	Token             string // recognises a repeated submit; empty for none
	Body              []byte
	Given             Given
}

// SubmitReply names the job: the new one, the one that the same token made before, or one that was adopted.
type SubmitReply struct {
	ID      batch.JobID
	Name    string
	Adopted bool
}

// ClaimJob keeps or renews a claim of a submission that has not ended, or makes one.
type ClaimJob struct {
	Caller
	ID    batch.JobID
	Claim string
	For   time.Duration // 0: until it is given up
}

// ClaimReply says whether the claim is held: it is not if the submission has ended.
type ClaimReply struct{ Held bool }

// ReleaseJob gives up a claim. With End, the submission is ended, for Reason, once nobody has a claim any more.
type ReleaseJob struct {
	Caller
	ID     batch.JobID
	Claim  string
	End    bool
	Reason string
}

// CancelJob ends a job that has not started. Unknown and ended jobs are left alone.
type CancelJob struct {
	Caller
	ID     batch.JobID
	Reason string
}

// TerminateJob ends a job whatever it does. Unknown and ended jobs are left alone.
type TerminateJob struct {
	Caller
	ID     batch.JobID
	Reason string
}

// RetryJob runs again a job that FAILED or whose result was not taken: of an array, only such children. It needs the job, its
// children, and whatever it depends on that has ended.
type RetryJob struct {
	Caller
	ID    batch.JobID
	Given Given
}

// RetryReply says how many jobs or children will run again.
type RetryReply struct{ Retried int32 }

// CreatePolicy makes a scheduling policy.
type CreatePolicy struct {
	Caller
	Policy batch.Policy
	Tags   map[string]string
}

// UpdatePolicy replaces the fair-share policy. Its kind cannot change.
type UpdatePolicy struct {
	Caller
	Name      string
	FairShare *batch.FairShare
	Patch     []byte // merged into the stored document
}

// DeletePolicy deletes a scheduling policy that no queue uses.
type DeletePolicy struct {
	Caller
	Name string
}

// CreateConsumable makes a consumable resource.
type CreateConsumable struct {
	Caller
	Consumable batch.Consumable
	Tags       map[string]string
}

// UpdateConsumable changes the total of a consumable resource.
type UpdateConsumable struct {
	Caller
	Name      string
	Operation ConsumableOperation
	Quantity  int64  // 0 or more
	Token     string // a repeated update with the same token changes nothing; empty for none
}

// ConsumableOperation is what an update does to the total.
type ConsumableOperation string

// The operations. A total never falls below zero.
const (
	SetTotal    ConsumableOperation = "SET"
	AddTotal    ConsumableOperation = "ADD"
	RemoveTotal ConsumableOperation = "REMOVE"
)

// ConsumableReply says what there is now.
type ConsumableReply struct{ Total int64 }

// DeleteConsumable deletes a consumable resource that no unfinished job needs.
type DeleteConsumable struct {
	Caller
	Name string
}

// SetTags merges Set into, and takes Remove from, the tags of a resource ("job-queue/high").
// Given.Tags are the tags it has now; Given.Exists says whether it exists.
type SetTags struct {
	Caller
	Resource string
	Set      map[string]string
	Remove   []string
	Given    Given
}

// Fact is something that happened. It cannot be refused: it is folded in, or it is
// stale and ignored.
type Fact interface {
	Event
	fact()
}

// Reported is what a driver said.
type Reported struct{ Report batch.Report }

// Census is everything a driver holds, asked for at AsOf: every attempt on Hosts that was
// ordered before AsOf is in it, or is lost.
type Census struct {
	AsOf  batch.Time
	Hosts []batch.Host
	// Faults say of each runner of Hosts that the driver watches whether it is at fault.
	Faults  []batch.HostFault
	Waiting []batch.AttemptID
	Running []batch.AttemptStarted
	Ended   []batch.Exit
	// Untaken are attempts whose starts the driver has not been given yet, because calls of it fail: nothing follows from their
	// absence.
	Untaken []batch.AttemptID
}

// Tick says that time has passed: deadlines are due.
type Tick struct{}
