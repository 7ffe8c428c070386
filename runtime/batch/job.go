package batch

import "time"

// DependencyKind is how a dependency is waited for.
type DependencyKind string

// DependOnSuccess waits until the whole of the other job has succeeded. It is the only kind of this version.
const DependOnSuccess DependencyKind = ""

// Dependency is one entry of dependsOn.
type Dependency struct {
	Job  JobID          `json:"jobId"`
	Kind DependencyKind `json:"type,omitempty"`
}

// Job is one row: a single job, an array (Size > 0) or a child of an array that
// something has happened to alone. What a child without a row is, its array says
// (see [Unborn]).
type Job struct {
	ID   JobID
	Seq  int64 // submission number; a child has its array's
	Name string

	QueueID   string // UUID of the queue
	QueueName string

	Definition DefinitionRef
	Size       int32 // of an array; 0 otherwise

	Status       Status
	StatusReason string
	CreatedAt    Time
	StartedAt    Time // of the last attempt that ran
	StoppedAt    Time // set on every terminal job

	Shape   Shape         // zero in a child: its array's
	Retry   Retry         // zero in a child: its array's
	Timeout time.Duration // per attempt; zero in a child: its array's
	// InContainer reports whether it runs an image; false in a child: see its array.
	InContainer bool

	DependsOn []Dependency

	Cancelled  bool
	Terminated bool

	// Attempt is the number of the current or last attempt; 0 before the first.
	Attempt int32
	// Run is the current attempt; nil unless Status is STARTING or RUNNING.
	Run *Run

	ExitCode *int32 // of the last attempt; nil if it had none
	Reason   string // container reason of the last attempt

	ContentKey string    // of a job that succeeded; see [ContentKey]
	ReusedFrom JobID     // whose result this is; empty if it ran itself
	Result     AttemptID // which attempt left the result; zero if none

	Array *Array // of an array; nil otherwise

	Token string // client token that recognises a repeated submit; empty if none
}

// Parent returns the array a child belongs to, and its index.
func (j *Job) Parent() (JobID, int32, bool) { return j.ID.Split() }

// AttemptID names the current or last attempt of j.
func (j *Job) AttemptID() AttemptID { return AttemptID{Job: j.ID, Number: j.Attempt} }

// Array is what an array's row says of its children.
type Array struct {
	// Counts says how many children are in each status; the sum is the size.
	Counts [StatusCount]int32
	// Unborn describes every child that has no row of its own.
	Unborn Unborn
	// Points reports whether each child has parameters of its own ([Points] rows).
	Points bool
}

// Unborn is the state shared by all children of an array that have no row.
type Unborn struct {
	Status       Status
	StatusReason string
	At           Time // when they came into Status; StoppedAt if terminal
}

// Synthesise returns the job that child index of array is while it has no row.
func (j *Job) Synthesise(index int32) Job {
	u := j.Array.Unborn
	child := Job{
		ID: j.ID.Child(index), Seq: j.Seq, Name: j.Name, QueueID: j.QueueID, QueueName: j.QueueName,
		Definition: j.Definition, Status: u.Status, StatusReason: u.StatusReason, CreatedAt: j.CreatedAt,
	}
	if u.Status.Terminal() {
		child.StoppedAt = u.At
		child.Cancelled, child.Terminated = j.Cancelled, j.Terminated
	}
	return child
}

// StopCause is why a running or starting attempt was told to stop.
type StopCause uint8

// The causes of a stop.
const (
	NotStopped StopCause = iota
	StopTerminated
	StopTimeout
	StopRecalled // started ahead and wanted back; it goes to RUNNABLE again if it did not run
)

// Run is where the current attempt of a job is.
type Run struct {
	Environment string
	Host        string
	OrderedAt   Time // when its start was decided
	// Order tells which of two live attempts was ordered later, by being larger, also when both were
	// ordered at the same time.
	Order     int64
	StartedAt Time // 0 while STARTING
	// Ahead is set while the attempt waits at the driver for one of its lane to end
	// and holds no resources of its own.
	Ahead bool
	// Stop is why it was told to stop, Reason the words for its statusReason.
	Stop       StopCause
	StopReason string
	StoppingAt Time        // when the stop was decided
	Log        LogPosition // where its output begins; zero while STARTING
}

// Spec is what a submission resolved to. It never changes, is kept out of memory
// and is shared by all children of an array.
type Spec struct {
	Job           JobID // the submission
	Definition    DefinitionRef
	Container     Container // overrides merged in; placeholders unresolved
	Parameters    map[string]string
	Retry         Retry
	Timeout       time.Duration
	PropagateTags bool
	Inputs        map[string]string // name → SHA-256 of what the job reads
	Reuse         bool
	// Body is the SubmitJob document as the client sent it, without its points.
	Body []byte
}

// Points carries the parameters of children From, From+1, … of an array.
type Points struct {
	Job    JobID
	From   int32
	Values []map[string]string
}
