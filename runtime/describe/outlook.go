package describe

import (
	"context"
	"fmt"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// begun reports whether a job in status waits for nothing any more.
func begun(s batch.Status) bool { return s.Live() || s.Terminal() }

// Outlook explains a job that has started or ended, from its row. Of one that waits for something it reports that, and the
// id alone: what it waits for only the scheduler knows.
func Outlook(ctx context.Context, r store.Reader, j batch.Job) (answer wire.ExplainJobResponse, waits bool, err error) {
	if !begun(j.Status) {
		return wire.ExplainJobResponse{JobID: string(j.ID)}, true, nil
	}
	answer = wire.ExplainJobResponse{JobID: string(j.ID), Status: j.Status.String(), Code: j.Status.String()}
	switch j.Status {
	case batch.Starting:
		answer.Sentence = fmt.Sprintf("Attempt %d of the job is being started.", j.Attempt)
	case batch.Running:
		answer.Sentence = fmt.Sprintf("Attempt %d of the job has run since %s.", j.Attempt, moment(j.StartedAt))
	case batch.Succeeded:
		answer.Sentence, answer.Remedy = succeeded(j)
	default:
		answer.Sentence = fmt.Sprintf("The job failed at %s: %s.", moment(j.StoppedAt), ending(j))
		answer.Remedy, err = afterFailure(ctx, r, j)
	}
	return answer, false, err
}

// succeeded says what became of a job that succeeded, and what to do if its result was not taken.
func succeeded(j batch.Job) (sentence, remedy string) {
	retry := fmt.Sprintf("`batchd retry %s` runs again", j.ID.Root())
	switch {
	case j.ReusedFrom != "":
		return fmt.Sprintf("The job took the result of job %s, which is the same and succeeded.", j.ReusedFrom), ""
	case j.ResultError != "":
		return fmt.Sprintf("The job succeeded at %s; the result was not taken: %s.", moment(j.StoppedAt), j.ResultError), retry + " what left no result"
	case j.Array != nil && j.Array.ResultErrors > 0:
		return fmt.Sprintf("The job succeeded at %s; the results of %d children were not taken.", moment(j.StoppedAt), j.Array.ResultErrors), retry + " those children"
	default:
		return fmt.Sprintf("The job succeeded at %s.", moment(j.StoppedAt)), ""
	}
}

// afterFailure says what to do about a job that failed. Its log is named only if there is something in it.
func afterFailure(ctx context.Context, r store.Reader, j batch.Job) (remedy string, err error) {
	retry := fmt.Sprintf("`batchd retry %s` runs again what failed", j.ID.Root())
	if j.Array != nil {
		return fmt.Sprintf("`batchd jobs --array %s --status FAILED` lists the children that failed; %s", j.ID, retry), nil
	}
	main := ran(j)
	attempts, err := r.Attempts(ctx, []batch.JobID{main})
	if err != nil {
		return "", err
	}
	if all := attempts[main]; len(all) > 0 && !all[len(all)-1].Log.Silent() {
		return fmt.Sprintf("`batchd logs %s` shows what it wrote; %s", j.ID, retry), nil
	}
	return retry, nil
}

// ending is how j ended.
func ending(j batch.Job) wire.Ending {
	return wire.Ending{StatusReason: j.StatusReason, Reason: j.Reason, ExitCode: j.ExitCode, ResultError: j.ResultError}
}

func moment(t batch.Time) string { return t.Std().Format(time.RFC3339) }
