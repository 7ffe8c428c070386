package sim

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// questions asks the machine between two rounds what people ask, now and then. Its answers have to agree with the rows, and
// leave no trace: the story is told again with nobody asking, and has to be the same.
func (l *laws) questions() {
	e := l.w.engine
	if l.blind || l.w.failure != nil || e.rounds%askEvery != 0 {
		return
	}
	defer l.w.catch()
	now := e.last
	if read := l.w.std(); read.After(now) {
		now = read
	}
	key := fmt.Sprint(e.rounds)
	if ids := l.w.store.Submissions; len(ids) > 0 {
		id := ids[l.w.dice.between(0, int64(len(ids))-1, "explains", key)]
		if open := l.w.store.Open; len(open) > 0 && l.w.dice.chance(900, "explains one that is open", key) {
			id = open[l.w.dice.between(0, int64(len(open))-1, "explains which", key)]
		}
		l.explain(now, id)
		row := l.w.store.Jobs[id]
		if row.Array != nil {
			l.explain(now, id.Child(int32(l.w.dice.between(0, int64(row.Size), "explains child", key)))) // one too many, too
		}
		for _, part := range l.w.store.Parts[id] {
			l.explain(now, part.ID)
		}
		l.plan(now, l.w.tried[ids[l.w.dice.between(0, int64(len(ids))-1, "plans", key)]])
	}
	for _, q := range l.w.engine.machine.View().Queues {
		if _, err := l.answer(now, sched.QueueFront{Queue: q.Name, Limit: 10}); err != nil {
			l.w.broken("answer", "the front of queue %s: %v", q.Name, err)
		}
	}
	if r := e.machine.Take(); !r.Delta.Empty() || len(r.Orders) > 0 || len(r.Notes) > 0 {
		l.w.broken("question", "questions have changed rows or left orders: %+v", r)
	}
}

func (l *laws) answer(now time.Time, q sched.Query) (any, error) {
	if t := l.w.tamper; t != nil && t.onQuestion != nil {
		return t.onQuestion(l.w.engine.machine, now, q)
	}
	return l.w.engine.machine.Answer(now, q)
}

// explain holds the answer about a job against its row.
func (l *laws) explain(now time.Time, id batch.JobID) {
	row := l.w.store.Job(id)
	answer, err := l.answer(now, sched.ExplainJob{ID: id})
	if row == nil || row.Status.Terminal() {
		var refusal *batch.Error
		if !errors.As(err, &refusal) || refusal.Kind != batch.NotFound {
			l.w.broken("answer", "job %s is explained with %+v, %v; there is %s", id, answer, err, rowText(row))
		}
		return
	}
	x, ok := answer.(sched.Explanation)
	switch {
	case err != nil || !ok || x.Job != id || x.Status != row.Status || x.Code == "" || x.Sentence == "":
		l.w.broken("answer", "job %s is explained with %+v, %v; there is %s", id, x, err, rowText(row))
	case x.Position < 0 || x.ExpectedStart != 0 && (x.Basis == "" || x.ExpectedStart < batch.At(now)):
		l.w.broken("answer", "job %s is expected to start at %d, from %q, at position %d; now it is %d", id, x.ExpectedStart, x.Basis, x.Position, batch.At(now))
	}
}

// plan plans a submission anew, and submits it to a machine of its own: that refuses what is refused here, and nothing else.
func (l *laws) plan(now time.Time, c sched.SubmitJob) {
	c.ID, c.Token = "planned", ""
	c.Given = l.w.store.given(c.Needs())
	answer, err := l.answer(now, sched.PlanJob{Submit: c})
	machine := sched.Load(l.w.store.Snapshot(), l.w.config())
	_, refused := machine.Apply(now, c)
	plan, _ := answer.(sched.Plan)
	size := max(c.Size, int32(len(c.Points)), 1)
	switch {
	case errors.Is(err, batch.ErrStale) || errors.Is(refused, batch.ErrStale): // what was retried and has ended again is known to one of them
	case fmt.Sprint(err) != fmt.Sprint(refused):
		l.w.broken("plan", "a plan of %+v is refused with %v, submitting it with %v", c, err, refused)
	case plan.Adopts != "":
	case err == nil && (plan.Runs+plan.Reused != size || plan.Waits < 0 || plan.Waits > plan.Runs):
		l.w.broken("plan", "of %d, %d run, %d are reused, %d wait", size, plan.Runs, plan.Reused, plan.Waits)
	case err == nil && !slices.Equal(plan.Takes, taken(c.ID, machine.Take().Delta.Jobs)):
		l.w.broken("plan", "the results of %v are to be reused; submitting it reuses others", plan.Takes)
	case plan.ExpectedStart != 0 && (plan.ExpectedStart < batch.At(now) || plan.ExpectedEnd < plan.ExpectedStart):
		l.w.broken("plan", "planned from %d to %d; now it is %d", plan.ExpectedStart, plan.ExpectedEnd, batch.At(now))
	}
}

// taken are the jobs whose results the points of submission id have taken, in their order.
func taken(id batch.JobID, rows []batch.Job) (from []batch.JobID) {
	points := map[int32]batch.JobID{}
	for i := range rows {
		if rows[i].ID.Root() == id && rows[i].ReusedFrom != "" {
			_, index, _ := rows[i].ID.Part()
			points[index] = rows[i].ReusedFrom
		}
	}
	for _, index := range slices.Sorted(maps.Keys(points)) {
		from = append(from, points[index])
	}
	return from
}
