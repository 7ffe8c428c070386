package sched

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/bitset"
)

// A job waits for what it depends on as long as that is not ended; what has ended was let count in the round in
// which it did. So it follows from the rows which job waits for which, and [Machine.link] is all that Load has to do. A
// job that waits for several, one of which is retried meanwhile, waits for that one again.

// hopeless is what a submission can never be: reason is not empty if all of it must fail, children holds those of
// an array that must.
type hopeless struct {
	reason   string
	children bitset.Mask // nil: none
}

// checkDependencies refuses what cannot be waited for, and says what has ended already as it must not.
func (m *Machine) checkDependencies(c SubmitJob, size int32) (hopeless, error) {
	var h hopeless
	if n := len(c.DependsOn); n > batch.MaxDependencies {
		return h, batch.Errorf(batch.InvalidRequest, "dependsOn has %d entries; at most %d are allowed", n, batch.MaxDependencies)
	}
	for _, d := range c.DependsOn {
		if err := checkDependency(d, c.ID, size); err != nil {
			return h, err
		}
		status, failed, err := m.look(d, size, c.Given)
		if err != nil {
			return h, err
		}
		if h.reason == "" {
			h.reason = breaks(d.Kind, status)
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

// checkDependency looks at one entry of dependsOn of job id, without regard to what it names.
func checkDependency(d batch.Dependency, id batch.JobID, size int32) error {
	_, _, isNode := d.Job.SplitNode()
	switch d.Kind {
	case batch.DependSequential:
		if d.Job != "" {
			return batch.Errorf(batch.InvalidRequest, "dependsOn: type SEQUENTIAL takes no jobId, and %s is given: child i waits for child i-1 of the same array; leave it out", d.Job)
		}
	case batch.DependOnSuccess, batch.DependNToN, batch.DependAfterAny, batch.DependAfterFailed:
	default:
		return batch.Errorf(batch.InvalidRequest, "dependsOn: type %q is not known; SEQUENTIAL, N_TO_N, AFTER_ANY and AFTER_FAILED are allowed, or none", d.Kind)
	}
	perChild := d.Kind == batch.DependSequential || d.Kind == batch.DependNToN
	switch {
	case perChild && size == 0:
		return batch.Errorf(batch.InvalidRequest, "dependsOn: type %s is for array jobs, and this job is not one; leave the type out or give arrayProperties.size", d.Kind)
	case d.Job == "" && d.Kind != batch.DependSequential:
		return batch.Errorf(batch.InvalidRequest, "dependsOn: an entry has no jobId; only type SEQUENTIAL goes without")
	case d.Job != "" && d.Job.Root() == id:
		return batch.Errorf(batch.InvalidRequest, "dependsOn: job %s would wait for itself", d.Job)
	case isNode:
		return batch.Errorf(batch.InvalidRequest, "dependsOn: %s is a node; name its job, %s", d.Job, d.Job.Root())
	}
	return nil
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
	if row.Array == nil {
		return 0, nil, batch.Errorf(batch.InvalidRequest, "dependsOn: job %s is not an array, so type N_TO_N cannot wait for its children; leave the type out", d.Job)
	}
	if row.Size != size {
		return 0, nil, batch.Errorf(batch.InvalidRequest, "dependsOn: job %s has %d children and this array %d; type N_TO_N needs as many", d.Job, row.Size, size)
	}
	if row.Array.Counts[batch.Failed] == 0 {
		return status, nil, nil
	}
	if live != nil {
		return status, live.children.FailedMask(), nil
	}
	failed, ok := failedOf(&row, g.Children[d.Job])
	if !ok {
		return 0, nil, batch.ErrStale
	}
	return status, failed, nil
}

// outdated reports whether a row that was read is not the last of a job that the machine does not hold.
func (m *Machine) outdated(row *batch.Job) bool {
	end, again := m.reended[row.ID]
	return !row.Status.Terminal() || again && end != row.StoppedAt
}

// failedOf is the set of the children of an ended array that have failed; ok is false if rows are not all the rows
// its children have.
func failedOf(array *batch.Job, rows []batch.Job) (set bitset.Mask, ok bool) {
	set = bitset.NewMask(array.Size)
	if array.Array.Unborn.Status == batch.Failed {
		set = bitset.FullMask(array.Size)
	}
	for i := range rows {
		_, index, _ := rows[i].Parent()
		set.Remove(index)
		if rows[i].Status == batch.Failed {
			set.Add(index)
		}
	}
	return set, set.Len() == array.Array.Counts[batch.Failed]
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

// breaks is why a job that depends on another in this way fails when the other is in status; empty if it does not.
func breaks(kind batch.DependencyKind, status batch.Status) string {
	switch {
	case kind == batch.DependOnSuccess && status == batch.Failed:
		return reasonDependency
	case kind == batch.DependAfterFailed && status == batch.Succeeded:
		return reasonNotFailed
	default:
		return ""
	}
}

// followers are the live submissions that depend on another one, or on a child of it, by that one. It may have ended: they
// wait for it again if it is retried.
type followers map[batch.JobID]map[*job]struct{}

func (f followers) add(id batch.JobID, j *job) {
	if f[id] == nil {
		f[id] = map[*job]struct{}{}
	}
	f[id][j] = struct{}{}
}

// remove forgets an ended submission.
func (f followers) remove(j *job) {
	for _, d := range j.row.DependsOn {
		if id := d.Job.Root(); f[id] != nil {
			delete(f[id], j)
			if len(f[id]) == 0 {
				delete(f, id)
			}
		}
	}
}

// link makes j wait for everything it depends on that has not ended. What is linked already stays so.
func (m *Machine) link(j *job) {
	if !j.waits() {
		return
	}
	for _, d := range j.row.DependsOn {
		if d.Kind == batch.DependSequential {
			continue
		}
		m.followers.add(d.Job.Root(), j)
		switch d.Kind {
		case batch.DependNToN:
			if m.jobs[d.Job] != nil {
				insert(m.gates, d.Job, j)
			}
		default:
			m.await(j, d.Job)
		}
	}
}

// await makes j wait for the end of another job or child, unless that has ended.
func (m *Machine) await(j *job, id batch.JobID) {
	status, live := m.statusOf(id)
	_, known := m.dependents[id]
	if !live || status.Terminal() || !insert(m.dependents, id, j) {
		return
	}
	j.waiting++
	if root, index, isChild := id.Split(); isChild && !known {
		m.jobs[root].children.Watch(index)
	}
}

// insert adds j to those who wait for id, in order of submission, and reports whether it was not there. What j was
// before it was retried gives way to it.
func insert(waiting map[batch.JobID][]*job, id batch.JobID, j *job) bool {
	list := waiting[id]
	if len(list) == cap(list) { // before it grows: jobs that stop waiting are not taken out of it
		list = slices.DeleteFunc(list, func(other *job) bool { return !other.waits() })
		list = slices.Grow(list, len(list)+1)
		waiting[id] = list
	}
	at, found := slices.BinarySearchFunc(list, j, compareJobs)
	switch {
	case !found:
		waiting[id] = slices.Insert(list, at, j)
	case list[at] == j:
		return false
	default:
		list[at] = j
	}
	return true
}

// relink makes wait again what depends on a submission that was retried. The order in which it comes to the jobs
// leaves no trace.
func (m *Machine) relink(id batch.JobID) {
	for j := range m.followers[id] {
		m.link(j)
	}
}

// satisfy tells the jobs that wait for a job or child that it has ended.
func (m *Machine) satisfy(at batch.Time, id batch.JobID, status batch.Status) {
	waiting, ok := m.dependents[id]
	if !ok {
		return
	}
	delete(m.dependents, id)
	for _, j := range waiting {
		if !j.waits() {
			continue
		}
		j.waiting--
		if reason := j.broken(id, status); reason != "" {
			m.end(at, j, causeDependency, reason)
		} else if j.waiting == 0 {
			m.release(at, j)
		}
	}
}

// broken is why j fails when what it depends on has ended with that status; empty if it does not.
func (j *job) broken(id batch.JobID, status batch.Status) string {
	for _, d := range j.row.DependsOn {
		if reason := breaks(d.Kind, status); d.Job == id && reason != "" {
			return reason
		}
	}
	return ""
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
