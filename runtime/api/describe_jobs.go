package api

import (
	"context"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/describe"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// describeJobs answers those of the jobs that are known, in the order asked for.
func (s *server) describeJobs(ctx context.Context, _ call, q *wire.DescribeJobsRequest) (wire.DescribeJobsResponse, error) {
	ids := make([]batch.JobID, len(q.Jobs))
	for i, id := range q.Jobs {
		ids[i] = s.jobID(id)
	}
	answer := wire.DescribeJobsResponse{Jobs: []wire.JobDetail{}}
	err := s.Store.Together(ctx, func(r store.Reader) error {
		jobs, err := r.Jobs(ctx, ids)
		if err != nil {
			return err
		}
		rows, err := describe.Read(ctx, r, s.Place, jobs)
		if err != nil {
			return err
		}
		for _, j := range jobs {
			detail := rows.Detail(j)
			if detail.Batchd.Counts, err = s.counts.Of(ctx, r, j, rows.Spec(j)); err != nil {
				return err
			}
			answer.Jobs = append(answer.Jobs, detail)
		}
		return nil
	})
	return answer, err
}
