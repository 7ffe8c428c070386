package sched

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/bitset"
	"github.com/batchd/terraform-provider-batch/runtime/sched/array"
	"github.com/batchd/terraform-provider-batch/runtime/sched/depend"
)

// RetryJob runs again a job that FAILED or whose result was not taken: of an array, only such children. It needs the job, its
// children, and whatever it depends on that has ended.
type RetryJob struct {
	replies[RetryReply]
	batch.Caller
	ID    batch.JobID
	Given Given
}

// RetryReply says how many jobs or children will run again.
type RetryReply struct{ Retried int32 }

// Needs implements [Needy].
func (c RetryJob) Needs() Needs {
	return Needs{Jobs: []batch.JobID{c.ID}, Children: []batch.JobID{c.ID}, PointKeys: c.ID, Dependencies: true}
}

// With implements [Needy].
func (c RetryJob) With(g Given) Command { c.Given = g; return c }

// apply runs again a job that FAILED or whose result was not taken, in place: under its id, with its number and its
// attempts so far. Of an array, such children run again. It waits again for what it depends on and has not ended. A multi-node job runs again
// as a whole; its nodes begin anew with its next attempt.
func (c RetryJob) apply(m *Machine, at batch.Time) (any, error) {
	row, err := m.checkRetry(c)
	if err != nil {
		return nil, err
	}
	n := int32(1)
	if row.Array != nil {
		n = row.Array.Counts[batch.Failed] + row.Array.ResultErrors
	}
	m.reopen(at, row, c.Given.Children[c.ID], c.Given.PointKeys)
	m.audit(at, c.Caller, "RetryJob", string(c.ID))
	return c.reply(RetryReply{Retried: n})
}

// checkRetry returns the row of a job that may run again.
func (m *Machine) checkRetry(c RetryJob) (batch.Job, error) {
	if root, _, isPart := c.ID.Part(); isPart {
		return batch.Job{}, batch.Errorf(batch.InvalidRequest, "job %s is part of job %s; retry the whole job: of an array, only the children that failed run again", c.ID, root)
	}
	if j, live := m.jobs[c.ID]; live {
		return batch.Job{}, batch.Errorf(batch.Conflict, "job %s is %s; "+onlyRetried, c.ID, j.row.Status)
	}
	row, known := c.Given.Jobs[c.ID]
	failed := bitset.NewMask(row.Size)
	complete := true
	if known && row.Array != nil {
		failed, complete = depend.FailedOf(&row, c.Given.Children[c.ID])
	}
	switch {
	case !known:
		return batch.Job{}, batch.Errorf(batch.NotFound, "job %s does not exist", c.ID)
	case m.outdated(&row) || !complete:
		return batch.Job{}, batch.ErrStale
	case row.Status != batch.Failed && !lacksResult(&row):
		return batch.Job{}, batch.Errorf(batch.Conflict, "job %s is %s; "+onlyRetried, c.ID, row.Status)
	case row.Array != nil && row.Array.Counts[batch.Failed]+row.Array.ResultErrors == 0:
		return batch.Job{}, batch.Errorf(batch.Conflict, "no child of array %s has failed; there is nothing to retry", c.ID)
	}
	if err := m.checkRetryQueue(&row); err != nil {
		return batch.Job{}, err
	}
	return row, m.checkRetryDependencies(&row, failed, c.Given)
}

// onlyRetried says which jobs may run again.
const onlyRetried = "only a job that has FAILED, or whose result was not taken, can be retried"

// lacksResult reports whether an ended job or child, or a child of it, SUCCEEDED with a result that was not taken.
func lacksResult(row *batch.Job) bool {
	if row.Array != nil {
		return row.Array.ResultErrors > 0
	}
	return row.Status == batch.Succeeded && row.ResultError != ""
}

// checkRetryQueue refuses a job whose queue is gone, even if there is another one of its name, or takes no jobs.
func (m *Machine) checkRetryQueue(row *batch.Job) error {
	if m.queuesByID[row.QueueID] == nil {
		return batch.Errorf(batch.InvalidRequest, "job queue %s, in which job %s was, has been deleted; submit the job anew", row.QueueName, row.ID)
	}
	_, err := m.acceptingQueue(row.QueueName)
	return err
}

// checkRetryDependencies refuses a job that would only fail again with what it depends on.
func (m *Machine) checkRetryDependencies(row *batch.Job, failed bitset.Mask, g Given) error {
	for _, d := range row.DependsOn {
		status, failedThere, err := m.look(d, row.Size, g)
		if err != nil {
			return err
		}
		if depend.Breaks(d.Kind, status) != "" {
			return batch.Errorf(batch.Conflict, "job %s depends on job %s, which has %s: it would fail again; %s", row.ID, d.Job, status, retryFirst(d))
		}
		if failedThere == nil {
			continue
		}
		failedThere.Intersect(failed)
		if both := failedThere.Indices(); len(both) > 0 {
			return batch.Errorf(batch.Conflict, "job %s depends on job %s, which has FAILED: it would fail again; retry job %s first", row.ID.Child(both[0]), d.Job.Child(both[0]), d.Job)
		}
	}
	return nil
}

func retryFirst(d batch.Dependency) string {
	if d.Kind == batch.DependAfterFailed {
		return "submit it anew without that dependency"
	}
	return "retry job " + string(d.Job.Root()) + " first"
}

// reopen takes up an ended submission again; rows are those of its children. All that runs again waits first, like a
// submission, and what has nothing to wait for is released.
func (m *Machine) reopen(at batch.Time, row batch.Job, rows []batch.Job, keys []byte) {
	j := &job{row: afresh(row), queue: m.queuesByID[row.QueueID], entry: -1, again: true}
	if row.Array != nil {
		counts := *row.Array
		counts.ResultErrors = 0
		j.row.Array, j.children = &counts, array.Of[*job](&j.row)
	}
	m.admit(j)
	m.joinFlights(j, keys)
	var again []*job
	for _, r := range rows {
		if row.Array == nil {
			break // nodes begin anew
		}
		_, index, _ := r.Parent()
		if r.Status == batch.Failed || lacksResult(&r) {
			child := &job{row: afresh(r), queue: j.queue, array: j, index: index, entry: -1}
			j.children.Bear(index, child)
			again = append(again, child)
			continue
		}
		j.children.End(index, r.Status)
	}
	slices.SortFunc(again, compareJobs)
	m.moveAll(at, j, batch.Pending, "")
	for _, child := range again {
		m.move(at, child, batch.Pending, "")
	}
	m.link(j)
	m.relink(j.row.ID)
	if j.awaits == 0 {
		m.release(at, j)
	}
}

// afresh is the row of an ended job, ready to run again.
func afresh(row batch.Job) batch.Job {
	row.StoppedAt, row.BlockedAt = 0, 0
	row.Cancelled, row.Terminated = false, false
	row.AttemptsBefore = row.Attempt
	if row.Claims != nil {
		row.Claims = &batch.Claims{Held: row.Claims.Held}
	}
	return row
}
