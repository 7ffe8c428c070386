package api

import (
	"context"
	"errors"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/describe"
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
		answer, waits, err = describe.Outlook(ctx, r, j)
		return err
	})
	return answer, waits, err
}

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
