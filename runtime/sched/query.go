package sched

import (
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/why"
)

// Query asks the machine something and changes nothing.
//
//sumtype:decl
type Query interface{ query() }

// Answering ties a query to the type of its answer.
type Answering[R any] interface {
	Query
	// Answers is never called; its parameter is the type of the answer.
	Answers(R)
}

// ExplainJob asks why a job or child is not running.
type ExplainJob struct{ ID batch.JobID }

// Explanation is why a job is not running, what would help, and when it is expected to start.
type Explanation struct {
	Job    batch.JobID
	Status batch.Status
	// Code is stable: it does not change while the cause stays. See [why.Codes].
	Code why.Code
	// Sentence says it for people, with the figures of the moment; Remedy what would help, empty if only time does.
	Sentence string
	Remedy   string
	// Position is how many attempts of its queue are placed before it, plus one; 0 if it is not in a queue's order.
	Position int64
	// ExpectedStart is 0 if nothing can be said; Basis says what it rests on.
	ExpectedStart batch.Time
	Basis         string
	// WaitsFor are jobs whose end it waits for.
	WaitsFor []batch.JobID
}

// PlanJob asks what would become of a submission.
type PlanJob struct{ Submit SubmitJob }

// Needs implements [Needy]: a plan is given what the submission would be given.
func (q PlanJob) Needs() Needs { return q.Submit.Needs() }

// With implements [Needy].
func (q PlanJob) With(g Given) Query { q.Submit.Given = g; return q }

// Plan is what would become of a submission that is in order; one that is not is answered with its refusal.
type Plan struct {
	// Placeable reports whether it can ever run as things are; Code, Sentence and Remedy say why it cannot, or why it
	// would wait. Code is empty if it would start at once.
	Placeable bool
	Code      why.Code
	Sentence  string
	Remedy    string
	// Runs is how many jobs or children would run, Reused how many would take a result that is there, Waits how
	// many of those that run would not start at once.
	Runs, Reused, Waits int32
	// Joins is how many of those that run are points of other live submissions too, so that each runs once.
	Joins int32
	// Takes are the jobs whose results would be taken, in the order of the points that take them, and JoinsTo the points of
	// others that are waited for: each is the one that runs, or else the first that waits.
	Takes   []batch.JobID
	JoinsTo []JoinedPoint
	// Key is the content key of the submission, Adopts the live job that it would adopt.
	Key    string
	Adopts batch.JobID
	// Position is as in [Explanation].
	Position      int64
	ExpectedStart batch.Time    // of the first; 0 if nothing can be said
	ExpectedEnd   batch.Time    // of the last; 0 if nothing can be said
	Duration      time.Duration // expected of one attempt
	Basis         string
}

// JoinedPoint is a child or single job of a live submission. It need not have a row.
type JoinedPoint struct {
	Job  batch.JobID
	Runs bool // else it waits, too
}

// QueueFront asks for the jobs that are placed next and what a queue uses.
type QueueFront struct {
	Queue string
	Limit int
}

// Front is the answer to [QueueFront].
type Front struct {
	Jobs []FrontJob
	// MilliCPU is what attempts of the queue hold.
	MilliCPU int64
	// Fair reports whether the queue has a fair-share policy. Without one it has no shares.
	Fair   bool
	Shares []ShareFront // those that hold most first
	Active int          // shares
}

// FrontJob is a job or child that is placed next, and since when it has been at its place at the latest.
type FrontJob struct {
	Job   batch.JobID
	Since batch.Time
}

// ShareFront is what attempts of a share hold.
type ShareFront struct {
	Share    string
	MilliCPU int64
}

// ConsumableUse asks how much there is of each of these consumable resources, and how much of it attempts hold.
type ConsumableUse struct{ Names []string }

// ConsumableStock is the answer to [ConsumableUse] for one resource.
type ConsumableStock struct {
	Total int64 // as in its row
	InUse int64 // 0 if it is not replenishable: what was taken of such a resource is no longer in its total
}

func (ExplainJob) query() {}

// Answers implements [Answering].
func (ExplainJob) Answers(Explanation) {}

func (PlanJob) query() {}

// Answers implements [Answering].
func (PlanJob) Answers(Plan) {}

func (QueueFront) query() {}

// Answers implements [Answering].
func (QueueFront) Answers(Front) {}

func (ConsumableUse) query() {}

// Answers implements [Answering].
func (ConsumableUse) Answers(map[string]ConsumableStock) {}

// View is the machine for readers: small enough to publish every round.
type View struct {
	Queues       []QueueView
	Environments []EnvironmentView
	Hosts        []HostView // that are ready and LOCAL, or at fault, in order of their ids
	// Unfinished is how many submissions are not ended.
	Unfinished int
	// Attempts is how many attempts are live or being started.
	Attempts int
}

// QueueView is one queue in a [View].
type QueueView struct {
	Name     string
	Runnable int // jobs and children waiting for a place
	// Counts says how many single jobs, multi-node jobs and children are in each status that is neither SUBMITTED nor terminal.
	Counts [batch.StatusCount]int
	// Ended counts those that came into a terminal status since the machine was loaded.
	Ended [batch.StatusCount]int64
	Head  batch.JobID // the next to be placed; empty if none
}

// EnvironmentView is one environment in a [View].
type EnvironmentView struct {
	Name string
	Used batch.Shape
	Max  batch.Shape
	// HostMilliCPU is what its launched hosts have together that are there or on their way, in thousandths of a vCPU; -1: none are launched.
	HostMilliCPU int64
	// Fault is which of its hosts start nothing, and why, as a statusReason; empty if all of them do.
	Fault string
}

// HostView is one host in a [View].
type HostView struct {
	ID      string
	Runners []RunnerView
}

// RunnerView is one of the ways in which a host runs attempts.
type RunnerView struct {
	Runner batch.Runner
	// Fault is why it starts nothing, since Since; empty if it does.
	Fault string
	Since batch.Time
	Live  int // attempts that hold a place
	// Limit is how many may; 0: no bound. LimitReason is which limit of the host says so.
	Limit       int
	LimitReason string
}
