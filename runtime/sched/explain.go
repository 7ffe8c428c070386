package sched

import (
	"fmt"
	"strings"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
	"github.com/batchd/terraform-provider-batch/runtime/place/why"
)

// explain says why a job or child that has not ended is not running.
func (m *Machine) explain(at batch.Time, id batch.JobID) (Explanation, error) {
	j, array, index, exists := m.find(id)
	if !exists || j == nil && (array.children.HasRow(index) || array.row.Array.Unborn.Status.Terminal()) {
		return Explanation{}, batch.Errorf(batch.NotFound, "job %s does not exist or has ended", id)
	}
	x := Explanation{Job: id}
	switch {
	case j == nil: // a child without a row
		x.Status = array.row.Array.Unborn.Status
		m.explainWaiting(at, &x, array, index)
	case j.row.Status.Live():
		x.Status = j.row.Status
		explainLive(&x, j)
	default:
		x.Status = j.row.Status
		m.explainWaiting(at, &x, j, j.index)
	}
	if x.Remedy == "" {
		x.Remedy = x.Code.Remedy()
	}
	return x, nil
}

func explainLive(x *Explanation, j *job) {
	x.Code = statusCode(&j.row)
	if j.isGang() {
		x.Code = why.Running
		if j.row.Status == batch.Starting {
			x.Code = why.Starting
		}
	}
	run := j.row.Run
	switch x.Code {
	case why.Stopping:
		x.Sentence = "It has been told to stop: " + run.StopReason
	case why.Running:
		x.Sentence = fmt.Sprintf("It runs on host %s since %s.", run.Host, clock(run.StartedAt))
	case why.Ahead:
		x.Sentence = "It has been handed to its host and starts the moment an attempt of its kind ends there."
	case why.MainNode:
		x.Sentence = "It has its place and starts when the main node of its job runs."
	default:
		x.Sentence = fmt.Sprintf("Its start on host %s was ordered at %s.", run.Host, clock(run.OrderedAt))
	}
}

// explainWaiting explains a job, or the child of an array at index, that has no attempt.
func (m *Machine) explainWaiting(at batch.Time, x *Explanation, j *job, index int32) {
	leader := m.leader(j.top(), index)
	switch {
	case x.Status == batch.Submitted || x.Status == batch.Pending:
		m.explainPending(at, x, j, index)
	case leader != nil:
		x.Code, x.WaitsFor = why.Joined, []batch.JobID{leader.row.ID}
		x.Sentence = fmt.Sprintf("Job %s is identical and runs. This one takes its result when it succeeds, and is placed in its own queue if it does not.", leader.row.ID)
	case j.parked || j.isArray() && j.slots() == 0:
		row := &j.top().row
		x.Code = why.MaxConcurrency
		x.Sentence = fmt.Sprintf("Its array has as many live children as batchd.maxConcurrency allows: %d.", row.MaxConcurrency)
	default:
		m.explainRunnable(at, x, j, index)
	}
}

// explainPending explains a job whose dependencies are not met, or an array whose children are on their way.
func (m *Machine) explainPending(at batch.Time, x *Explanation, j *job, index int32) {
	row := &j.top().row
	whole := x.Job == row.ID
	if whole && j.isArray() && row.Array.Unborn.Status != batch.Pending && row.Array.Unborn.Status != batch.Submitted {
		x.Code = why.Children
		x.Sentence = "Its children are on their way: " + counts(row.Array) + "."
		if row.Array.Unborn.Status == batch.Runnable && j.children.Unborn() > 0 {
			next := Explanation{Job: row.ID.Child(j.children.Next()), Status: batch.Runnable}
			m.explainWaiting(at, &next, j, j.children.Next())
			x.Sentence += " The next, " + string(next.Job) + ", waits: " + next.Sentence
			x.Remedy, x.Position, x.ExpectedStart, x.Basis = next.Code.Remedy(), next.Position, next.ExpectedStart, next.Basis
		}
		return
	}
	x.Code = why.Dependency
	x.WaitsFor = m.unmet(j.top())
	if len(x.WaitsFor) > 0 && !whole && pairedOnly(row) {
		x.Code = why.NToN
		for i, id := range x.WaitsFor {
			x.WaitsFor[i] = id.Child(index)
		}
	}
	if len(x.WaitsFor) == 0 && !whole {
		x.Code = why.Sequential
		x.WaitsFor = []batch.JobID{row.ID.Child(max(index-1, 0))}
	}
	x.Sentence = "It waits for " + list(x.WaitsFor) + wanted(row.DependsOn) + "."
	x.ExpectedStart, x.Basis = m.endOf(at, x.WaitsFor)
}

// pairedOnly reports whether row depends on nothing but single children of other arrays.
func pairedOnly(row *batch.Job) bool {
	for _, d := range row.DependsOn {
		if d.Kind != batch.DependNToN && d.Kind != batch.DependSequential {
			return false
		}
	}
	return true
}

func wanted(dependsOn []batch.Dependency) string {
	for _, d := range dependsOn {
		if d.Kind == batch.DependAfterAny || d.Kind == batch.DependAfterFailed {
			return " to end"
		}
	}
	return " to succeed"
}

// endOf is when the last of these jobs is expected to end, if all of them run; 0 otherwise.
func (m *Machine) endOf(at batch.Time, ids []batch.JobID) (batch.Time, string) {
	var last batch.Time
	for _, id := range ids {
		j, _, _, _ := m.find(id)
		if j == nil || j.row.Status != batch.Running {
			return 0, ""
		}
		last = max(last, at, j.row.Run.Began().Add(j.row.Run.Expected))
	}
	if last == 0 {
		return 0, ""
	}
	return last, "the expected end of what it waits for"
}

// explainRunnable explains a job that could be placed.
func (m *Machine) explainRunnable(at batch.Time, x *Explanation, j *job, index int32) {
	defer m.imagineRanks(at, j.queue)()
	q := m.question(at, j)
	x.Code = q.Code()
	x.Sentence = q.Sentence(x.Code)
	if j.aside {
		return
	}
	var known bool
	if x.Position, known = m.position(j, index); !known {
		x.Sentence += fmt.Sprintf(" More than %d entries wait in its queue, so its position is not counted.", maxScan)
		return
	}
	x.ExpectedStart, x.Basis = m.expectedStart(at, j, &q, x.Code, x.Position)
}

// expectedStart is when j, which is RUNNABLE, is expected to start; 0 if nothing can be said.
func (m *Machine) expectedStart(at batch.Time, j *job, q *why.Question, code why.Code, position int64) (batch.Time, string) {
	switch code {
	case why.Invalid, why.NoHost, why.Launching, why.Protected, why.HostFault, why.ShareReservation:
		return 0, ""
	case why.Consumable:
		if r := m.fleet.Reserve(at, q.Work, q.Tried, nil); r != nil && r.Exact {
			return r.At, "the expected ends of the attempts that hold what it needs"
		}
		return 0, ""
	case why.Priority:
		if r := q.FirstKept(); r != nil {
			return r.At.Add(r.Work.Lasts), "the expected end of job " + string(r.Work.Job) + ", from " + m.lastsBecause(m.headOf(r))
		}
		return 0, ""
	default:
		out, basis := m.forecast(at, j, position, 1)
		return out.Start, basis
	}
}

// question asks why j, which is RUNNABLE, has no place. An imagined job is not in its line, so that maybe nothing waits in its share.
func (m *Machine) question(at batch.Time, j *job) why.Question {
	c := j.classOf()
	own, waits := c.Lineup.First()
	q := why.Question{
		At: at, Fleet: m.fleet, Work: m.work(j), Tried: m.tried(j), Queue: j.queue.tried, Faulty: len(m.faulty) > 0, Reserved: j.allowed() == 0,
		Share: c.Lineup.Share, FirstOfShare: own == j || !waits, Full: &c.Full, Stamp: m.stamp, Kept: m.keptPlaces,
		Prospect: m.prospects[c],
	}
	if j.aside {
		q.Aside = why.CodeOf(j.row.StatusReason)
	}
	if first := j.queue.line.First(); first != nil && (waits || !j.queue.line.Leads(at, c.Lineup)) {
		q.First, q.FirstShare = first.Head().row.ID, first.Lineup.Share
	}
	if p := m.fair(j.queue); p != nil {
		q.Policy = &p.row
	}
	return q
}

// keptPlaces yields the places that are kept for blocked heads, of the queues that nothing has changed for.
func (m *Machine) keptPlaces(yield func(*fleet.Reservation) bool) {
	for _, q := range m.rankedQueues() {
		if q.kept != nil && q.closed == m.stamp && !yield(q.kept) {
			return
		}
	}
}

// headOf is the head whose place r is.
func (m *Machine) headOf(r *fleet.Reservation) *job {
	j, _, _, _ := m.find(r.Work.Job)
	return j
}

// statusCode is the code of a job that does not wait.
func statusCode(row *batch.Job) why.Code {
	run := row.Run
	switch {
	case run.Stop != batch.NotStopped && run.Stop != batch.StopRecalled:
		return why.Stopping
	case row.Status == batch.Running:
		return why.Running
	case run.Ahead:
		return why.Ahead
	case run.Held:
		return why.MainNode
	default:
		return why.Starting
	}
}

func clock(at batch.Time) string { return at.Std().UTC().Format(time.RFC3339) }

func counts(a *batch.Array) string {
	var parts []string
	for _, s := range batch.Statuses() {
		if n := a.Counts[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	return strings.Join(parts, ", ")
}

func list(ids []batch.JobID) string {
	texts := make([]string, 0, 3)
	for i, id := range ids {
		if i == 2 && len(ids) > 3 {
			texts = append(texts, fmt.Sprintf("%d others", len(ids)-i))
			break
		}
		texts = append(texts, string(id))
	}
	return strings.Join(texts, ", ")
}
