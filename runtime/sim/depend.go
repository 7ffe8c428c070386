package sim

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// awaited is what one entry of dependsOn of a submission means for a job, or a child of it: the job that has to end, and
// how. There is none for the first child of a SEQUENTIAL array.
func awaited(d batch.Dependency, id batch.JobID) (on batch.JobID, good []batch.Status, ok bool) {
	root, index, isChild := id.Split()
	switch d.Kind {
	case batch.DependSequential:
		return root.Child(index - 1), []batch.Status{batch.Succeeded}, isChild && index > 0
	case batch.DependNToN:
		return d.Job.Child(index), []batch.Status{batch.Succeeded}, isChild
	case batch.DependAfterAny:
		return d.Job, []batch.Status{batch.Succeeded, batch.Failed}, true
	case batch.DependAfterFailed:
		return d.Job, []batch.Status{batch.Failed}, true
	default:
		return d.Job, []batch.Status{batch.Succeeded}, true
	}
}

// unblocked looks, when a job or child becomes RUNNABLE, whether everything it waits for has ended as it has to.
func (l *laws) unblocked(id batch.JobID) {
	for _, d := range l.w.tried[id.Root()].DependsOn {
		on, good, ok := awaited(d, id)
		if !ok {
			continue
		}
		if are := l.statuses(on); !slices.ContainsFunc(are, func(s batch.Status) bool { return slices.Contains(good, s) }) {
			l.w.broken("dependencies", "job %s goes on while %s, on which it depends %q, is %v", id, on, d.Kind, are)
		}
	}
}

// stillUnblocked looks, when an attempt begins, at what can only have ended well. A job that ended may have been retried
// since, and what it had let go is not called back.
func (l *laws) stillUnblocked(id batch.JobID) {
	for _, d := range l.w.tried[id.Root()].DependsOn {
		on, good, ok := awaited(d, id)
		if !ok || slices.Contains(good, batch.Failed) || l.retried[on.Root()] {
			continue
		}
		if is, known := l.w.store.status(on); !known || is != batch.Succeeded {
			l.w.broken("dependencies", "an attempt of job %s begins while %s, on which it depends %q, is %s", id, on, d.Kind, is)
		}
	}
}

// dependencies looks whether what waits still has a reason to.
func (l *laws) dependencies(open []*batch.Job) {
	for _, row := range open {
		_, _, isPart := row.ID.Part()
		switch {
		case isPart:
		case row.Array == nil && row.Status == batch.Pending:
			l.reason(row.ID)
		case row.Array != nil:
			for index := range row.Size {
				id := row.ID.Child(index)
				if is, _ := l.w.store.status(id); is == batch.Pending {
					l.reason(id)
				}
			}
		}
	}
}

// reason looks for a reason why a job or child is PENDING.
func (l *laws) reason(id batch.JobID) {
	unmet := 0
	for _, d := range l.w.tried[id.Root()].DependsOn {
		on, good, ok := awaited(d, id)
		if !ok {
			continue
		}
		is, _ := l.w.store.status(on)
		switch {
		case !is.Terminal():
			unmet++
		case !slices.Contains(good, is) && d.Kind != batch.DependNToN && !l.retried[d.Job.Root()]:
			l.w.broken("dependencies", "job %s waits for %s, which is %s, with kind %q", id, on, is, d.Kind)
		}
	}
	if unmet == 0 {
		l.w.broken("dependencies", "job %s is PENDING and waits for nothing", id)
	}
}

// failedWith reports whether a job that never ran has failed because of what it depends on.
func (l *laws) failedWith(id batch.JobID) bool {
	for _, d := range l.w.tried[id.Root()].DependsOn {
		on, good, ok := awaited(d, id)
		if !ok {
			continue
		}
		for _, is := range l.statuses(on) {
			if is.Terminal() && !slices.Contains(good, is) {
				return true
			}
		}
	}
	return false
}
