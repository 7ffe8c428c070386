package sim

import (
	"slices"
	"strings"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// reasonTimeLimit is what the reason of a job begins with that had been blocked for as long as its queue allows.
const reasonTimeLimit = "Canceled by JobStateTimeLimit action due to reason: "

// inTime looks whether time limits of queues and timeouts of attempts have ended what they must, and time limits nothing
// else. (That an attempt is not stopped before its timeout is looked at where attempts are.)
func (l *laws) inTime(open []*batch.Job) {
	for i := range l.turn.delta.Jobs {
		l.limited(&l.turn.delta.Jobs[i])
	}
	late := map[batch.JobID]batch.Time{}
	for _, row := range open {
		due, law := l.dueOf(row)
		if due == 0 || due >= l.turn.at {
			continue
		}
		if l.late[row.ID] == due { // it was late when the last turn was over already
			l.w.broken(law, "at %d job %s should have been ended at %d: %s, blocked since %d", l.turn.at-epoch, row.ID, due-epoch, rowText(row), row.BlockedAt)
		}
		late[row.ID] = due
	}
	l.late = late
}

// limited looks at a row that says that a limit has ended its job: it, or its array, was blocked for so long.
func (l *laws) limited(row *batch.Job) {
	old := l.turn.old[row.ID]
	if !strings.HasPrefix(row.StatusReason, reasonTimeLimit) || old != nil && old.StatusReason == row.StatusReason {
		return
	}
	if array, _, isPart := row.ID.Part(); isPart {
		if top := l.w.store.Jobs[array]; strings.HasPrefix(top.StatusReason, reasonTimeLimit) {
			return
		}
	}
	if old == nil || old.BlockedAt == 0 {
		l.w.broken("time limit", "job %s is ended (%s) and was not blocked: %s", row.ID, row.StatusReason, rowText(old))
		return
	}
	for _, limits := range [][]batch.TimeLimit{l.turn.limits[old.QueueID], l.w.store.Queues[old.QueueID].TimeLimits} {
		if due := limitOf(limits, old); due != 0 && due <= l.turn.at {
			return
		}
	}
	l.w.broken("time limit", "job %s is ended (%s) at %d, blocked since %d for %q; its queue allows %v",
		row.ID, row.StatusReason, l.turn.at-epoch, old.BlockedAt-epoch, old.StatusReason, l.w.store.Queues[old.QueueID].TimeLimits)
}

// dueOf is when something has to end a job that has not ended, and the law that says so; 0 for never.
func (l *laws) dueOf(row *batch.Job) (batch.Time, string) {
	if row.BlockedAt != 0 {
		return limitOf(l.w.store.Queues[row.QueueID].TimeLimits, row), "time limit"
	}
	if _, _, isNode := row.ID.SplitNode(); isNode || row.Status != batch.Running || row.Run.Outcome != batch.Submitted {
		return 0, ""
	}
	run := row.Run
	if row.Nodes != nil {
		main := l.w.store.Jobs[row.ID.Node(row.Nodes.Main)]
		if main == nil || main.Run == nil {
			return 0, ""
		}
		run = main.Run
	}
	timeout := timeoutOf(l.w.tried[row.ID.Root()])
	if timeout == 0 || run.Stop != batch.NotStopped && run.Stop != batch.StopRecalled {
		return 0, ""
	}
	return run.StartedAt.Add(timeout), "timeout"
}

// limitOf is when a job that is blocked will have been so for as long as the limits allow; 0 for never.
func limitOf(limits []batch.TimeLimit, row *batch.Job) batch.Time {
	var dues []batch.Time
	for _, limit := range limits {
		if strings.HasPrefix(row.StatusReason, limit.Reason) {
			dues = append(dues, row.BlockedAt.Add(limit.After))
		}
	}
	if len(dues) == 0 {
		return 0
	}
	return slices.Min(dues)
}

// timeLimits are how long jobs may be blocked in a queue; nil if there are no limits.
func (p *plan) timeLimits(key string) []batch.TimeLimit {
	if p.kind || !p.dice.chance(400, "time limits", key) {
		return nil
	}
	var limits []batch.TimeLimit
	for _, reason := range []string{
		"MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE", "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT",
		"CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY", "BUSY", "CONSUMABLE_RESOURCE",
	} {
		if p.dice.chance(700, "time limit", key+reason) {
			limits = append(limits, batch.TimeLimit{Reason: reason, After: time.Duration(p.dice.between(200, 45_000, "time limit of", key+reason)) * time.Millisecond})
		}
	}
	return limits
}
