package sched

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/bitset"
)

// The children of a gated array wait one by one: each for the one before it (SEQUENTIAL), or for the one with its
// index in another array (N_TO_N). They stay without a row until they may run or fail, and nothing is kept for each
// of them: whether one may run follows from which children of its own array and of the other have succeeded. The links
// are between arrays. No child waits for an array that has ended: the children that had to fail with one of its children have failed.

// sequential reports whether child i of array j waits for child i-1.
func (j *job) sequential() bool {
	return slices.ContainsFunc(j.row.DependsOn, func(d batch.Dependency) bool { return d.Kind == batch.DependSequential })
}

// gated reports whether children of array j wait one by one.
func (m *Machine) gated(j *job) bool {
	return slices.ContainsFunc(j.row.DependsOn, func(d batch.Dependency) bool {
		return d.Kind == batch.DependSequential || d.Kind == batch.DependNToN && m.jobs[d.Job] != nil
	})
}

// metWord is the set of those of the children 64w to 64w+63 of array j that wait for no other child.
func (m *Machine) metWord(j *job, w int32) uint64 {
	met := ^uint64(0)
	for _, d := range j.row.DependsOn {
		switch d.Kind {
		case batch.DependSequential:
			before := uint64(1) // the first waits for none
			if w > 0 {
				before = j.children.succeeded.Word(w-1) >> 63
			}
			met &= j.children.succeeded.Word(w)<<1 | before
		case batch.DependNToN:
			if other := m.jobs[d.Job]; other != nil {
				met &= other.children.succeeded.Word(w)
			}
		default:
		}
	}
	return met
}

func (m *Machine) met(j *job, index int32) bool { return m.metWord(j, index/64)>>(index%64)&1 == 1 }

// openMet makes RUNNABLE the children of gated array j that wait for no other child.
func (m *Machine) openMet(at batch.Time, j *job) {
	open := j.waitingMask()
	for w := range open {
		open[w] &= m.metWord(j, int32(w))
	}
	for _, index := range open.Indices() {
		m.move(at, m.child(j, index), batch.Runnable, "")
	}
}

// openAll makes RUNNABLE every child of array j that waits, those without a row in one row.
func (m *Machine) openAll(at batch.Time, j *job) {
	if j.row.Array.Unborn.Status == batch.Pending {
		m.moveUnborn(at, j, batch.Runnable, "")
		if j.unborn() > 0 {
			m.enqueue(j)
		}
	}
	for _, child := range j.pendingRows() {
		m.move(at, child, batch.Runnable, "")
	}
}

// childEnded opens or fails the children that wait for child index of array: in arrays that depend on it N_TO_N, and
// the next one of a SEQUENTIAL array.
func (m *Machine) childEnded(at batch.Time, array *job, index int32, status batch.Status) {
	for _, j := range m.gates[array.row.ID] {
		m.openOrFail(at, j, index, status)
	}
	if index+1 < array.row.Size && array.sequential() {
		m.openOrFail(at, array, index+1, status)
	}
}

// openOrFail opens or fails one child of j, now that a child that it waits for has ended.
func (m *Machine) openOrFail(at batch.Time, j *job, index int32, status batch.Status) {
	switch {
	case !j.waits() || j.childStatus(index) != batch.Pending:
	case status == batch.Failed:
		m.failOne(at, j, index)
	case j.waiting == 0 && m.met(j, index):
		m.move(at, m.child(j, index), batch.Runnable, "")
	}
}

// unbornFailed fails what waits for the children of array that have failed without a row.
func (m *Machine) unbornFailed(at batch.Time, array *job) {
	for _, j := range m.gates[array.row.ID] {
		if j.waits() {
			m.failWaiting(at, j, array.unbornMask(), reasonDependency)
		}
	}
}

// failOne fails a child of j that waits and can never run. The last one without a row needs none.
func (m *Machine) failOne(at batch.Time, j *job, index int32) {
	switch {
	case j.sequential():
		set := bitset.NewMask(j.row.Size)
		set.Add(index)
		m.failWaiting(at, j, set, reasonDependency)
	case j.unborn() == 1 && !j.children.has(index):
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
	waiting := j.waitingMask()
	set.Intersect(waiting)
	if j.sequential() {
		for index := int32(1); index < j.row.Size; index++ {
			if set.Has(index-1) && waiting.Has(index) {
				set.Add(index)
			}
		}
	}
	stay := j.unbornMask()
	stay.Subtract(set)
	if rest := stay.Len(); rest < j.unborn()-rest {
		for _, index := range stay.Indices() {
			m.born(j, index)
		}
		m.moveUnborn(at, j, batch.Failed, reason)
	}
	for _, index := range slices.Backward(set.Indices()) {
		if j.childStatus(index) == batch.Pending {
			m.move(at, m.child(j, index), batch.Failed, reason)
		}
	}
	m.settleArray(at, j)
}

// checkGates holds array j against the laws of waiting.
func (m *Machine) checkGates(j *job, fail func(string, ...any)) {
	gated := m.gated(j)
	if !gated && j.waiting == 0 && j.waits() {
		fail("array %s waits for nothing", j.row.ID)
	}
	if !gated {
		return
	}
	failed := bitset.NewMask(j.row.Size)
	for _, d := range j.row.DependsOn {
		if other := m.jobs[d.Job]; d.Kind == batch.DependNToN && other != nil {
			failed.Union(other.failedMask())
		}
	}
	for index := range j.row.Size {
		status, met := j.childStatus(index), m.met(j, index)
		hopeless := failed.Has(index) || index > 0 && j.sequential() && j.childStatus(index-1) == batch.Failed
		switch {
		case status == batch.Pending && (hopeless || met && j.waiting == 0):
			fail("child %d of array %s waits for nothing, hopeless: %t", index, j.row.ID, hopeless)
		case status >= batch.Runnable && status <= batch.Running && !met && !m.letGo(j, index):
			fail("child %d of array %s is %s before what it waits for", index, j.row.ID, status)
		}
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
		child := other.children.born[index]
		return child != nil && child.row.AttemptsBefore > 0 || other.childStatus(index) == batch.Failed
	})
}
