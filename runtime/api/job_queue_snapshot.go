package api

import (
	"context"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/describe"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// getJobQueueSnapshot asks the machine: the order of a queue is in no row.
func (s *server) getJobQueueSnapshot(ctx context.Context, _ call, q *wire.GetJobQueueSnapshotRequest) (wire.GetJobQueueSnapshotResponse, error) {
	queue, err := s.queue(ctx, s.Store, q.JobQueue)
	if err != nil {
		return wire.GetJobQueueSnapshotResponse{}, err
	}
	front, err := engine.Ask(ctx, s.Engine, sched.QueueFront{Queue: queue.Name, Limit: maxFront})
	if err != nil {
		return wire.GetJobQueueSnapshotResponse{}, err
	}
	policy, _, err := s.policy(ctx, queue.Policy)
	return s.snapshot(front, policy.FairShare != nil, time.Now().UnixMilli()), err
}

func (s *server) snapshot(front sched.Front, shared bool, at int64) wire.GetJobQueueSnapshotResponse {
	jobs := &wire.FrontOfQueue{Jobs: make([]wire.FrontOfQueueJob, 0, len(front.Jobs)), LastUpdatedAt: at}
	for _, j := range front.Jobs {
		jobs.Jobs = append(jobs.Jobs, wire.FrontOfQueueJob{JobArn: s.Place.ARN(batch.ResourceJob, string(j.Job)), EarliestTimeAtPosition: int64(j.Since)})
	}
	use := &wire.QueueUtilization{TotalCapacityUsage: describe.VCPUs(front.MilliCPU), LastUpdatedAt: at}
	if shared {
		top := front.Shares[:min(len(front.Shares), maxTopShares)]
		use.FairshareUtilization = &wire.FairshareUtilization{ActiveShareCount: int64(front.Active), TopCapacityUtilization: make([]wire.ShareUtilization, 0, len(top))}
		for _, share := range top {
			use.FairshareUtilization.TopCapacityUtilization = append(use.FairshareUtilization.TopCapacityUtilization,
				wire.ShareUtilization{ShareIdentifier: share.Share, CapacityUsage: describe.VCPUs(share.MilliCPU)})
		}
	}
	return wire.GetJobQueueSnapshotResponse{FrontOfQueue: jobs, QueueUtilization: use}
}
