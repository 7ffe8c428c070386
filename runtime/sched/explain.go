package sched

import (
	"fmt"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// explain says why a job or child that has not ended is not running.
func (m *Machine) explain(at batch.Time, id batch.JobID) (Explanation, error) {
	j, array, index, exists := m.find(id)
	if !exists || j == nil && (array.children.has(index) || array.row.Array.Unborn.Status.Terminal()) {
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
		x.Remedy = remedies[x.Code]
	}
	return x, nil
}

func explainLive(x *Explanation, j *job) {
	x.Code = statusCode(&j.row)
	if j.isGang() {
		x.Code = CodeRunning
		if j.row.Status == batch.Starting {
			x.Code = CodeStarting
		}
	}
	run := j.row.Run
	switch x.Code {
	case CodeStopping:
		x.Sentence = "It has been told to stop: " + run.StopReason
	case CodeRunning:
		x.Sentence = fmt.Sprintf("It runs on host %s since %s.", run.Host, clock(run.StartedAt))
	case CodeAhead:
		x.Sentence = "It has been handed to its host and starts the moment an attempt of its kind ends there."
	case CodeMainNode:
		x.Sentence = "It has its place and starts when the main node of its job runs."
	default:
		x.Sentence = fmt.Sprintf("Its start on host %s was ordered at %s.", run.Host, clock(run.OrderedAt))
	}
}

// explainWaiting explains a job, or the child of an array at index, that has no attempt.
func (m *Machine) explainWaiting(at batch.Time, x *Explanation, j *job, index int32) {
	switch {
	case x.Status == batch.Submitted || x.Status == batch.Pending:
		m.explainPending(at, x, j, index)
	case m.leader(j.top(), index) != nil:
		leader := m.leader(j.top(), index).row.ID
		x.Code, x.WaitsFor = CodeJoined, []batch.JobID{leader}
		x.Sentence = fmt.Sprintf("Job %s is identical and runs. This one takes its result when it succeeds, and is placed in its own queue if it does not.", leader)
	case j.parked || j.isArray() && j.slots() == 0:
		row := &j.top().row
		x.Code = CodeMaxConcurrency
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
		x.Code = CodeChildren
		x.Sentence = "Its children are on their way: " + counts(row.Array) + "."
		if row.Array.Unborn.Status == batch.Runnable && j.unborn() > 0 {
			next := Explanation{Job: row.ID.Child(j.children.nextRun), Status: batch.Runnable}
			m.explainWaiting(at, &next, j, j.children.nextRun)
			x.Sentence += " The next, " + string(next.Job) + ", waits: " + next.Sentence
			x.Remedy, x.Position, x.ExpectedStart, x.Basis = remedies[next.Code], next.Position, next.ExpectedStart, next.Basis
		}
		return
	}
	x.Code = CodeDependency
	x.WaitsFor = m.unmet(j.top())
	if len(x.WaitsFor) > 0 && !whole && pairedOnly(row) {
		x.Code = CodeNToN
		for i, id := range x.WaitsFor {
			x.WaitsFor[i] = id.Child(index)
		}
	}
	if len(x.WaitsFor) == 0 && !whole {
		x.Code = CodeSequential
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
	x.Code, x.Sentence = m.cause(at, j)
	if j.stuck {
		return
	}
	var known bool
	if x.Position, known = m.position(j, index); !known {
		x.Sentence += fmt.Sprintf(" More than %d entries wait in its queue, so its position is not counted.", maxScan)
		return
	}
	x.ExpectedStart, x.Basis = m.expectedStart(at, j, x.Code, x.Position)
}

// expectedStart is when j, which is RUNNABLE, is expected to start; 0 if nothing can be said.
func (m *Machine) expectedStart(at batch.Time, j *job, code Code, position int64) (batch.Time, string) {
	switch code {
	case CodeInvalid, CodeNoHost, CodeHostFault, CodeShareReservation:
		return 0, ""
	case CodeConsumable:
		if r := m.fleet.Reserve(at, m.work(j), j.queue.tried, nil); r != nil && r.Exact {
			return r.At, "the expected ends of the attempts that hold what it needs"
		}
		return 0, ""
	case CodePriority:
		for _, e := range m.fleet.Open(j.queue.tried) {
			if r := m.keptIn(at, j, e); r != nil && r.Exact {
				return r.At.Add(r.Work.Lasts), "the expected end of job " + string(r.Work.Job) + ", from " + m.expectedBasis(m.headOf(r))
			}
		}
		return 0, ""
	default:
		out, basis := m.forecast(at, j, position, 1)
		return out.Start, basis
	}
}

// cause is why j, which is RUNNABLE, has no place. For work behind the head of its queue that is the
// order of the queue, whatever room there is at the moment: so the code stays while the cause does.
func (m *Machine) cause(at batch.Time, j *job) (Code, string) {
	code := m.causeCode(at, j)
	return code, m.sentence(at, j, code)
}

func (m *Machine) causeCode(at batch.Time, j *job) Code {
	q := j.queue
	if j.stuck {
		return codeOf(j.row.StatusReason)
	}
	open, ready := m.openEnvironments(q)
	_, faulty := m.faultOf(j)
	switch {
	case len(open) == 0:
		return CodeInvalid
	case !ready:
		return CodeNoHost
	case faulty:
		return CodeHostFault
	case m.lacksNeeds(j):
		return CodeConsumable
	case j.allowed() == 0:
		return CodeShareReservation
	}
	own, _ := j.classOf().Lineup.First()
	switch first := q.line.First(); {
	case first == nil || first.Head() == j:
		return m.headCode(at, j)
	case first.Lineup != j.classOf().Lineup && own == j:
		return CodeFairShare
	default:
		return CodeQueueOrder
	}
}

// headCode is why the first work of a queue has no place.
func (m *Machine) headCode(at batch.Time, j *job) Code {
	code, c := CodeBusy, j.classOf()
	if c.Full == m.stamp {
		return code
	}
	w := m.work(j)
	for _, e := range m.fleet.Open(j.queue.tried) {
		switch {
		case !m.fleet.Room(&fleet.Sweep{At: at, Back: w.Rank.Back}, &w, e):
		case m.keptFor(at, j, e) == nil:
			return CodeNextRound
		default:
			code = CodePriority
		}
	}
	if code == CodeBusy {
		c.Full = m.stamp
	}
	return code
}

// sentence says a code of [Machine.causeCode] for people, with the figures of the moment.
func (m *Machine) sentence(at batch.Time, j *job, code Code) string {
	q := j.queue
	switch code {
	case CodeMaxResource, CodeRequirement:
		return m.tooLarge(j)
	case CodeInvalid:
		return fmt.Sprintf("No compute environment of queue %s is ENABLED and VALID.", q.row.Name)
	case CodeNoHost:
		open, _ := m.openEnvironments(q)
		return fmt.Sprintf("No host is ready in %s.", strings.Join(open, ", "))
	case CodeHostFault:
		reason, _ := m.faultOf(j)
		return sentenceOf(reason)
	case CodeConsumable:
		return m.missingNeeds(j)
	case CodeShareReservation:
		p := m.fair(q)
		return fmt.Sprintf("Scheduling policy %s keeps %d%% to the power of the number of active shares of queue %s free for shares that are not active.", p.row.Name, p.row.FairShare.ReservationPercent, q.row.Name)
	case CodeFairShare:
		return fmt.Sprintf("Share %s has used less for its weight than share %s and goes first.", q.line.First().Lineup.Share, j.top().row.Share)
	case CodeQueueOrder:
		return fmt.Sprintf("Job %s is placed before it.", q.line.First().Head().row.ID)
	case CodePriority:
		for _, e := range m.fleet.Open(q.tried) {
			if ahead := m.keptFor(at, j, e); ahead != nil {
				return fmt.Sprintf("The room in %s is kept for job %s of queue %s.", e.Row.Name, ahead.row.ID, ahead.queue.row.Name)
			}
		}
		return "The room is kept for a job of a queue of higher priority."
	case CodeBusy:
		var short []string
		for _, e := range m.fleet.Open(q.tried) {
			short = append(short, m.lacking(j, e))
		}
		return sentenceOf(strings.Join(short, "; "))
	default:
		return "There is room; it is placed in the next round."
	}
}

// keptFor is the head that the room in e is kept for, if that is not j.
func (m *Machine) keptFor(at batch.Time, j *job, e *fleet.Environment) *job {
	if r := m.keptIn(at, j, e); r != nil {
		return m.headOf(r)
	}
	return nil
}

// headOf is the head whose place r is.
func (m *Machine) headOf(r *fleet.Reservation) *job {
	j, _, _, _ := m.find(r.Work.Job)
	return j
}

func (m *Machine) keptIn(at batch.Time, j *job, e *fleet.Environment) *fleet.Reservation {
	for _, q := range m.rankedQueues() {
		if r := q.kept; r != nil && q.closed == m.stamp && r.Work.Job != j.row.ID && (r.Environment == e || r.Pool == m.fleet.Pool(e)) && at.Add(m.lasts(j)) > r.At {
			return r
		}
	}
	return nil
}

// openEnvironments returns the environments of q that attempts may be placed in, and whether any of them has a host.
func (m *Machine) openEnvironments(q *queue) (open []string, ready bool) {
	for _, e := range m.fleet.Open(q.tried) {
		open = append(open, e.Row.Name)
		ready = ready || m.fleet.Pool(e).Ready()
	}
	return open, ready
}
