package describe

import (
	"context"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// Results says what became of jobs. Points are the parameters that they have of their own, in the same order, as far as
// there are any.
func Results(ctx context.Context, r store.Reader, jobs []batch.Job, points []map[string]string) ([]wire.Result, error) {
	var attempts []batch.AttemptID
	for _, j := range jobs {
		if j.Result.Number > 0 {
			attempts = append(attempts, j.Result)
		}
	}
	bodies, err := r.Results(ctx, attempts)
	if err != nil {
		return nil, err
	}
	when, err := reusedAt(ctx, r, jobs)
	if err != nil {
		return nil, err
	}
	all := make([]wire.Result, 0, len(jobs))
	for i, j := range jobs {
		_, index, _ := j.Parent()
		result := wire.Result{
			Index: index, JobID: string(j.ID), Status: j.Status.String(), StatusReason: j.StatusReason, Reason: j.Reason, ExitCode: j.ExitCode,
			Attempts: j.Attempt, ReusedFrom: string(j.ReusedFrom),
			ReusedAt: int64(when[j.ReusedFrom]), Joined: string(j.Joined),
		}
		result.Result, result.ResultError = shownResult(j, bodies)
		if i < len(points) {
			result.Parameters = points[i]
		}
		all = append(all, result)
	}
	return all, nil
}

// shownResult is the result of j, which is among bodies, or why there is none. An earlier version kept results that no
// client can decode; those are left out here, so that one job does not hide the others of an answer.
func shownResult(j batch.Job, bodies map[batch.AttemptID][]byte) (result []byte, problem string) {
	body := bodies[j.Result]
	if len(body) == 0 {
		return nil, j.ResultError
	}
	if problem = batch.CheckResult(body); problem != "" {
		return nil, problem
	}
	return body, ""
}

// reusedAt returns when the jobs ended whose results these jobs took.
func reusedAt(ctx context.Context, r store.Reader, jobs []batch.Job) (map[batch.JobID]batch.Time, error) {
	from := newSet[batch.JobID]()
	for _, j := range jobs {
		if j.ReusedFrom != "" {
			from.add(j.ReusedFrom)
		}
	}
	if len(from.list) == 0 {
		return nil, nil
	}
	sources, err := r.Jobs(ctx, from.list)
	ended := make(map[batch.JobID]batch.Time, len(sources))
	for _, j := range sources {
		ended[j.ID] = j.StoppedAt
	}
	return ended, err
}
