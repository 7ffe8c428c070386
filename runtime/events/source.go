package events

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// Source makes events of the transition log. It is safe for concurrent use.
type Source struct {
	// Store holds the log and the jobs.
	Store store.Readable
	// Place is what ARNs are made of.
	Place batch.Place
	// Tail returns the number of the last line that is durable, and a channel that is closed when there is a later one.
	Tail func() (last int64, more <-chan struct{})
}

// happening is a line of the log with the job that an event tells of.
type happening struct {
	line batch.Transition
	job  batch.Job
}

// Last returns the number of the last line and a channel that is closed when there is a later one.
func (s *Source) Last() (last int64, more <-chan struct{}) { return s.Tail() }

// Read returns events of the next lines after one, those that are wanted. A page may be empty though there is more: its
// Next says how far it got, which is after if there are no more lines. A page is of one moment.
func (s *Source) Read(ctx context.Context, after int64, f wire.EventFilter) (page wire.EventPage, err error) {
	err = s.Store.Together(ctx, func(r store.Reader) error {
		page, err = s.read(ctx, r, after, f)
		return err
	})
	return page, err
}

func (s *Source) read(ctx context.Context, r store.Reader, after int64, f wire.EventFilter) (wire.EventPage, error) {
	page := wire.EventPage{Next: after}
	lines, err := r.Transitions(ctx, after, pageLines)
	if err != nil {
		return page, fmt.Errorf("events: reading the log after line %d: %w", after, err)
	}
	if len(lines) == 0 {
		return page, nil
	}
	page.Lost = max(lines[0].Seq-after-1, 0)
	found, last, err := happenings(ctx, r, lines, f)
	if err != nil {
		return page, err
	}
	page.Next = last
	page.Events, err = s.describe(ctx, r, found)
	return page, err
}

// happenings finds the jobs of lines, and leaves out what the filter does not ask for. It stops when it has found enough for a page;
// last is the line that it got to.
func happenings(ctx context.Context, r store.Reader, lines []batch.Transition, f wire.EventFilter) (found []happening, last int64, err error) {
	last = lines[len(lines)-1].Seq
	var ids []batch.JobID
	asked := map[batch.JobID]bool{}
	for _, line := range lines {
		if !asked[line.Job] && (f.Job == "" || within(line.Job, batch.JobID(f.Job)) || line.Job == batch.JobID(f.Job).Root()) {
			asked[line.Job] = true
			ids = append(ids, line.Job)
		}
	}
	if len(ids) == 0 {
		return nil, last, nil
	}
	rows, err := r.Jobs(ctx, ids)
	if err != nil {
		return nil, last, fmt.Errorf("events: reading jobs: %w", err)
	}
	jobs := make(map[batch.JobID]batch.Job, len(rows))
	for _, j := range rows {
		jobs[j.ID] = j
	}
	for _, line := range lines {
		if len(found) >= pageEvents {
			return found, line.Seq - 1, nil
		}
		j, known := jobs[line.Job]
		if !known || !wantsQueue(f, j.QueueName) || isSilent(line, &j) {
			continue
		}
		if line.Kind == batch.OfUnborn {
			parts, err := children(ctx, r, line, &j, f)
			if err != nil {
				return nil, last, err
			}
			found = append(found, parts...)
		}
		h := happening{line: line, job: asOf(j, line)}
		if (f.Job == "" || within(line.Job, batch.JobID(f.Job))) && wantsStatus(f, h.job.Status, line) {
			found = append(found, h)
		}
	}
	return found, last, nil
}

// isSilent reports whether AWS would not tell of a line: with AWS a job that waits for nothing goes from SUBMITTED to
// RUNNABLE, and that the children of an array are PENDING their array says.
func isSilent(line batch.Transition, j *batch.Job) bool {
	if line.From != batch.Submitted || line.To != batch.Pending {
		return false
	}
	return line.Kind == batch.OfUnborn || line.Kind == batch.OfJob && j.Array == nil && len(j.DependsOn) == 0
}

// within reports whether a job is the one asked for, or a part of it.
func within(id, asked batch.JobID) bool { return id == asked || id.Root() == asked }

func wantsQueue(f wire.EventFilter, queue string) bool {
	return len(f.Queues) == 0 || slices.ContainsFunc(f.Queues, func(pattern string) bool {
		prefix, open := strings.CutSuffix(pattern, "*")
		return pattern == queue || open && strings.HasPrefix(queue, prefix)
	})
}

// wantsStatus reports whether the status that an event reports is wanted, or that of the children it is about.
func wantsStatus(f wire.EventFilter, status batch.Status, line batch.Transition) bool {
	return len(f.Statuses) == 0 || slices.Contains(f.Statuses, status.String()) ||
		line.Kind == batch.OfUnborn && slices.Contains(f.Statuses, line.To.String())
}

// children returns what a line about children of array j says of single ones: of the one asked for, or, if they are
// wanted one by one, of the first. Which children had no row then is not kept; those that surely had one are left out.
func children(ctx context.Context, r store.Reader, line batch.Transition, j *batch.Job, f wire.EventFilter) ([]happening, error) {
	var rows []batch.Job
	var err error
	_, _, isChild := batch.JobID(f.Job).Split()
	switch {
	case len(f.Statuses) > 0 && !slices.Contains(f.Statuses, line.To.String()):
		return nil, nil
	case isChild:
		rows, err = r.Jobs(ctx, []batch.JobID{batch.JobID(f.Job)})
	case f.Children:
		rows, err = r.ListJobs(ctx, store.JobQuery{Array: j.ID, AfterIndex: -1, Limit: wire.MaxEventChildren})
	}
	if err != nil {
		return nil, fmt.Errorf("events: reading children of job %s: %w", j.ID, err)
	}
	var found []happening
	for _, child := range rows {
		endedBefore := child.Status.Terminal() && child.StoppedAt < line.At
		if endedBefore || child.ReusedFrom != "" || line.To.Terminal() && (child.Attempt > 0 || child.Status != line.To) {
			continue
		}
		single := line
		single.Kind, single.Job = batch.OfJob, child.ID
		found = append(found, happening{line: single, job: asOf(child, single)})
	}
	return found, nil
}

// asOf makes of a job as it is now what it was, as far as that is known, when the line was written.
func asOf(j batch.Job, line batch.Transition) batch.Job {
	status := line.To
	if line.Kind == batch.OfUnborn {
		status = batch.Pending // the array has ended only when a line of its own says so
	}
	if line.Kind == batch.Blocked && j.BlockedAt == 0 {
		j.StatusReason = ""
	}
	if j.Status == status || line.Kind == batch.Blocked && !j.Status.Terminal() {
		j.Status = status
		return j
	}
	j.Status, j.StatusReason = status, ""
	switch {
	case status.Terminal():
		j.StoppedAt = line.At
	default:
		j.StoppedAt, j.ExitCode, j.Reason, j.Result, j.ResultError = 0, nil, "", batch.AttemptID{}, ""
		if status != batch.Running {
			j.StartedAt = 0
		}
	}
	return j
}
