package sched

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/bitset"
)

// The children of a gated array wait one by one and stay without a row until they may run or fail. Package array says which do.

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
	for _, j := range m.gates[array.row.ID] {
		m.openOrFail(at, j, index, status)
	}
	if index+1 < array.row.Size && array.children.Sequential() {
		m.openOrFail(at, array, index+1, status)
	}
}

// openOrFail opens or fails one child of j, now that a child that it waits for has ended.
func (m *Machine) openOrFail(at batch.Time, j *job, index int32, status batch.Status) {
	switch {
	case !j.waits() || j.children.Status(index) != batch.Pending:
	case status == batch.Failed:
		m.failOne(at, j, index)
	case j.waiting == 0 && j.children.Met(index, m.jobs):
		m.move(at, m.child(j, index), batch.Runnable, "")
	}
}

// unbornFailed fails what waits for the children of array that have failed without a row.
func (m *Machine) unbornFailed(at batch.Time, array *job) {
	for _, j := range m.gates[array.row.ID] {
		if j.waits() {
			m.failWaiting(at, j, array.children.UnbornMask(), reasonDependency)
		}
	}
}

// failOne fails a child of j that waits and can never run. The last one without a row needs none.
func (m *Machine) failOne(at batch.Time, j *job, index int32) {
	switch {
	case j.children.Sequential():
		set := bitset.NewMask(j.row.Size)
		set.Add(index)
		m.failWaiting(at, j, set, reasonDependency)
	case j.children.Unborn() == 1 && !j.children.HasRow(index):
		m.moveUnborn(at, j, batch.Failed, reasonDependency)
		m.settleArray(at, j)
	default:
		m.move(at, m.child(j, index), batch.Failed, reasonDependency)
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
		j.children.CheckGate(m.jobs, j.waiting, func(index int32) bool { return m.letGo(j, index) }, fail)
	case j.waiting == 0 && j.waits():
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
