package batch

import (
	"cmp"
	"slices"
	"time"
)

// Environment is a compute environment: something queues send work to.
type Environment struct {
	Name         string
	UUID         string
	Kind         Kind
	State        State
	Health       Health
	StatusReason string
	// Revision is 1 when it is made, and each update raises it. An update says which revision it was made from. 0: an earlier version
	// of the service stored the row.
	Revision int64 `json:",omitempty"`
	// Max bounds what its attempts hold at once. MemoryMiB 0 means the host alone
	// bounds memory; GPUs are bounded by the host.
	Max Shape
	// MinMilliCPU is what its hosts have together at least, if it has offers: thousandths of a vCPU.
	MinMilliCPU int64 `json:",omitempty"`
	// Resources is what it was asked to run on; nil for LOCAL.
	Resources *Resources `json:",omitempty"`
	// Offers are the hosts that it can have launched, those it prefers first. Without any it launches none.
	Offers []Offer `json:",omitempty"`
	// Refused are the pools of its offers that are not asked for now. The scheduler keeps them.
	Refused []PoolRefusal `json:",omitempty"`
	// NeverCame is how many of its hosts that were launched last have not come, without one that did in between.
	NeverCame int32 `json:",omitempty"`
	// Provisioning is how far its driver has come in making what it needs, Spec what its hosts are launched as, and Cluster where its
	// attempts run: see [EnvironmentReady].
	Provisioning Provisioning `json:",omitzero"`
	Spec         string       `json:",omitempty"`
	Cluster      string       `json:",omitempty"`
	CreatedAt    Time
	// Body is the document of clients, from which State, Kind, Max, MinMilliCPU and Resources are made: package document.
	Body []byte
}

// Revise gives e what clients say of it in next, and raises its revision. What the service says of it stays.
func (e *Environment) Revise(next *Environment) {
	e.State, e.Kind, e.Max, e.MinMilliCPU, e.Resources, e.Body = next.State, next.Kind, next.Max, next.MinMilliCPU, next.Resources, next.Body
	e.Revision++
}

// Record implements [Recorded].
func (e *Environment) Record() Record {
	return Record{Kind: "environment", Name: e.Name, Gone: e.Health == Deleted, Body: &e.Body}
}

// Open reports whether attempts may be placed in e, if there is a host.
func (e *Environment) Open() bool {
	return e.State == Enabled && (e.Health == Valid || e.Health == Updating)
}

// Launches reports whether e can have hosts launched as it is: it has offers, and they are those of its latest revision.
func (e *Environment) Launches() bool {
	return len(e.Offers) > 0 && (e.Provisioning.At == 0 || e.Provisioning.Revision == e.Revision)
}

// EnvironmentOrder is one entry of a queue's environment order.
type EnvironmentOrder struct {
	Order       int32
	Environment string // its name
}

// Queue is a job queue. A queue made again under an old name has a new UUID; jobs
// belong to the UUID.
type Queue struct {
	Name         string
	UUID         string
	Priority     int32 // larger is served first
	State        State
	Health       Health
	StatusReason string
	// Revision is 1 when it is made, and each update raises it: see [Environment].Revision.
	Revision     int64              `json:",omitempty"`
	Environments []EnvironmentOrder // as they were given; see [Queue.Tried]
	// Type follows from the kinds of Environments. In a command that makes a queue it is what the client wants it to be, or empty.
	Type QueueType `json:",omitempty"`
	// Policy is the name of its scheduling policy; empty: first in, first out.
	Policy string
	// Strict keeps everything behind the first job that does not fit; otherwise jobs behind it are backfilled.
	Strict bool
	// TimeLimits end jobs that are blocked for too long.
	TimeLimits []TimeLimit
	CreatedAt  Time
	// Body is the document of clients, from which State, Priority, Environments, Policy, Strict and TimeLimits are made: package document.
	Body []byte
}

// QueueType says what a queue's jobs run on.
type QueueType string

// The types of queue.
const (
	QueueECS     QueueType = "ECS"
	QueueFargate QueueType = "ECS_FARGATE"
)

// Revise gives q what clients say of it in next, and raises its revision. What the service says of it stays.
func (q *Queue) Revise(next *Queue) {
	q.State, q.Priority, q.Environments, q.Policy = next.State, next.Priority, next.Environments, next.Policy
	q.Strict, q.TimeLimits, q.Body = next.Strict, next.TimeLimits, next.Body
	q.Revision++
}

// Tried returns the environments of q in the order in which they are tried, which is that of their Order.
func (q *Queue) Tried() []EnvironmentOrder {
	return slices.SortedStableFunc(slices.Values(q.Environments), func(a, b EnvironmentOrder) int { return cmp.Compare(a.Order, b.Order) })
}

// TimeLimit is one entry of jobStateTimeLimitActions: a RUNNABLE job whose statusReason has begun with
// Reason for that long is cancelled.
type TimeLimit struct {
	Reason string        // for example "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT"
	After  time.Duration // 10 minutes to a day (AWS)
}

// Host is a machine that attempts run on. LOCAL has one, named [LocalHost].
type Host struct {
	ID       string
	Kind     Kind
	Name     string // what people call it: the host name
	Capacity Shape
	// Environments are those that may use it; none: every environment of its Kind.
	Environments []string
	// Address is where its attempts are reached from other hosts; for LOCAL, loopback.
	Address string
	// Limits bound how many attempts are live on it at once; a runner without one is not bounded.
	Limits []Limit `json:",omitempty"`
	// Faults are of the runners that refuse attempts, or did lately. The scheduler keeps them.
	Faults []Fault `json:",omitempty"`
	Ready  bool
	// Launch is how a host that was ordered came to be; nil of one that was there by itself.
	Launch *Launch `json:",omitempty"`
	// Closing is set once it takes no more attempts; a host that was launched stays so.
	Closing *Closing `json:",omitempty"`
	SeenAt  Time     // when it became ready or changed; of one that is not ready, when it went
	Deleted bool     `json:",omitempty"` // in a delta: the row goes
}

// Record implements [Recorded].
func (h *Host) Record() Record {
	return Record{Kind: "host", Name: h.ID, Gone: h.Deleted}
}

// LocalHost is the id of the machine batchd runs on.
const LocalHost = "local"
