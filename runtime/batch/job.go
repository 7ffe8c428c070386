package batch

import (
	"slices"
	"time"
)

// DependencyKind is how a dependency is waited for.
type DependencyKind string

// The kinds of dependency. The first three are AWS Batch's, which knows no "whatever the outcome".
const (
	// DependOnSuccess waits until the whole of the other job has succeeded.
	DependOnSuccess DependencyKind = ""
	// DependSequential, of an array and without another job: child i waits for child i-1.
	DependSequential DependencyKind = "SEQUENTIAL"
	// DependNToN, of an array on an array of the same size: child i waits for child i of the other.
	DependNToN DependencyKind = "N_TO_N"
	// DependAfterAny waits until the whole of the other job has ended, whatever the outcome.
	DependAfterAny DependencyKind = "AFTER_ANY"
	// DependAfterFailed waits until the whole of the other job has failed; if it succeeds, the waiting job fails.
	DependAfterFailed DependencyKind = "AFTER_FAILED"
)

// Dependency is one entry of dependsOn.
type Dependency struct {
	Job  JobID          `json:"jobId"` // empty for SEQUENTIAL
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
	StartedAt    Time // of the last attempt that ran; of an array, the first one of all
	StoppedAt    Time // set on every terminal job

	Shape   Shape         // zero in a child: its array's
	Retry   Retry         // zero in a child: its array's
	Timeout time.Duration // per attempt; zero in a child: its array's
	// InContainer reports whether it runs an image; false in a child: see its array.
	InContainer bool

	DependsOn []Dependency

	Share    string // share identifier in a queue with a fair-share policy; zero in a child: its array's
	Priority int32  // among the jobs of its share, 0..9999, larger first; zero in a child: its array's
	// MaxConcurrency is how many children of this array may be live at once; 0: no bound.
	MaxConcurrency int32
	Needs          []Need // consumable resources of one attempt; nil in a child: its array's
	Nodes          *Nodes // of a multi-node parallel job; nil otherwise, and in its nodes
	// BlockedAt is since when StatusReason says that it cannot be placed; 0 if it does not.
	BlockedAt Time

	Cancelled  bool
	Terminated bool
	// Refusals is zero unless a host refused its attempt and none has started since.
	Refusals Refusals

	// Attempt is the number of the current or last attempt; 0 before the first.
	Attempt int32
	// AttemptsBefore is how many attempts it had when it was last retried as a whole; they do not count
	// against [Retry.Attempts].
	AttemptsBefore int32
	// Run is the current attempt; nil unless Status is STARTING or RUNNING.
	Run *Run

	ExitCode *int32 // of the last attempt; nil if it had none
	Reason   string // container reason of the last attempt

	ContentKey string    // of a job that succeeded; see [ContentKey]
	ReusedFrom JobID     // whose result this is; empty if it ran itself
	Result     AttemptID // which attempt left the result; zero if none
	// ResultError is why what the last attempt left as its result was not taken. A job that SUCCEEDED with one has no content
	// key, so other jobs do not take its result, and it may be retried.
	ResultError string
	// FailOnResultError makes an attempt fail whose result is not taken; false in a child or node: see its root.
	FailOnResultError bool

	Array *Array // of an array; nil otherwise

	// Key is the content key of the whole submission; empty in a child, and in what version 1 submitted.
	Key string
	// Joined is the job whose live attempt runs the same point and whose result this one waits for; empty if none.
	Joined JobID
	// Sharing is what a submission that may share work takes; nil if it takes any result of its points.
	Sharing *Sharing
	// Claims are who holds the submission; nil if it never had a claim.
	Claims *Claims

	Token string // client token that recognises a repeated submit; empty if none
}

// Sharing bounds which results a submission takes. It does not change.
type Sharing struct {
	// ImageDigest is what its image stood for when it was submitted; empty if that is not known, and without an image.
	ImageDigest string `json:"imageDigest,omitempty"`
	// Readable are patterns of the names of the queues whose results it may take; empty: every queue.
	Readable []string `json:"readable,omitempty"`
}

// MayTake reports whether a result from that queue, of an image with that digest, may be taken. An empty digest is not known.
func (s *Sharing) MayTake(queue, imageDigest string) bool {
	return s == nil || MatchesQueue(s.Readable, queue) && (s.ImageDigest == "" || imageDigest == "" || s.ImageDigest == imageDigest)
}

// MayReuse is MayTake for a result that was there before. It may be of what the image stood for at any time, so an image that is not
// known now is not taken to be the same. Without an image both digests are empty.
func (s *Sharing) MayReuse(queue, imageDigest string) bool {
	now := ""
	if s != nil {
		now = s.ImageDigest
	}
	return now == imageDigest && s.MayTake(queue, imageDigest)
}

// Within reports whether every result that s may take, bound may take too: its queues are among those of bound, and the
// images are not known to differ.
func (s *Sharing) Within(bound *Sharing) bool {
	if bound == nil {
		return true
	}
	own := s
	if own == nil {
		own = &Sharing{}
	}
	if own.ImageDigest != "" && bound.ImageDigest != "" && own.ImageDigest != bound.ImageDigest {
		return false
	}
	return len(bound.Readable) == 0 || len(own.Readable) > 0 && !slices.ContainsFunc(own.Readable, func(pattern string) bool {
		return !coversPattern(bound.Readable, pattern)
	})
}

// Parent returns the array a child belongs to, and its index.
func (j *Job) Parent() (JobID, int32, bool) { return j.ID.Split() }

// Copy returns a copy of j that shares nothing with it that a machine changes in place: Run and Array are copies too.
func (j *Job) Copy() Job {
	row := *j
	if row.Run != nil {
		run := *row.Run
		row.Run = &run
	}
	if row.Array != nil {
		array := *row.Array
		row.Array = &array
	}
	return row
}

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
	// ResultErrors is how many children have SUCCEEDED with a result that was not taken.
	ResultErrors int32
	// Reused is how many children took the result of another job.
	Reused int32
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
	StopClosing  // its host closes, and its time has come; it ends as with its host, and may be retried
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
	StoppingAt Time   // when the stop was decided
	Log        LogRef // where its output begins; zero while STARTING
	// Expected is how long it was expected to run when it was ordered.
	Expected time.Duration
	// Outcome is what becomes of a multi-node job, whose main node has ended, once its other nodes have: RUNNABLE,
	// SUCCEEDED or FAILED. It is SUBMITTED before, and in every other job.
	Outcome Status
	// Held is set for a node of a multi-node job that holds its place and is not started before the main node runs.
	Held bool
}

// Began is when the attempt took its place: when it started, or was ordered if that is later or it has not.
func (r *Run) Began() Time { return max(r.StartedAt, r.OrderedAt) }

// GoesOn reports whether the attempt may run to its end: it was not told to stop, or only to be taken back if it has not
// started.
func (r *Run) GoesOn() bool { return r.Stop == NotStopped || r.Stop == StopRecalled }

// Need is an amount of a consumable resource that one attempt takes.
type Need struct {
	Resource string `json:"resource"` // its name
	Quantity int64  `json:"quantity"` // 1 or more
}

// Nodes is what makes a job multi-node parallel: its nodes are placed together or not at all.
type Nodes struct {
	Count  int32       `json:"count"` // 1..MaxNodes
	Main   int32       `json:"main"`  // index of the node whose end is the end of the job
	Ranges []NodeRange `json:"ranges"`
}

// NodeRange is the nodes From..To, inclusive, that are alike. The ranges of a job are disjoint, ascending and
// cover every node.
type NodeRange struct {
	From        int32  `json:"from"`
	To          int32  `json:"to"`
	Shape       Shape  `json:"shape"`
	InContainer bool   `json:"inContainer,omitempty"`
	Needs       []Need `json:"needs,omitempty"` // of each node
}

// Range returns the range that node index is in; nil if there is no such node.
func (n *Nodes) Range(index int32) *NodeRange {
	for i := range n.Ranges {
		if r := &n.Ranges[i]; index >= r.From && index <= r.To {
			return r
		}
	}
	return nil
}

// SynthesiseNode returns the job that node index of a multi-node job is before its first attempt is placed.
func (j *Job) SynthesiseNode(index int32) Job {
	node := Job{
		ID: j.ID.Node(index), Seq: j.Seq, Name: j.Name, QueueID: j.QueueID, QueueName: j.QueueName, Definition: j.Definition,
		Status: j.Status, StatusReason: j.StatusReason, CreatedAt: j.CreatedAt, StoppedAt: j.StoppedAt,
		Cancelled: j.Cancelled, Terminated: j.Terminated,
	}
	if r := j.Nodes.Range(index); r != nil {
		node.Shape, node.InContainer = r.Shape, r.InContainer
	}
	return node
}

// Spec is what a submission resolved to. It never changes, is kept out of memory
// and is shared by all children of an array.
type Spec struct {
	Job           JobID // the submission
	Definition    DefinitionRef
	Container     Container       // overrides merged in; placeholders unresolved; zero if Nodes is set
	Nodes         []NodeContainer // of a multi-node job: what each of its ranges runs
	Parameters    map[string]string
	Retry         Retry
	Timeout       time.Duration
	PropagateTags bool
	Inputs        map[string]string // name → SHA-256 of what the job reads
	Triggers      map[string]string // take part in the keys of the points, and in nothing else
	Upstream      Upstream          // the keys of what it depends on
	MainNode      int32             // of a multi-node job
	Reuse         bool
	Needs         []Need // consumable resources of one attempt
	// Body is the SubmitJob document as the client sent it, without its points.
	Body []byte
}

// NodeContainer is what the nodes From..To of a multi-node job run.
type NodeContainer struct {
	From      int32     `json:"from"`
	To        int32     `json:"to"`
	Container Container `json:"container"`
	Needs     []Need    `json:"needs,omitempty"` // consumable resources of each node
}

// ContainerOf returns what job id of the submission runs: the same for each of its children, or what its node does; the zero
// Container if there is no such node.
func (s *Spec) ContainerOf(id JobID) Container {
	_, index, isNode := id.SplitNode()
	if !isNode {
		return s.Container
	}
	for i := range s.Nodes {
		if n := &s.Nodes[i]; index >= n.From && index <= n.To {
			return n.Container
		}
	}
	return Container{}
}

// Points carries the parameters of children From, From+1, … of an array.
type Points struct {
	Job    JobID
	From   int32
	Values []map[string]string
}
