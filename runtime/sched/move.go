package sched

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// allowed is the transition table: which status may follow which. A retried or recalled attempt goes back to
// RUNNABLE, and [RetryJob] alone takes a job out of FAILED, or out of SUCCEEDED if a result was not taken; everything else
// goes forward.
var allowed = [batch.StatusCount][]batch.Status{
	batch.Submitted: {batch.Pending, batch.Succeeded, batch.Failed},
	batch.Pending:   {batch.Runnable, batch.Succeeded, batch.Failed},
	batch.Runnable:  {batch.Starting, batch.Succeeded, batch.Failed},
	batch.Starting:  {batch.Running, batch.Runnable, batch.Succeeded, batch.Failed},
	batch.Running:   {batch.Runnable, batch.Succeeded, batch.Failed},
	batch.Failed:    {batch.Pending},
	batch.Succeeded: {batch.Pending},
}

func mustAllow(id batch.JobID, from, to batch.Status) {
	for _, s := range allowed[from] {
		if s == to {
			return
		}
	}
	panic(fmt.Sprintf("sched: job %s may not go from %s to %s", id, from, to))
}

// move changes the status of a job with a row. Nothing else does, but for [Machine.moveUnborn].
// It keeps the counts, the queue and the log, releases the jobs that wait for this one, and settles its array.
func (m *Machine) move(at batch.Time, j *job, to batch.Status, reason string) {
	from := j.row.Status
	mustAllow(j.row.ID, from, to)
	j.row.Status, j.row.StatusReason = to, clip(reason)
	m.touch(j)
	m.logMove(at, j.row.ID, from, to)
	if j.gang == nil && !j.isArray() {
		j.queue.tally(from, to, 1)
	}
	switch {
	case to == batch.Runnable:
		j.runnableAt = at
	case from == batch.Runnable && to == batch.Starting && j.gang == nil:
		m.noteWait(at, j)
	}
	if j.array != nil {
		m.count(j.array, from, to, 1)
	}
	if from == batch.Runnable {
		m.unqueue(j)
	}
	if from == batch.Runnable || to.Terminal() {
		j.waitsNoMore()
	}
	if (from.Live() || from == batch.Runnable) && !to.Live() && j.array != nil {
		m.unpark(j.array)
	}
	switch {
	case to == batch.Runnable:
		m.enqueue(j)
	case to.Terminal():
		m.settle(at, j)
	}
}

// moveUnborn changes the status of every child of array that has no row, in one row.
func (m *Machine) moveUnborn(at batch.Time, array *job, to batch.Status, reason string) {
	unborn := &array.row.Array.Unborn
	from := unborn.Status
	n := array.children.Unborn()
	if n == 0 || from == to || from.Terminal() && to != batch.Pending {
		return
	}
	mustAllow(array.row.ID, from, to)
	*unborn = batch.Unborn{Status: to, StatusReason: clip(reason), At: at}
	m.touch(array)
	m.count(array, from, to, n)
	array.queue.tally(from, to, int(n))
	m.logTransition(batch.Transition{Kind: batch.OfUnborn, Job: array.row.ID, From: from, To: to, At: at})
	if to.Terminal() {
		m.satisfyUnborn(at, array, to)
		m.unbornFailed(at, array)
	}
}

// satisfyUnborn tells the jobs that wait for single children of array that ended without a row.
func (m *Machine) satisfyUnborn(at batch.Time, array *job, status batch.Status) {
	for _, index := range array.children.TakeWatched() {
		if !array.children.HasRow(index) {
			m.satisfy(at, array.row.ID.Child(index), status)
		}
	}
}

// moveAll moves a submission and, if it is an array, its unborn children.
func (m *Machine) moveAll(at batch.Time, j *job, to batch.Status, reason string) {
	if j.isArray() {
		m.moveUnborn(at, j, to, reason)
	}
	m.move(at, j, to, reason)
}

// tally keeps the number of jobs and children in each status.
func (q *queue) tally(from, to batch.Status, n int) {
	if from != batch.Submitted && !from.Terminal() {
		q.counts[from] -= n
	}
	if to.Terminal() {
		q.ended[to] += int64(n)
		return
	}
	q.counts[to] += n
}

// noteWait says how long j was RUNNABLE. Of a job with a row that is not known after a restart.
func (m *Machine) noteWait(at batch.Time, j *job) {
	if j.runnableAt != 0 {
		m.round.notes = append(m.round.notes, Note{Kind: NoteWaited, Job: j.row.ID, Queue: j.row.QueueName, For: at.Sub(j.runnableAt)})
	}
}

// count moves n children of array between statuses.
func (m *Machine) count(array *job, from, to batch.Status, n int32) {
	array.row.Array.Counts[from] -= n
	array.row.Array.Counts[to] += n
	m.touch(array)
}

// admit takes up a submission that is not ended.
func (m *Machine) admit(j *job) {
	m.jobs[j.row.ID] = j
	m.offer(j)
	m.armClaims(j)
	j.class = j.queue.line.Enter(&j.row)
	m.joinShare(j)
	j.queue.jobs++
}

// offer lets a live submission be adopted, if its content has a key.
func (m *Machine) offer(j *job) {
	if j.row.Key == "" {
		return
	}
	key := adoptKey{j.queue, j.row.Name, j.row.Key}
	at, _ := slices.BinarySearchFunc(m.adoptable[key], j, compareJobs)
	m.adoptable[key] = slices.Insert(m.adoptable[key], at, j)
}

// settle does what follows from the end of a job.
func (m *Machine) settle(at batch.Time, j *job) {
	if j.row.StoppedAt == 0 {
		j.row.StoppedAt = at
	}
	if j.gang != nil {
		delete(j.gang.nodes, j.index)
		return
	}
	m.unqueue(j)
	if j.array != nil {
		j.array.children.End(j.index, j.row.Status)
		m.satisfy(at, j.row.ID, j.row.Status)
		m.childEnded(at, j.array, j.index, j.row.Status)
		m.settleArray(at, j.array)
		return
	}
	delete(m.jobs, j.row.ID)
	m.withdraw(j)
	m.flights.Leave(j.points)
	j.class.Leave()
	m.leaveShare(j)
	m.waits.Unpair(j.row.ID)
	m.waits.Unfollow(j, j.row.DependsOn)
	j.queue.jobs--
	m.rememberEnd(j)
	m.satisfy(at, j.row.ID, j.row.Status)
	m.finishQueue(j.queue)
}

// settleArray ends an array whose children have all ended.
func (m *Machine) settleArray(at batch.Time, array *job) {
	counts := &array.row.Array.Counts
	if array.row.Status.Terminal() || counts[batch.Succeeded]+counts[batch.Failed] < array.row.Size {
		return
	}
	if counts[batch.Failed] == 0 {
		m.move(at, array, batch.Succeeded, "")
		return
	}
	reason := array.row.StatusReason
	if array.row.BlockedAt != 0 {
		reason = "" // it says why they waited
	}
	m.move(at, array, batch.Failed, cmp.Or(reason, reasonChild))
}

// withdraw takes an ended submission from those that may be adopted.
func (m *Machine) withdraw(j *job) {
	j.claimDue = 0
	if j.row.Key == "" {
		return
	}
	key := adoptKey{j.queue, j.row.Name, j.row.Key}
	left := slices.DeleteFunc(m.adoptable[key], func(other *job) bool { return other == j })
	if m.adoptable[key] = left; len(left) == 0 {
		delete(m.adoptable, key)
	}
}

// remember keeps a client token, and forgets the oldest.
func (m *Machine) remember(token string, id batch.JobID) {
	if token == "" {
		return
	}
	m.tokens[token] = id
	m.lastTokens = append(m.lastTokens, token)
	if len(m.lastTokens) > rememberedTokens {
		delete(m.tokens, m.lastTokens[0])
		m.lastTokens = m.lastTokens[1:]
	}
}

// rememberEnd notes when a job that was retried ended again, so that a row read before is known as such.
func (m *Machine) rememberEnd(j *job) {
	if !j.again {
		return
	}
	id := j.row.ID
	if _, known := m.reended[id]; !known {
		m.lastEnds = append(m.lastEnds, id)
	}
	m.reended[id] = j.row.StoppedAt
	if len(m.lastEnds) > rememberedEnds {
		delete(m.reended, m.lastEnds[0])
		m.lastEnds = m.lastEnds[1:]
	}
}

// outdated reports whether a row that was read is not the last of a job that the machine does not hold.
func (m *Machine) outdated(row *batch.Job) bool {
	end, again := m.reended[row.ID]
	return !row.Status.Terminal() || again && end != row.StoppedAt
}
