package sim

import (
	"fmt"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// oracleAttempt holds the row of an ended attempt against what really happened.
func (l *laws) oracleAttempt(a batch.Attempt) {
	t := l.w.truthOf(l.ran(a.ID))
	if held := l.w.held(a.ID); held != nil && held.state != ended {
		l.w.broken("oracle", "attempt %s is recorded as ended and is still with the host", a.ID)
	}
	switch {
	case a.StartedAt != 0 && t.begun == 0:
		l.w.broken("oracle", "attempt %s is recorded as started at %d and never was", a.ID, a.StartedAt-epoch)
	case a.ExitCode != nil && t.code == nil:
		l.w.broken("oracle", "attempt %s is recorded with code %d and never ended", a.ID, *a.ExitCode)
	case a.ExitCode != nil && *a.ExitCode != *t.code:
		l.w.broken("oracle", "attempt %s is recorded with code %d and ended with %d", a.ID, *a.ExitCode, *t.code)
	case a.ExitCode == nil && !t.refused && !t.killed && l.w.deaths[a.Host] == 0:
		l.w.broken("oracle", "attempt %s is recorded as lost and was not", a.ID)
	}
}

// ran is the attempt that really ran: of a multi-node job, its main node's.
func (l *laws) ran(id batch.AttemptID) batch.AttemptID {
	if row := l.w.store.Jobs[id.Job]; row != nil && row.Nodes != nil {
		id.Job = id.Job.Node(row.Nodes.Main)
	}
	return id
}

// oracleJob holds the row of an ended job against what really happened and against what its user asked.
func (l *laws) oracleJob(row *batch.Job) {
	if row.Array != nil {
		return
	}
	switch row.Status {
	case batch.Succeeded:
		l.succeeded(row)
	case batch.Failed:
		l.failed(row)
	case batch.Submitted, batch.Pending, batch.Runnable, batch.Starting, batch.Running:
	}
	main, isNode := l.w.mainOf(row.AttemptID())
	if run := row.Run; run != nil && run.Stop == batch.StopTimeout && (!isNode || main.Job == row.ID) {
		if timeout := timeoutOf(l.w.tried[row.ID.Root()]); run.StoppingAt.Sub(run.StartedAt) < timeout {
			l.w.broken("timeout", "attempt %s was stopped %s after its start, its timeout is %s", row.AttemptID(), run.StoppingAt.Sub(run.StartedAt), timeout)
		}
	}
}

func (l *laws) succeeded(row *batch.Job) {
	s := l.w.store
	_, _, isNode := row.ID.SplitNode()
	key, ok := s.contentKeyOf(row.ID)
	if row.ResultError != "" {
		key = "" // nobody may take what was not taken
	}
	if row.Nodes == nil && !isNode && (!ok || row.ContentKey != key) {
		l.w.broken("reuse", "job %s has content key %q, that of what it runs is %q", row.ID, row.ContentKey, key)
	}
	if row.ReusedFrom != "" {
		from := s.Jobs[row.ReusedFrom]
		if from == nil || from.Status != batch.Succeeded || from.ContentKey != row.ContentKey || from.Result != row.Result {
			l.w.broken("reuse", "job %s took the result of %s, which is not the same", row.ID, row.ReusedFrom)
		}
		return
	}
	t := l.w.truthOf(l.ran(row.AttemptID()))
	if t.code == nil || *t.code != 0 {
		l.w.broken("oracle", "job %s SUCCEEDED by attempt %s, which ended with %v", row.ID, row.AttemptID(), shown(t.code))
	}
	if t.spoilt != (row.ResultError != "") || t.spoilt && !isNode && l.w.tried[row.ID.Root()].FailOnResultError {
		l.w.broken("result", "job %s SUCCEEDED with result error %q by attempt %s, whose result was not taken: %t", row.ID, row.ResultError, row.AttemptID(), t.spoilt)
	}
	if row.Result != (batch.AttemptID{}) {
		if _, kept := s.Results[row.Result]; !kept {
			l.w.broken("rows", "job %s names the result of %s, which is not kept", row.ID, row.Result)
		}
	}
}

// failed looks for a reason.
func (l *laws) failed(row *batch.Job) {
	asked := l.w.tried[row.ID.Root()]
	top := l.w.store.Jobs[row.ID.Root()]
	if row.Cancelled || row.Terminated || top.Cancelled || top.Terminated {
		return
	}
	if _, _, isNode := row.ID.SplitNode(); isNode {
		return // it may have been stopped, or never started, because the main one ended
	}
	if row.Nodes != nil {
		if main := l.w.store.Jobs[row.ID.Node(row.Nodes.Main)]; main != nil && main.Terminated {
			return
		}
	}
	queue := l.w.store.Queues[row.QueueID]
	if queue.Health == batch.Deleting || queue.Health == batch.Deleted {
		return
	}
	if row.Attempt == row.AttemptsBefore {
		if l.failedWith(row.ID) {
			return
		}
		l.w.broken("reason", "job %s FAILED (%s) before it ran, and nothing it depends on did", row.ID, row.StatusReason)
		return
	}
	t := l.w.truthOf(l.ran(row.AttemptID()))
	stopped := row.StatusReason == "Job attempt duration exceeded timeout"
	switch {
	case t.code != nil && *t.code == 0 && !stopped && len(l.w.deaths) == 0 && !(t.spoilt && asked.FailOnResultError):
		l.w.broken("oracle", "job %s FAILED (%s) and attempt %s ended with 0", row.ID, row.StatusReason, row.AttemptID())
	case !stopped && !hasRules(asked) && row.Attempt-row.AttemptsBefore < attemptsOf(asked):
		l.w.broken("attempts", "job %s FAILED (%s) after attempt %d of %d", row.ID, row.StatusReason, row.Attempt, attemptsOf(asked))
	}
}

func hasRules(c sched.SubmitJob) bool {
	return c.Retry == nil && len(c.Given.Definition.Retry.Rules) > 0
}

// acknowledged looks at the answer a user gets to a submission.
func (l *laws) acknowledged(c *call, reply sched.SubmitReply) {
	asked, _ := c.command.(sched.SubmitJob)
	if before, again := c.user.ids[c.step.asks]; again && before != reply.ID && !asked.Adopt { // what was adopted and has ended is not known by the token
		l.w.broken("token", "%s was answered with %s, and before with %s", c.step.text, reply.ID, before)
	}
	row, ok := l.w.store.Jobs[reply.ID]
	if reply.Adopted {
		l.adopted(asked, reply.ID)
	}
	if !ok || row.Name != asked.Name {
		l.w.broken("acknowledged", "%s was answered with %s, which is not in the store", c.step.text, reply.ID)
	}
	l.acked[reply.ID] = true
}

// final looks at a world in which everything has ended.
func (l *laws) final() {
	l.equal()
	for id := range l.acked {
		if row := l.w.store.Jobs[id]; row == nil || !row.Status.Terminal() {
			l.w.broken("acknowledged", "job %s was accepted: %s", id, rowText(row))
		}
	}
	l.w.eachHeld(func(a *attempt) { l.w.broken("left over", "host %s still holds %s", a.order.Host, a.id) })
	l.strayEnd()
	submitted := map[string]batch.JobID{}
	for _, id := range l.w.store.Submissions {
		name := l.w.store.Jobs[id].Name
		if l.w.plan.sharing { // there a name is of many
			name = string(l.w.store.Specs[id].Body)
		}
		if other, twice := submitted[name]; twice {
			l.w.broken("token", "%s was submitted once and is there as %s and %s", name, other, id)
		}
		submitted[name] = id
	}
	v := l.w.engine.machine.View()
	if v.Unfinished != 0 || v.Attempts != 0 {
		l.w.broken("view", "everything has ended and the machine counts %s", fmt.Sprint(v))
	}
	for _, e := range v.Environments {
		if e.Used != (batch.Shape{}) {
			l.w.broken("view", "everything has ended and environment %s counts %v as used", e.Name, e.Used)
		}
	}
}
