package sched

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/bitset"
	"github.com/batchd/terraform-provider-batch/runtime/sched/depend"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
)

// A job waits for what it depends on as long as that is not ended; what has ended was let count in the round in which it did. So it
// follows from the rows which job waits for which, and [Machine.link] is all that Load has to do. A job that waits for several, one of
// which is retried meanwhile, waits for that one again.
//
// The children of a gated array wait one by one and stay without a row until they may run or fail: see package array.

// hopeless is what a submission can never be: reason is not empty if all of it must fail, children holds those of
// an array that must.
type hopeless struct {
	reason   string
	children bitset.Mask // nil: none
}

// checkDependencies refuses what cannot be waited for, and says what has ended already as it must not.
func (m *Machine) checkDependencies(r *submit.Request, size int32, g Given) (hopeless, error) {
	var h hopeless
	if n := len(r.DependsOn); n > batch.MaxDependencies {
		return h, batch.Errorf(batch.InvalidRequest, "dependsOn has %d entries; at most %d are allowed", n, batch.MaxDependencies)
	}
	for _, d := range r.DependsOn {
		if err := depend.CheckEntry(d, r.ID, size); err != nil {
			return h, err
		}
		status, failed, err := m.look(d, size, g)
		if err != nil {
			return h, err
		}
		if h.reason == "" {
			h.reason = depend.Breaks(d.Kind, status)
		}
		if failed != nil {
			if h.children == nil {
				h.children = bitset.NewMask(size)
			}
			h.children.Union(failed)
		}
	}
	return h, nil
}

// look returns the status of what d names, and of an N_TO_N dependency which of its children have failed (nil: none).
func (m *Machine) look(d batch.Dependency, size int32, g Given) (batch.Status, bitset.Mask, error) {
	if d.Kind == batch.DependSequential {
		return batch.Pending, nil, nil
	}
	live := m.jobs[d.Job]
	status, known := m.statusOf(d.Job)
	var row batch.Job
	if !known {
		if row, known = g.Jobs[d.Job]; !known {
			return 0, nil, batch.Errorf(batch.NotFound, "dependsOn: job %s does not exist", d.Job)
		}
		if m.outdated(&row) {
			return 0, nil, batch.ErrStale
		}
		status = row.Status
	}
	if d.Kind != batch.DependNToN {
		return status, nil, nil
	}
	if live != nil {
		row = live.row
	}
	if err := depend.CheckPair(&row, size); err != nil {
		return 0, nil, err
	}
	if row.Array.Counts[batch.Failed] == 0 {
		return status, nil, nil
	}
	if live != nil {
		return status, live.children.FailedMask(), nil
	}
	failed, ok := depend.FailedOf(&row, g.Children[d.Job])
	if !ok {
		return 0, nil, batch.ErrStale
	}
	return status, failed, nil
}

// statusOf returns the status of a job or child whose submission the machine holds.
func (m *Machine) statusOf(id batch.JobID) (batch.Status, bool) {
	j, array, index, exists := m.find(id)
	switch {
	case !exists:
		return 0, false
	case j != nil:
		return j.row.Status, true
	default:
		return array.children.Status(index), true
	}
}

// link makes j wait for everything it depends on that has not ended. What is linked already stays so.
func (m *Machine) link(j *job) {
	if !j.Waits() {
		return
	}
	for _, d := range j.row.DependsOn {
		if d.Kind == batch.DependSequential {
			continue
		}
		m.waits.Follow(d.Job.Root(), j)
		switch d.Kind {
		case batch.DependNToN:
			if m.jobs[d.Job] != nil {
				m.waits.Pair(d.Job, j)
			}
		default:
			m.await(j, d.Job)
		}
	}
}

// await makes j wait for the end of another job or child, unless that has ended.
func (m *Machine) await(j *job, id batch.JobID) {
	status, live := m.statusOf(id)
	if !live || status.Terminal() {
		return
	}
	added, first := m.waits.Await(id, j)
	if !added {
		return
	}
	j.awaits++
	if root, index, isChild := id.Split(); isChild && first {
		m.jobs[root].children.Watch(index)
	}
}

// relink makes wait again what depends on a submission that was retried. The order in which it comes to the jobs
// leaves no trace.
func (m *Machine) relink(id batch.JobID) {
	for j := range m.waits.Followers(id) {
		m.link(j)
	}
}

// satisfy tells the jobs that wait for a job or child that it has ended.
func (m *Machine) satisfy(at batch.Time, id batch.JobID, status batch.Status) {
	for _, j := range m.waits.TakeAwaiting(id) {
		if !j.Waits() {
			continue
		}
		j.awaits--
		if reason := depend.BreaksAll(j.row.DependsOn, id, status); reason != "" {
			m.end(at, j, causeDependency, reason)
		} else if j.awaits == 0 {
			m.release(at, j)
		}
	}
}

// release lets run what waits in j, when it does not wait for a job or single child any longer. An array's own
// row stays PENDING while its children run, as AWS has it.
func (m *Machine) release(at batch.Time, j *job) {
	switch {
	case !j.isArray():
		m.move(at, j, batch.Runnable, "")
	case j.children.Gated(m.jobs):
		m.openMet(at, j)
	default:
		m.openAll(at, j)
	}
}

// openMet makes RUNNABLE the children of gated array j that wait for no other child.
func (m *Machine) openMet(at batch.Time, j *job) {
	for _, index := range j.children.MayRun(m.jobs) {
		m.move(at, m.child(j, index), batch.Runnable, "")
	}
}

// openAll makes RUNNABLE every child of array j that waits, those without a row in one row.
func (m *Machine) openAll(at batch.Time, j *job) {
	if j.row.Array.Unborn.Status == batch.Pending {
		m.moveUnborn(at, j, batch.Runnable, "")
		if j.children.Unborn() > 0 {
			m.enqueue(j)
		}
	}
	for _, child := range j.children.Pending() {
		m.move(at, child, batch.Runnable, "")
	}
}

// childEnded opens or fails the children that wait for child index of array: in arrays that depend on it N_TO_N, and
// the next one of a SEQUENTIAL array.
func (m *Machine) childEnded(at batch.Time, array *job, index int32, status batch.Status) {
	for _, j := range m.waits.Paired(array.row.ID) {
		m.openOrFail(at, j, index, status)
	}
	if index+1 < array.row.Size && array.children.Sequential() {
		m.openOrFail(at, array, index+1, status)
	}
}

// openOrFail opens or fails one child of j, now that a child that it waits for has ended.
func (m *Machine) openOrFail(at batch.Time, j *job, index int32, status batch.Status) {
	switch {
	case !j.Waits() || j.children.Status(index) != batch.Pending:
	case status == batch.Failed:
		m.failOne(at, j, index)
	case j.awaits == 0 && j.children.Met(index, m.jobs):
		m.move(at, m.child(j, index), batch.Runnable, "")
	}
}

// unbornFailed fails what waits for the children of array that have failed without a row.
func (m *Machine) unbornFailed(at batch.Time, array *job) {
	for _, j := range m.waits.Paired(array.row.ID) {
		if j.Waits() {
			m.failWaiting(at, j, array.children.UnbornMask(), depend.Failed)
		}
	}
}

// failOne fails a child of j that waits and can never run. The last one without a row needs none.
func (m *Machine) failOne(at batch.Time, j *job, index int32) {
	switch {
	case j.children.Sequential():
		set := bitset.NewMask(j.row.Size)
		set.Add(index)
		m.failWaiting(at, j, set, depend.Failed)
	case j.children.Unborn() == 1 && !j.children.HasRow(index):
		m.moveUnborn(at, j, batch.Failed, depend.Failed)
		m.settleArray(at, j)
	default:
		m.move(at, m.child(j, index), batch.Failed, depend.Failed)
	}
}

// failWaiting fails those children of array j in set that wait, and in a SEQUENTIAL array what waits for them. It takes
// few rows: if most of those without a row fail, they do in the array's row and the others get rows. The last is
// failed first, so that none fails the next on its own. set is used up.
func (m *Machine) failWaiting(at batch.Time, j *job, set bitset.Mask, reason string) {
	f := j.children.Fail(set)
	if f.Unborn {
		for _, index := range f.Bear {
			m.born(j, index)
		}
		m.moveUnborn(at, j, batch.Failed, reason)
	}
	for _, index := range f.Each {
		if j.children.Status(index) == batch.Pending {
			m.move(at, m.child(j, index), batch.Failed, reason)
		}
	}
	m.settleArray(at, j)
}

// checkGates holds array j against the laws of waiting.
func (m *Machine) checkGates(j *job, fail func(string, ...any)) {
	gated := j.children.Gated(m.jobs)
	switch {
	case gated:
		j.children.CheckGate(m.jobs, j.awaits, func(index int32) bool { return m.letGo(j, index) }, fail)
	case j.awaits == 0 && j.Waits():
		fail("array %s waits for nothing", j.row.ID)
	}
}

// letGo reports whether child index of array j may have been let go by a child that was retried afterwards, because its
// result had not been taken: it is not called back.
func (m *Machine) letGo(j *job, index int32) bool {
	return slices.ContainsFunc(j.row.DependsOn, func(d batch.Dependency) bool {
		other := m.jobs[d.Job]
		if d.Kind != batch.DependNToN || other == nil {
			return false
		}
		child := other.children.Live(index)
		return child != nil && child.row.AttemptsBefore > 0 || other.children.Status(index) == batch.Failed
	})
}
