package sched

import (
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
	"github.com/batchd/terraform-provider-batch/runtime/place/why"
	"github.com/batchd/terraform-provider-batch/runtime/sched/array"
)

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

// plan says what would become of a submission. It is checked as a submission is, and then stands at the end of its queue in
// imagination: nothing is kept.
func (m *Machine) plan(at batch.Time, c SubmitJob) (Plan, error) {
	a, err := m.examine(at, c)
	if err != nil {
		return Plan{}, err
	}
	j := m.imagine(at, c, a)
	size := max(a.size, 1)
	plan := Plan{Placeable: true, Takes: takes(c, a), Duration: m.lasts(j), Key: c.Given.Key}
	plan.Reused = int32(len(plan.Takes))
	if adopted := m.adopted(c); adopted != nil {
		plan.Adopts = adopted.row.ID
		return plan, nil
	}
	plan.Runs, plan.JoinsTo = size-plan.Reused, m.joinable(&c.Given, j)
	plan.Joins = int32(len(plan.JoinsTo))
	if plan.Runs == 0 {
		return plan, nil
	}
	if obstacle := m.obstacle(j); obstacle != place.NoObstacle {
		plan.Placeable = false
		plan.Waits = plan.Runs
		plan.Code = why.ObstacleCode(obstacle)
		plan.Sentence, plan.Remedy = why.Never(plan.Code, m.fleet, j.ask(), j.queue.tried), plan.Code.Remedy()
		return plan, nil
	}
	if a.hopeless.reason != "" {
		plan.Placeable, plan.Waits = false, plan.Runs
		plan.Code, plan.Sentence = why.Dependency, "A job it depends on has ended in a way that it does not wait for, so it would fail at once."
		return plan, nil
	}
	m.foresee(at, &plan, j)
	return plan, nil
}

// foresee fills in when the attempts of j would start and end, and why they would wait.
func (m *Machine) foresee(at batch.Time, plan *Plan, j *job) {
	position, known := m.lastPosition(j)
	plan.Position = position
	if unmet := m.unmet(j); len(unmet) > 0 {
		plan.Code, plan.Waits = why.Dependency, plan.Runs
		plan.Sentence = "It waits for " + list(unmet) + wanted(j.row.DependsOn) + "."
		return
	}
	defer m.imagineIn(at, j)()
	q := m.question(at, j)
	q.Prospect = m.imagineProspect(at, j)
	if code := q.Hindrance(); code != "" { // room says nothing about when it starts
		plan.Code, plan.Waits = code, plan.Runs
		plan.Sentence, plan.Remedy = q.Sentence(code), code.Remedy()
		return
	}
	if known {
		out, basis := m.forecast(at, j, position, int64(plan.Runs))
		plan.ExpectedStart, plan.ExpectedEnd, plan.Basis = out.Start, out.End, basis
		plan.Waits = plan.Runs - int32(min(out.Now, int64(plan.Runs)))
	}
	if plan.Waits == 0 && known {
		return
	}
	if plan.ExpectedStart == at {
		plan.Code = why.Busy
		plan.Sentence = "As many as fit would start at once, the others as these end."
	} else {
		plan.Code = q.Code()
		plan.Sentence = q.Sentence(plan.Code)
	}
	plan.Remedy = plan.Code.Remedy()
}

// imagine makes the job that a submission would be, at the end of its queue but not in it.
func (m *Machine) imagine(at batch.Time, c SubmitJob, a admission) *job {
	j := &job{queue: a.queue, entry: -1, row: m.rowOf(at, c, a)}
	j.row.Seq = m.lastSeq + 1
	if a.size > 0 {
		j.children = array.Of[*job](&j.row)
	}
	j.class = a.queue.line.Imagine(&j.row)
	return j
}

// imagineProspect is what j, which is imagined, would be promised in environments that launch hosts, if it had to wait for room.
func (m *Machine) imagineProspect(at batch.Time, j *job) (p why.Prospect) {
	w := m.work(j)
	open := m.launching(m.tried(j))
	if len(open) == 0 || slices.ContainsFunc(m.fleet.Open(m.tried(j)), func(e *fleet.Environment) bool { return m.fleet.Room(&fleet.Sweep{At: at}, &w, e) }) {
		return p
	}
	s := m.fleet.Scaling(at)
	defer s.Undo()
	for _, e := range open {
		answer := s.Need(e, w.Ask, 1)
		if p.Told(e, answer); answer.Left == 0 {
			break
		}
	}
	return p
}

// lastPosition is the position of imaginary work behind everything of its share.
func (m *Machine) lastPosition(j *job) (int64, bool) { return m.position(j, 0) }

// takes are the jobs whose results the points of c would take, in the order of the points.
func takes(c SubmitJob, a admission) (from []batch.JobID) {
	if len(a.spec.Nodes) > 0 {
		return nil
	}
	for index := range max(a.size, 1) {
		if source, ok := c.Given.Reusable[index]; ok {
			from = append(from, reusedFrom(&source, c.sharing()))
		}
	}
	return from
}
