package api

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// explainJob says why a job is not running. What has started or ended is told from its row; the rest is
// asked of the machine.
func (s *server) explainJob(ctx context.Context, _ call, q *wire.ExplainJobRequest) (wire.ExplainJobResponse, error) {
	answer, waits, err := s.explainBegun(ctx, q.JobID)
	if err != nil || !waits {
		return answer, err
	}
	id := batch.JobID(answer.JobID)
	e, err := engine.Ask(ctx, s.Engine, sched.ExplainJob{ID: id})
	var refusal *batch.Error
	if errors.As(err, &refusal) && refusal.Kind == batch.NotFound {
		// It may have ended since it was read.
		if answer, waits, again := s.explainBegun(ctx, q.JobID); again == nil && !waits {
			return answer, nil
		}
	}
	if err != nil {
		return wire.ExplainJobResponse{}, err
	}
	answer = wire.ExplainJobResponse{
		JobID: string(id), Status: e.Status.String(), Code: string(e.Code), Sentence: e.Sentence, Remedy: e.Remedy,
		Position: e.Position, ExpectedStart: int64(e.ExpectedStart), Basis: e.Basis,
	}
	for _, id := range e.WaitsFor {
		answer.WaitsFor = append(answer.WaitsFor, string(id))
	}
	return answer, nil
}

// explainBegun says of a job that has started or ended that it does not wait. Of one that waits it says the id alone.
func (s *server) explainBegun(ctx context.Context, id string) (answer wire.ExplainJobResponse, waits bool, err error) {
	err = s.Store.Together(ctx, func(r store.Reader) error {
		j, err := s.job(ctx, r, id)
		if err != nil {
			return err
		}
		if waits = !begun(j.Status); waits {
			answer = wire.ExplainJobResponse{JobID: string(j.ID)}
			return nil
		}
		answer, err = s.explained(ctx, r, j)
		return err
	})
	return answer, waits, err
}

// begun reports whether a job in status waits for nothing any more.
func begun(s batch.Status) bool { return s.Live() || s.Terminal() }

// explained says of a job that has started or ended that it does not wait.
func (s *server) explained(ctx context.Context, r store.Reader, j batch.Job) (wire.ExplainJobResponse, error) {
	answer := wire.ExplainJobResponse{JobID: string(j.ID), Status: j.Status.String(), Code: j.Status.String()}
	var err error
	switch j.Status {
	case batch.Starting:
		answer.Sentence = fmt.Sprintf("Attempt %d of the job is being started.", j.Attempt)
	case batch.Running:
		answer.Sentence = fmt.Sprintf("Attempt %d of the job has run since %s.", j.Attempt, moment(j.StartedAt))
	case batch.Succeeded:
		answer.Sentence, answer.Remedy = succeeded(j)
	default:
		answer.Sentence = fmt.Sprintf("The job failed at %s: %s.", moment(j.StoppedAt), ending(j))
		answer.Remedy, err = s.afterFailure(ctx, r, j)
	}
	return answer, err
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
func (s *server) afterFailure(ctx context.Context, r store.Reader, j batch.Job) (remedy string, err error) {
	retry := fmt.Sprintf("`batchd retry %s` runs again what failed", j.ID.Root())
	if j.Array != nil {
		return fmt.Sprintf("`batchd jobs --array %s --status FAILED` lists the children that failed; %s", j.ID, retry), nil
	}
	main := ran(j)
	attempts, err := r.Attempts(ctx, []batch.JobID{main})
	if err != nil {
		return "", err
	}
	if all := attempts[main]; len(all) > 0 && all[len(all)-1].Log.Bytes > 0 {
		return fmt.Sprintf("`batchd logs %s` shows what it wrote; %s", j.ID, retry), nil
	}
	return retry, nil
}

// ending is how j ended.
func ending(j batch.Job) wire.Ending {
	return wire.Ending{StatusReason: j.StatusReason, Reason: j.Reason, ExitCode: j.ExitCode, ResultError: j.ResultError}
}

func moment(t batch.Time) string { return t.Std().Format(time.RFC3339) }

// retryJob runs again what failed of a job.
func (s *server) retryJob(ctx context.Context, c call, q *wire.RetryJobRequest) (wire.RetryJobResponse, error) {
	id := s.jobID(q.JobID)
	err := s.mayEnd(ctx, c, id)
	if err == nil {
		err = s.mayRetry(ctx, c, id)
	}
	if err != nil {
		return wire.RetryJobResponse{}, err
	}
	reply, err := engine.Do(ctx, s.Engine, sched.RetryJob{Caller: c.caller, ID: id})
	return wire.RetryJobResponse{JobID: string(id), Retried: reply.Retried}, err
}
