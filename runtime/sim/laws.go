package sim

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// laws watches a world. Each method looks at one moment and says which law is broken.
type laws struct {
	w       *world
	blind   bool // looks at nothing: for a story that was looked at before
	log     replay
	amnesty map[batch.AttemptID]bool // live when something happened that may lead to too much running at once
	acked   map[batch.JobID]bool     // submissions that were answered
}

func newLaws(w *world) *laws {
	return &laws{w: w, log: newReplay(), amnesty: map[batch.AttemptID]bool{}, acked: map[batch.JobID]bool{}}
}

// before looks at a delta that is about to be committed.
func (l *laws) before(d *batch.Delta) {
	if l.blind {
		return
	}
	s := l.w.store
	seen := map[batch.JobID]bool{}
	for i := range d.Jobs {
		row := &d.Jobs[i]
		if seen[row.ID] {
			l.w.broken("delta", "job %s has two rows in one delta", row.ID)
		}
		seen[row.ID] = true
		old, known := s.jobs[row.ID]
		if known && old.Status.Terminal() && !reflect.DeepEqual(old, row) {
			l.w.broken("terminal", "job %s had ended: it was %s and becomes %s", row.ID, rowText(old), rowText(row))
		}
		if _, _, isChild := row.Parent(); !known && !isChild && row.Seq <= s.lastSeq {
			l.w.broken("delta", "job %s has submission number %d, there was %d", row.ID, row.Seq, s.lastSeq)
		}
	}
	for _, line := range d.Transitions {
		l.log.line(l.w, line)
	}
	for _, a := range d.Attempts {
		l.oracleAttempt(a)
	}
	for _, e := range d.Environments {
		if old, ok := s.environments[e.UUID]; ok && !old.Max.Fits(e.Max) || e.Max.MemoryMiB != 0 && old.Max.MemoryMiB == 0 {
			l.w.disturbed()
		}
	}
}

// after looks at the rows when a delta has been committed.
func (l *laws) after(d *batch.Delta) {
	if l.blind {
		return
	}
	s := l.w.store
	open := s.openRows()
	ended := false
	arrays := map[batch.JobID]bool{}
	for i := range d.Jobs {
		row := &d.Jobs[i]
		l.log.row(l.w, row)
		l.job(row)
		l.oracleJob(row)
		if array := s.jobs[row.ID.Root()]; array.Array != nil && !arrays[array.ID] {
			arrays[array.ID] = true
			l.array(array)
		}
		ended = ended || row.Status.Terminal()
	}
	if ended {
		l.dependencies(open)
	}
	for _, q := range d.Queues {
		l.queue(q)
	}
	for _, e := range d.Environments {
		l.environment(e, open)
	}
	l.idle(open)
	if l.w.faults.none() {
		l.prompt(open)
	}
}

// job looks at one row.
func (l *laws) job(row *batch.Job) {
	id := row.ID
	if row.Status.Live() != (row.Run != nil) {
		l.w.broken("rows", "job %s is %s, with an attempt: %t", id, row.Status, row.Run != nil)
	}
	if row.Status.Terminal() != (row.StoppedAt != 0) {
		l.w.broken("rows", "job %s is %s, stopped at %d", id, row.Status, row.StoppedAt)
	}
	asked, ok := l.w.tried[id.Root()]
	if !ok {
		l.w.broken("rows", "job %s was never submitted", id)
		return
	}
	if limit := attemptsOf(asked); row.Attempt > limit {
		l.w.broken("attempts", "job %s has attempt %d of %d", id, row.Attempt, limit)
	}
	closed := l.w.store.attempts[id]
	for i, a := range closed {
		if a.ID.Number != int32(i+1) {
			l.w.broken("attempts", "attempt %d of job %s is numbered %d", i+1, id, a.ID.Number)
		}
	}
	if want := len(closed) + b2i(row.Run != nil); row.Array == nil && int(row.Attempt) != want {
		l.w.broken("attempts", "job %s is at attempt %d, %d have ended, one is live: %t", id, row.Attempt, len(closed), row.Run != nil)
	}
	if row.Array == nil && row.Status > batch.Pending && row.ReusedFrom == "" && row.Status != batch.Failed {
		l.unblocked("dependencies", id, asked.DependsOn)
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// attemptsOf is how often a user wants a job to run at most.
func attemptsOf(c sched.SubmitJob) int32 {
	retry := c.Given.Definition.Retry
	if c.Retry != nil {
		retry = *c.Retry
	}
	return max(retry.Attempts, 1)
}

// unblocked looks whether everything in dependsOn has succeeded.
func (l *laws) unblocked(law string, id batch.JobID, dependsOn []batch.Dependency) {
	for _, d := range dependsOn {
		if on, ok := l.w.store.status(d.Job); !ok || on != batch.Succeeded {
			l.w.broken(law, "job %s goes on while %s, on which it depends, is %s", id, d.Job, on)
		}
	}
}

// dependencies looks whether what waits still has a reason to.
func (l *laws) dependencies(open []*batch.Job) {
	for _, row := range open {
		_, _, isChild := row.Parent()
		waits := row.Status == batch.Pending && (row.Array == nil || row.Array.Unborn.Status == batch.Pending)
		if isChild || !waits {
			continue
		}
		unmet := 0
		for _, d := range l.w.tried[row.ID].DependsOn {
			on, _ := l.w.store.status(d.Job)
			if on == batch.Failed {
				l.w.broken("dependencies", "job %s waits for %s, which has failed", row.ID, d.Job)
			}
			if on != batch.Succeeded {
				unmet++
			}
		}
		if unmet == 0 {
			l.w.broken("dependencies", "job %s is PENDING and waits for nothing", row.ID)
		}
	}
}

// array looks at an array and all its children.
func (l *laws) array(row *batch.Job) {
	var counts [batch.StatusCount]int32
	ended := true
	count := func(status batch.Status, n int32) {
		counts[status] += n
		ended = ended && (n == 0 || status.Terminal())
	}
	children := l.w.store.children[row.ID]
	for _, child := range children {
		count(child.Status, 1)
	}
	count(row.Array.Unborn.Status, row.Size-int32(len(children)))
	if counts != row.Array.Counts {
		l.w.broken("counts", "array %s says %v, its children are %v", row.ID, row.Array.Counts, counts)
	}
	if ended != row.Status.Terminal() {
		l.w.broken("array", "array %s is %s, its children are %v", row.ID, row.Status, counts)
	}
	if row.Status.Terminal() && (row.Status == batch.Succeeded) != (counts[batch.Failed] == 0) {
		l.w.broken("array", "array %s is %s, its children are %v", row.ID, row.Status, counts)
	}
	if row.Status == batch.Runnable || row.Status.Live() {
		l.w.broken("array", "array %s is %s; an array is SUBMITTED, PENDING or ended", row.ID, row.Status)
	}
}

// queue looks at a queue that has changed.
func (l *laws) queue(q batch.Queue) {
	if q.Health != batch.Deleted {
		return
	}
	for _, row := range l.w.store.openRows() {
		if row.QueueID == q.UUID {
			l.w.broken("queue", "queue %s is DELETED while job %s is %s", q.Name, row.ID, row.Status)
		}
	}
}

// environment looks at an environment that has changed.
func (l *laws) environment(e batch.Environment, open []*batch.Job) {
	if e.Health != batch.Deleted {
		return
	}
	for _, row := range open {
		if row.Run != nil && row.Run.Environment == e.Name {
			l.w.broken("environment", "environment %s is DELETED while attempt %s is in it", e.Name, row.AttemptID())
		}
	}
}

// unfinished describes what has not ended, for people.
func (l *laws) unfinished() string {
	var b strings.Builder
	n := 0
	for _, row := range l.w.store.openRows() {
		if !row.Status.Terminal() && n < 8 {
			fmt.Fprintf(&b, "\n  %s", rowText(row))
			n++
		}
	}
	for i, u := range l.w.users {
		if u.call != nil {
			fmt.Fprintf(&b, "\n  user %d waits for the answer to %s", i, u.call.step.text)
		}
	}
	for _, a := range l.w.host.sorted() {
		fmt.Fprintf(&b, "\n  the host holds %s in state %d", a.id, a.state)
	}
	return b.String()
}
