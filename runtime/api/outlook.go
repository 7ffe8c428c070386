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
)

// explainJob says why a job is not running. What has started or ended is told from its row; the rest is
// asked of the machine.
func (s *server) explainJob(ctx context.Context, _ call, q *wire.ExplainJobRequest) (wire.ExplainJobResponse, error) {
	j, err := s.job(ctx, q.JobID)
	if err != nil {
		return wire.ExplainJobResponse{}, err
	}
	if begun(j.Status) {
		return explained(j), nil
	}
	e, err := engine.Ask(ctx, s.Engine, sched.ExplainJob{ID: j.ID})
	var refusal *batch.Error
	if errors.As(err, &refusal) && refusal.Kind == batch.NotFound {
		// It may have ended since it was read.
		if j, again := s.job(ctx, q.JobID); again == nil && begun(j.Status) {
			return explained(j), nil
		}
	}
	if err != nil {
		return wire.ExplainJobResponse{}, err
	}
	answer := wire.ExplainJobResponse{
		JobID: string(j.ID), Status: e.Status.String(), Code: string(e.Code), Sentence: e.Sentence, Remedy: e.Remedy,
		Position: e.Position, ExpectedStart: int64(e.ExpectedStart), Basis: e.Basis,
	}
	for _, id := range e.WaitsFor {
		answer.WaitsFor = append(answer.WaitsFor, string(id))
	}
	return answer, nil
}

// begun reports whether a job in status waits for nothing any more.
func begun(s batch.Status) bool { return s.Live() || s.Terminal() }

// explained says of a job that has started or ended that it does not wait.
func explained(j batch.Job) wire.ExplainJobResponse {
	answer := wire.ExplainJobResponse{JobID: string(j.ID), Status: j.Status.String(), Code: j.Status.String()}
	switch j.Status {
	case batch.Starting:
		answer.Sentence = fmt.Sprintf("Attempt %d of the job is being started.", j.Attempt)
	case batch.Running:
		answer.Sentence = fmt.Sprintf("Attempt %d of the job has run since %s.", j.Attempt, moment(j.StartedAt))
	case batch.Succeeded:
		answer.Sentence = fmt.Sprintf("The job succeeded at %s.", moment(j.StoppedAt))
		if j.ReusedFrom != "" {
			answer.Sentence = fmt.Sprintf("The job took the result of job %s, which is the same and succeeded.", j.ReusedFrom)
		}
	default:
		answer.Sentence = fmt.Sprintf("The job failed at %s: %s", moment(j.StoppedAt), because(j))
		answer.Remedy = fmt.Sprintf("`batchd logs %s` shows what it wrote; `batchd retry %s` runs again what failed", j.ID, j.ID.Root())
	}
	return answer
}

// because says why a job failed.
func because(j batch.Job) string {
	reason := j.StatusReason
	if reason == "" {
		reason = "for no reason that is known"
	}
	if j.ExitCode != nil {
		reason += fmt.Sprintf(", exit code %d", *j.ExitCode)
	}
	if j.Reason != "" {
		reason += ", " + j.Reason
	}
	return reason + "."
}

func moment(t batch.Time) string { return t.Std().Format(time.RFC3339) }

// planJob answers what would become of a submission, or the error it would be refused with.
func (s *server) planJob(ctx context.Context, c call, q *wire.SubmitJobRequest) (wire.PlanJobResponse, error) {
	command, err := s.submitOf(c, q)
	if err == nil {
		err = s.mayUse(ctx, c, command.Queue)
	}
	if err != nil {
		return wire.PlanJobResponse{}, err
	}
	command.Token = "" // what was submitted before is no answer to what would happen
	p, err := engine.Ask(ctx, s.Engine, sched.PlanJob{Submit: command})
	if err != nil {
		return wire.PlanJobResponse{}, err
	}
	return wire.PlanJobResponse{
		Placeable: p.Placeable, Code: string(p.Code), Sentence: p.Sentence, Remedy: p.Remedy,
		Runs: p.Runs, Reused: p.Reused, Waits: p.Waits, Position: p.Position,
		ExpectedStart: int64(p.ExpectedStart), ExpectedEnd: int64(p.ExpectedEnd),
		DurationSeconds: int64(p.Duration.Round(time.Second) / time.Second), Basis: p.Basis,
	}, nil
}

// retryJob runs again what failed of a job.
func (s *server) retryJob(ctx context.Context, c call, q *wire.RetryJobRequest) (wire.RetryJobResponse, error) {
	id := s.jobID(q.JobID)
	if err := s.mayEnd(ctx, c, id); err != nil {
		return wire.RetryJobResponse{}, err
	}
	reply, err := engine.Do(ctx, s.Engine, sched.RetryJob{Caller: c.caller, ID: id})
	return wire.RetryJobResponse{JobID: string(id), Retried: reply.Retried}, err
}
