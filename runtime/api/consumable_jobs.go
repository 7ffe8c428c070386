package api

import (
	"context"

	"github.com/batchd/terraform-provider-batch/runtime/api/pagetoken"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/describe"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// listJobsByConsumableResource lists the jobs that need a resource, whatever their status, the newest first.
func (s *server) listJobsByConsumableResource(ctx context.Context, _ call, q *wire.ListJobsByConsumableResourceRequest) (wire.ListJobsByConsumableResourceResponse, error) {
	return store.OfOneMoment(ctx, s.Store, q, s.readConsumableJobs)
}

func (s *server) readConsumableJobs(ctx context.Context, r store.Reader, q *wire.ListJobsByConsumableResourceRequest) (wire.ListJobsByConsumableResourceResponse, error) {
	answer := wire.ListJobsByConsumableResourceResponse{Jobs: []wire.ConsumableResourceJob{}}
	resource, err := s.consumable(ctx, r, q.ConsumableResource)
	if err != nil {
		return answer, err
	}
	query := store.JobQuery{Consumable: resource.Name, Descending: true, Limit: page(q.MaxResults, defaultPage) + 1}
	if err := pagetoken.Decode(q.NextToken, &query.AfterSeq); err != nil {
		return answer, err
	}
	for _, f := range q.Filters {
		if f.Name == wire.FilterJobName {
			query.Name = f.Values[0]
			continue
		}
		status, _ := batch.ParseStatus(f.Values[0]) // Validate has looked at it
		query.Statuses = []batch.Status{status}
	}
	jobs, err := r.ListJobs(ctx, query)
	if err != nil {
		return answer, err
	}
	if len(jobs) == query.Limit {
		jobs = jobs[:query.Limit-1]
		answer.NextToken = pagetoken.Encode(jobs[len(jobs)-1].Seq)
	}
	for _, j := range jobs {
		answer.Jobs = append(answer.Jobs, describe.ConsumableJob(s.Place, j, resource.Name))
	}
	return answer, nil
}
