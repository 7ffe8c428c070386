package api

import (
	"context"

	"github.com/batchd/terraform-provider-batch/runtime/api/pagetoken"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/describe"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// results answers what became of a job, or of an array's children in the order of their points.
func (s *server) results(ctx context.Context, _ call, q *wire.ResultsRequest) (wire.ResultsResponse, error) {
	return store.OfOneMoment(ctx, s.Store, q, s.resultsOf)
}

func (s *server) resultsOf(ctx context.Context, r store.Reader, q *wire.ResultsRequest) (wire.ResultsResponse, error) {
	answer := wire.ResultsResponse{Results: []wire.Result{}}
	top, err := s.job(ctx, r, q.JobID)
	if err != nil {
		return answer, err
	}
	jobs := []batch.Job{top}
	own, err := s.ownPoint(ctx, r, top)
	if err != nil {
		return answer, err
	}
	points := []map[string]string{own}
	if top.Array != nil {
		points = nil
		after := int32(-1)
		if err := pagetoken.Decode(q.NextToken, &after); err != nil {
			return answer, err
		}
		after = max(after, -1)
		limit := page(q.MaxResults, defaultResults)
		if jobs, err = r.ListJobs(ctx, store.JobQuery{Array: top.ID, AfterIndex: after, Limit: limit + 1}); err != nil {
			return answer, err
		}
		if len(jobs) > limit {
			jobs = jobs[:limit]
			answer.NextToken = pagetoken.Encode(after + int32(limit))
		}
		if top.Array.Points {
			if points, err = r.Points(ctx, top.ID, after+1, len(jobs)); err != nil {
				return answer, err
			}
		}
	}
	answer.Results, err = describe.Results(ctx, r, jobs, points)
	return answer, err
}

// ownPoint returns the parameters that a child of a sweep has of its own; nil for any other job.
func (s *server) ownPoint(ctx context.Context, r store.Reader, j batch.Job) (map[string]string, error) {
	array, index, child := j.Parent()
	if !child {
		return nil, nil
	}
	points, err := r.Points(ctx, array, index, 1)
	if err != nil || len(points) == 0 {
		return nil, err
	}
	return points[0], nil
}

// job returns the job with that id or ARN.
func (s *server) job(ctx context.Context, r store.Reader, id string) (batch.Job, error) {
	return describe.Job(ctx, r, s.Place, id)
}
