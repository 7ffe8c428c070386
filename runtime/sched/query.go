package sched

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
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

// Answer answers a query from the machine as it is. It is bounded by counts, never by time, and changes nothing.
func (m *Machine) Answer(now time.Time, q Query) (any, error) {
	at := batch.At(now)
	switch q := q.(type) {
	case ExplainJob:
		return m.explain(at, q.ID)
	case PlanJob:
		return m.plan(at, q.Submit)
	case QueueFront:
		return m.front(at, q)
	case ConsumableUse:
		return m.consumableUse(q.Names), nil
	case ListHosts:
		return m.inventory(q)
	default:
		return nil, batch.Errorf(batch.InvalidRequest, "unknown query %T", q)
	}
}

// View returns the machine for readers.
func (m *Machine) View() View {
	v := View{Unfinished: len(m.jobs), Attempts: len(m.attempts)}
	for _, q := range m.rankedQueues() {
		head := QueueView{Name: q.row.Name, Runnable: q.counts[batch.Runnable], Counts: q.counts, Ended: q.ended}
		if c := q.line.First(); c != nil {
			head.Head = c.Head().row.ID
		}
		v.Queues = append(v.Queues, head)
	}
	faults := why.FaultsByPool(byID(m.faulty))
	for _, e := range m.fleet.Environments {
		shown := EnvironmentView{Name: e.Row.Name, Used: e.Used, Max: e.Row.Max, HostMilliCPU: m.fleet.HostMilliCPU(e)}
		if len(faults) > 0 {
			shown.Fault = clip(faults[m.fleet.Pool(e)].StatusReason())
		}
		v.Environments = append(v.Environments, shown)
	}
	for _, h := range byID(m.shown) {
		v.Hosts = append(v.Hosts, view(h))
	}
	slices.SortFunc(v.Environments, func(a, b EnvironmentView) int { return strings.Compare(a.Name, b.Name) })
	return v
}

// byID returns hosts in order of their ids.
func byID(hosts map[*fleet.Host]bool) []*fleet.Host {
	return slices.SortedFunc(maps.Keys(hosts), func(a, b *fleet.Host) int { return strings.Compare(a.Row.ID, b.Row.ID) })
}

func view(h *fleet.Host) HostView {
	v := HostView{ID: h.Row.ID}
	for i := range h.Runners {
		r := &h.Runners[i]
		shown := RunnerView{Runner: r.Kind, Live: r.Live}
		if r.Fault != nil {
			shown.Fault, shown.Since = r.Fault.Reason, r.Fault.Since
		}
		if r.Limit != nil {
			shown.Limit, shown.LimitReason = int(r.Limit.Attempts), r.Limit.Reason
		}
		v.Runners = append(v.Runners, shown)
	}
	return v
}

// position is how many attempts of j's share in its queue are placed before it, or before the unborn child of array j at index,
// plus one. It is not known when more than maxScan entries would have to be counted.
func (m *Machine) position(j *job, index int32) (int64, bool) {
	rank := j.Rank()
	if j.isArray() {
		rank.Index = index
	}
	own := 0
	if j.isArray() {
		own = int(j.unbornBelow(index))
	}
	return j.classOf().Lineup.Position(j, rank, own, maxScan)
}

// unbornBelow is how many children of array j without a row come before index.
func (j *job) unbornBelow(index int32) (n int32) {
	for i := range j.children.EachUnborn {
		if i >= index {
			break
		}
		n++
	}
	return n
}

// front returns what is placed next in a queue, and what attempts of it hold.
func (m *Machine) front(at batch.Time, query QueueFront) (Front, error) {
	q := m.queues[query.Queue]
	if q == nil {
		return Front{}, batch.Errorf(batch.NotFound, "job queue %s does not exist", query.Queue)
	}
	f := Front{MilliCPU: m.heldBy(q), Fair: m.fair(q) != nil}
	f.Shares, f.Active = m.shareFronts(at, q)
	m.inService(at, q, func(j *job) bool {
		since := max(j.row.BlockedAt, j.row.CreatedAt)
		if !j.isArray() {
			f.Jobs = append(f.Jobs, FrontJob{Job: j.row.ID, Since: since})
			return len(f.Jobs) < query.Limit
		}
		left := min(j.Places(), query.Limit-len(f.Jobs))
		for i := range j.children.EachUnborn {
			if left <= 0 {
				break
			}
			f.Jobs = append(f.Jobs, FrontJob{Job: j.row.ID.Child(i), Since: max(since, j.row.Array.Unborn.At)})
			left--
		}
		return len(f.Jobs) < query.Limit
	})
	return f, nil
}

// heldBy is how many thousandths of a vCPU attempts of q hold.
func (m *Machine) heldBy(q *queue) (milli int64) {
	for _, j := range m.attempts {
		if j.queue == q && !j.row.Run.Ahead {
			milli += j.shape().MilliCPU
		}
	}
	return milli
}

// inService yields the work of q in the order in which it would be placed if nothing else happened: each time the first
// of the share that has had least.
func (m *Machine) inService(at batch.Time, q *queue, yield func(*job) bool) {
	defer m.imagineRanks(at, q)()
	q.line.InService(at, (*job).milliCPU, yield)
}
