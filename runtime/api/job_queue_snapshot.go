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

// getJobQueueSnapshot asks the machine alone, so that all of the answer is of one moment: the order of a queue is in no row.
func (s *server) getJobQueueSnapshot(ctx context.Context, _ call, q *wire.GetJobQueueSnapshotRequest) (wire.GetJobQueueSnapshotResponse, error) {
	name := s.Place.NameOf(batch.ResourceQueue, q.JobQueue)
	front, err := engine.Ask(ctx, s.Engine, sched.QueueFront{Queue: name, Limit: maxFront})
	if err != nil {
		return wire.GetJobQueueSnapshotResponse{}, err
	}
	return s.snapshot(front, time.Now().UnixMilli()), nil
}

func (s *server) snapshot(front sched.Front, at int64) wire.GetJobQueueSnapshotResponse {
	jobs := &wire.FrontOfQueue{Jobs: make([]wire.FrontOfQueueJob, 0, len(front.Jobs)), LastUpdatedAt: at}
	for _, j := range front.Jobs {
		jobs.Jobs = append(jobs.Jobs, wire.FrontOfQueueJob{JobArn: s.Place.ARN(batch.ResourceJob, string(j.Job)), EarliestTimeAtPosition: int64(j.Since)})
	}
	use := &wire.QueueUtilization{TotalCapacityUsage: describe.VCPUs(front.MilliCPU), LastUpdatedAt: at}
	if front.Fair {
		top := front.Shares[:min(len(front.Shares), maxTopShares)]
		use.FairshareUtilization = &wire.FairshareUtilization{ActiveShareCount: int64(front.Active), TopCapacityUtilization: make([]wire.ShareUtilization, 0, len(top))}
		for _, share := range top {
			use.FairshareUtilization.TopCapacityUtilization = append(use.FairshareUtilization.TopCapacityUtilization,
				wire.ShareUtilization{ShareIdentifier: share.Share, CapacityUsage: describe.VCPUs(share.MilliCPU)})
		}
	}
	return wire.GetJobQueueSnapshotResponse{FrontOfQueue: jobs, QueueUtilization: use}
}
