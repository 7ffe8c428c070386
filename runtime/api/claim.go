package api

import (
	"context"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// claimJob keeps or renews a claim. Who may end a job may hold it.
func (s *server) claimJob(ctx context.Context, c call, q *wire.ClaimJobRequest) (wire.ClaimJobResponse, error) {
	j, err := s.claimable(ctx, c, q.JobID)
	if err != nil {
		return wire.ClaimJobResponse{}, err
	}
	reply, err := engine.Do(ctx, s.Engine, sched.ClaimJob{Caller: c.caller, ID: j.ID, Claim: q.Claim, For: time.Duration(q.Seconds) * time.Second})
	return wire.ClaimJobResponse{JobID: string(j.ID), Held: reply.Held}, err
}

// releaseJob gives up a claim.
func (s *server) releaseJob(ctx context.Context, c call, q *wire.ReleaseJobRequest) (wire.Empty, error) {
	j, err := s.claimable(ctx, c, q.JobID)
	if err != nil {
		return wire.Empty{}, err
	}
	_, err = engine.Do(ctx, s.Engine, sched.ReleaseJob{Caller: c.caller, ID: j.ID, Claim: q.Claim, End: q.End, Reason: q.Reason})
	return wire.Empty{}, err
}

// claimable returns the job that a claim is about, if there is one and the caller may end it.
func (s *server) claimable(ctx context.Context, c call, id string) (batch.Job, error) {
	j, err := s.job(ctx, s.Store, id)
	if err == nil {
		err = s.mayUse(ctx, c, j.QueueName)
	}
	return j, err
}
