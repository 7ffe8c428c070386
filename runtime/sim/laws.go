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
	turn    *turn                    // what is being committed, or was last
	amnesty map[batch.AttemptID]bool // live when something happened that may lead to too much running at once
	acked   map[batch.JobID]bool     // submissions that were answered
	retried map[batch.JobID]bool     // submissions that were retried

	accounts  map[string]account // of consumable resources
	tokens    map[string]batch.Time
	taken     map[string]int64
	histories map[string]batch.History
	meters    map[batch.InQueue]*meter
	keys      map[batch.JobID]string     // base keys that were computed; see flightlaw.go
	late      map[batch.JobID]batch.Time // what should have been ended when the last turn was over, and when
	lastShare batch.Time                 // the latest moment that the row of a share speaks of
}

func newLaws(w *world) *laws {
	return &laws{
		w: w, log: newReplay(), amnesty: map[batch.AttemptID]bool{}, acked: map[batch.JobID]bool{}, retried: map[batch.JobID]bool{},
		accounts: map[string]account{}, tokens: map[string]batch.Time{}, taken: map[string]int64{}, histories: map[string]batch.History{},
		meters: map[batch.InQueue]*meter{}, keys: map[batch.JobID]string{},
	}
}

// before looks at a round that is about to be committed.
func (l *laws) before(t *turn) {
	if l.blind {
		return
	}
	s, d := l.w.store, t.delta
	l.turn = t
	seen := map[batch.JobID]bool{}
	for i := range d.Jobs {
		row := &d.Jobs[i]
		if seen[row.ID] {
			l.w.broken("delta", "job %s has two rows in one delta", row.ID)
		}
		seen[row.ID] = true
		old, known := s.Jobs[row.ID]
		if known {
			l.follows(old, row)
		}
		if _, _, isPart := row.ID.Part(); !known && !isPart && row.Seq <= s.lastSeq() {
			l.w.broken("delta", "job %s has submission number %d, there was %d", row.ID, row.Seq, s.lastSeq())
		}
	}
	l.log.begin()
	for _, line := range d.Transitions {
		l.log.line(l.w, line)
	}
	for _, a := range d.Attempts {
		l.endsOnce(a)
		l.oracleAttempt(a)
	}
	l.strayRows(d)
	l.closed()
	for _, e := range d.Environments {
		if old, ok := s.Environments[e.Name]; ok && !old.Max.Fits(e.Max) || e.Max.MemoryMiB != 0 && old.Max.MemoryMiB == 0 {
			l.w.disturbed()
		}
	}
}

// endsOnce looks whether the end of an attempt is written that was written before: the row would replace that one.
func (l *laws) endsOnce(a batch.Attempt) {
	for _, ended := range l.w.store.Attempts[a.ID.Job] {
		if ended.ID == a.ID {
			l.w.broken("attempts", "attempt %s has ended twice", a.ID)
		}
	}
}

// follows looks at the row that replaces another: what has ended changes only if it failed and was retried, or, of a
// node, with the next attempt of its job.
func (l *laws) follows(old, row *batch.Job) {
	retried := l.turn.retried[row.ID.Root()] && (old.Status == batch.Failed || lacksResult(old))
	before := old.AttemptsBefore
	_, _, isNode := row.ID.SplitNode()
	switch {
	case !old.Status.Terminal() || reflect.DeepEqual(old, row):
	case isNode && row.Attempt > old.Attempt:
	case retried:
		before = old.Attempt
	default:
		l.w.broken("terminal", "job %s had ended: it was %s and becomes %s", row.ID, rowText(old), rowText(row))
	}
	if main := l.w.truthOf(l.ran(old.AttemptID())); row.Nodes != nil && main.unfit > 0 && row.AttemptsBefore == old.AttemptsBefore+1 {
		before = row.AttemptsBefore // its attempt was refused by its host, and does not count
	}
	if !isNode && (row.AttemptsBefore != before || row.Attempt < before) {
		l.w.broken("attempts", "job %s had %d attempts before it was retried, its row says %d, and %d now", row.ID, before, row.AttemptsBefore, row.Attempt)
	}
}

// lacksResult reports whether a job, or a child of it, SUCCEEDED and its result was not taken.
func lacksResult(row *batch.Job) bool {
	return row.Status == batch.Succeeded && (row.ResultError != "" || row.Array != nil && row.Array.ResultErrors > 0)
}

// after looks at the rows when a round has been committed.
func (l *laws) after() {
	if l.blind {
		return
	}
	s, d := l.w.store, l.turn.delta
	open := s.openRows()
	ended := false
	arrays := map[batch.JobID]bool{}
	for i := range d.Jobs {
		row := &d.Jobs[i]
		l.log.row(l.w, row)
		l.job(row)
		l.oracleJob(row)
		if array := s.Jobs[row.ID.Root()]; array.Array != nil && !arrays[array.ID] {
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
	l.take()
	l.consume()
	l.history()
	l.inTime(open)
	l.ledger(open)
	l.gangs()
	l.shares(open)
	l.placing(open)
	l.launches(open)
	l.flights(open)
	l.claims()
	l.unfit(open)
	l.strays()
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
	decided := row.Nodes != nil && row.Run != nil && row.Run.Outcome.Terminal() // and other nodes are not yet stopped
	if (row.Status.Terminal() || decided) != (row.StoppedAt != 0) {
		l.w.broken("rows", "job %s is %s, stopped at %d", id, row.Status, row.StoppedAt)
	}
	asked, ok := l.w.tried[id.Root()]
	if !ok {
		l.w.broken("rows", "job %s was never submitted", id)
		return
	}
	_, _, isNode := id.SplitNode()
	if limit := attemptsOf(asked); row.Attempt-row.AttemptsBefore > limit && !isNode {
		l.w.broken("attempts", "job %s has attempt %d of %d, after %d", id, row.Attempt, limit, row.AttemptsBefore)
	}
	l.attempts(row, isNode)
	was, known := l.turn.was(l.w.store, id)
	moved := !known || was <= batch.Pending || was.Terminal()
	if row.Array == nil && !isNode && moved && row.Status > batch.Pending && row.Status != batch.Failed && row.ReusedFrom == "" {
		l.unblocked(id)
	}
}

// attempts looks at the attempts of a job that have ended: of a multi-node job, and of its nodes, those that never ran are
// missing.
func (l *laws) attempts(row *batch.Job, isNode bool) {
	closed := l.w.store.Attempts[row.ID]
	last := int32(0)
	for _, a := range closed {
		if a.ID.Number != last+1 && (row.Nodes == nil && !isNode || a.ID.Number <= last) {
			l.w.broken("attempts", "after attempt %d of job %s comes number %d", last, row.ID, a.ID.Number)
		}
		last = a.ID.Number
	}
	want := len(closed) + b2i(row.Run != nil)
	if row.Array == nil && row.Nodes == nil && !isNode && int(row.Attempt) != want {
		l.w.broken("attempts", "job %s is at attempt %d, %d have ended, one is live: %t", row.ID, row.Attempt, len(closed), row.Run != nil)
	}
	if (row.Nodes != nil || isNode && row.Run != nil) && row.Attempt < last {
		l.w.broken("attempts", "job %s is at attempt %d, number %d has ended", row.ID, row.Attempt, last)
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

// array looks at an array and all its children.
func (l *laws) array(row *batch.Job) {
	var counts [batch.StatusCount]int32
	ended := true
	count := func(status batch.Status, n int32) {
		counts[status] += n
		ended = ended && (n == 0 || status.Terminal())
	}
	var lacking int32
	children := l.w.store.Parts[row.ID]
	for _, child := range children {
		count(child.Status, 1)
		lacking += int32(b2i(lacksResult(child)))
	}
	if lacking != row.Array.ResultErrors {
		l.w.broken("counts", "array %s says that %d results were not taken, its children that %d were not", row.ID, row.Array.ResultErrors, lacking)
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
	l.leftOf(e)
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
	if l.w.keptHosts() || l.w.unsettled() {
		b.WriteString(l.w.cloud.text())
	}
	l.w.eachHeld(func(a *attempt) { fmt.Fprintf(&b, "\n  host %s holds %s in state %d", a.order.Host, a.id, a.state) })
	return b.String()
}
