package api

import (
	"context"
	"errors"
	"sync"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

func (s *server) cancelJobs(ctx context.Context, c call, q *wire.CancelJobsRequest) (wire.EndJobsResponse, error) {
	return s.endJobs(q.Jobs, func(id batch.JobID) error {
		return s.endJob(ctx, c, id, sched.CancelJob{Caller: c.caller, ID: id, Reason: q.Reason})
	}), nil
}

func (s *server) terminateJobs(ctx context.Context, c call, q *wire.TerminateJobsRequest) (wire.EndJobsResponse, error) {
	return s.endJobs(q.Jobs, func(id batch.JobID) error {
		return s.endJob(ctx, c, id, sched.TerminateJob{Caller: c.caller, ID: id, Reason: q.Reason})
	}), nil
}

// endJobs ends each job by itself, all at once so that they share the rounds of the engine. There are at most
// [wire.MaxEndJobs].
func (s *server) endJobs(ids []string, end func(batch.JobID) error) wire.EndJobsResponse {
	failed := make([]error, len(ids))
	var all sync.WaitGroup
	for i, id := range ids {
		if failed[i] = wire.CheckJobID(id); failed[i] == nil {
			all.Go(func() { failed[i] = end(s.jobID(id)) })
		}
	}
	all.Wait()
	answer := wire.EndJobsResponse{Successful: []string{}, Errors: []wire.EndJobError{}}
	for i, id := range ids {
		if failed[i] == nil {
			answer.Successful = append(answer.Successful, id)
			continue
		}
		answer.Errors = append(answer.Errors, s.endJobError(id, failed[i]))
	}
	return answer
}

func (s *server) endJobError(id string, err error) wire.EndJobError {
	answer, field := wireError(err), (*wire.FieldError)(nil)
	if answer == nil {
		s.Logger.Error("a job of many was not ended", "job", id, "error", err)
		answer = &wire.Error{Code: wire.CodeServer, Message: "this job was not ended because of a failure inside the service; its log says why"}
	}
	switch {
	case errors.As(err, &field):
		answer.Code = wire.CodeValidation
	case answer.Code == wire.CodeAccessDenied:
		answer.Code = wire.CodeJobNotAllowed
	case answer.Code == wire.CodeTooManyRequests:
		answer.Code = wire.CodeThrottling
	}
	return wire.EndJobError{Job: id, Code: answer.Code, Message: answer.Message}
}
