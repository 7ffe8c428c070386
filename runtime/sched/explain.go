package sched

import (
	"fmt"
	"strings"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
)

// explain says why a job or child that has not ended is not running.
func (m *Machine) explain(at batch.Time, id batch.JobID) (Explanation, error) {
	j, array, index, exists := m.find(id)
	if !exists || j == nil && array.children.has(index) {
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
	case j.parked || j.isArray() && j.slots() == 0:
		row := &j.top().row
		x.Code = CodeMaxConcurrency
		x.Sentence = fmt.Sprintf("%d children of its array are live, as many as batchd.maxConcurrency allows.", row.MaxConcurrency)
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
	if len(x.WaitsFor) > 0 && !whole && m.pairedOnly(row) {
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
func (m *Machine) pairedOnly(row *batch.Job) bool {
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
	x.Code, x.Sentence = m.cause(at, j)
	if j.stuck {
		return
	}
	var known bool
	if x.Position, known = m.position(j, index); !known {
		x.Sentence += fmt.Sprintf(" More than %d entries wait in its queue, so its position is not counted.", maxScan)
		return
	}
	out := m.forecast(at, j, x.Position, 1)
	x.ExpectedStart, x.Basis = out.start, out.basis
}

// cause is why j, which is RUNNABLE, has no place. For work behind the head of its queue that is the
// order of the queue, whatever room there is at the moment: so the code stays while the cause does.
func (m *Machine) cause(at batch.Time, j *job) (Code, string) {
	if j.stuck {
		code := codeOf(j.row.StatusReason)
		return code, m.tooLarge(j)
	}
	open, ready := m.openEnvironments(j.queue)
	switch {
	case len(open) == 0:
		return CodeInvalid, fmt.Sprintf("No compute environment of queue %s is ENABLED and VALID.", j.queue.row.Name)
	case !ready:
		return CodeNoHost, fmt.Sprintf("No host is ready in %s.", strings.Join(open, ", "))
	}
	if missing := m.missingNeeds(j); missing != "" {
		return CodeConsumable, missing
	}
	if code, sentence := m.shareCause(at, j); code != "" {
		return code, sentence
	}
	if c := j.queue.first(); c != nil && c.head() != j {
		return CodeQueueOrder, fmt.Sprintf("Job %s is placed before it.", c.head().row.ID)
	}
	return m.headCause(at, j)
}

// headCause is why the first work of a queue has no place.
func (m *Machine) headCause(at batch.Time, j *job) (Code, string) {
	var short []string
	for _, o := range j.queue.row.Environments {
		e := m.environments[o.Environment]
		if e == nil || !e.row.Open() {
			continue
		}
		lacking := m.lacking(j, e)
		if lacking == "" {
			if ahead := m.keptFor(at, j, e); ahead != nil {
				return CodePriority, fmt.Sprintf("The room in %s is kept for job %s of queue %s.", e.row.Name, ahead.row.ID, ahead.queue.row.Name)
			}
			return CodeNextRound, "There is room; it is placed in the next round."
		}
		short = append(short, lacking)
	}
	return CodeBusy, strings.Join(short, "; ") + "."
}

// lacking says what e lacks for j now; empty if nothing.
func (m *Machine) lacking(j *job, e *environment) string {
	want, free := place.Total(j.demands()), e.free()
	switch {
	case want.MilliCPU > free.MilliCPU:
		return fmt.Sprintf("compute environment %s has %s of %s vCPUs free, %s are asked for", e.row.Name, vcpus(max(free.MilliCPU, 0)), vcpus(e.row.Max.MilliCPU), vcpus(want.MilliCPU))
	case want.MemoryMiB > free.MemoryMiB:
		return fmt.Sprintf("compute environment %s has %d of %d MiB free, %d are asked for", e.row.Name, max(free.MemoryMiB, 0), e.row.Max.MemoryMiB, want.MemoryMiB)
	}
	p := m.poolOf(e)
	if demands := j.demands(); len(demands) > 1 || demands[0].Count > 1 {
		rooms, ok := place.Pack(demands, p.free)
		eachOf(demands, rooms, func(shape batch.Shape, room int) { p.free.Set(room, p.free.Free(room).Plus(shape)) })
		if !ok {
			return fmt.Sprintf("the hosts of compute environment %s have no room for all %d nodes at once", e.row.Name, j.row.Nodes.Count)
		}
		return ""
	}
	if p.free.First(j.shape(), 0) >= 0 {
		return ""
	}
	var most batch.Shape
	for _, h := range p.hosts {
		f := h.free()
		most = batch.Shape{MilliCPU: max(most.MilliCPU, f.MilliCPU), MemoryMiB: max(most.MemoryMiB, f.MemoryMiB), GPUs: max(most.GPUs, f.GPUs)}
	}
	return fmt.Sprintf("no host of compute environment %s has %s free (at most %s)", e.row.Name, ask(want), ask(most))
}

// keptFor is the head that the room in e is kept for, if that is not j.
func (m *Machine) keptFor(at batch.Time, j *job, e *environment) *job {
	for _, q := range m.rankedQueues() {
		if r := q.kept; r != nil && q.closed == m.stamp && r.job != j && (r.environment == e || r.pool == m.poolOf(e)) && at.Add(m.lasts(j)) > r.at {
			return r.job
		}
	}
	return nil
}

// openEnvironments returns the environments of q that attempts may be placed in, and whether any of them has a host.
func (m *Machine) openEnvironments(q *queue) (open []string, ready bool) {
	for _, o := range q.row.Environments {
		if e := m.environments[o.Environment]; e != nil && e.row.Open() {
			open = append(open, e.row.Name)
			ready = ready || m.poolOf(e).ready()
		}
	}
	return open, ready
}

// tooLarge says how far j is from what its environments may hold.
func (m *Machine) tooLarge(j *job) string {
	var limits []string
	for _, o := range j.queue.row.Environments {
		e := m.environments[o.Environment]
		if e == nil {
			continue
		}
		limit := fmt.Sprintf("%s may hold %s vCPUs", e.row.Name, vcpus(e.row.Max.MilliCPU))
		if e.row.Max.MemoryMiB > 0 {
			limit += fmt.Sprintf(" and %d MiB", e.row.Max.MemoryMiB)
		}
		if largest, ok := m.poolOf(e).largest(); ok {
			limit += ", its largest host has " + ask(largest)
		}
		limits = append(limits, limit)
	}
	return fmt.Sprintf("It asks for %s; %s.", ask(place.Total(j.demands())), strings.Join(limits, "; "))
}

// largest is the most of each part that any ready host of p has.
func (p *pool) largest() (most batch.Shape, ok bool) {
	for _, h := range p.hosts {
		if h.row.Ready {
			s := h.row.Capacity
			most = batch.Shape{MilliCPU: max(most.MilliCPU, s.MilliCPU), MemoryMiB: max(most.MemoryMiB, s.MemoryMiB), GPUs: max(most.GPUs, s.GPUs)}
			ok = true
		}
	}
	return most, ok
}

func ask(s batch.Shape) string {
	text := vcpus(s.MilliCPU) + " vCPUs"
	if s.MilliCPU >= boundless {
		text = "any number of vCPUs"
	}
	if s.MemoryMiB > 0 {
		text += fmt.Sprintf(", %d MiB", s.MemoryMiB)
	}
	if s.GPUs > 0 {
		text += fmt.Sprintf(", %d GPUs", s.GPUs)
	}
	return text
}

// vcpus renders thousandths of a vCPU without needless digits.
func vcpus(milli int64) string {
	text := strings.TrimRight(fmt.Sprintf("%d.%03d", milli/1000, milli%1000), "0")
	return strings.TrimSuffix(text, ".")
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
