package api

import (
	"context"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// listJobsByConsumableResource lists the jobs that need a resource, whatever their status, the newest first.
func (s *server) listJobsByConsumableResource(ctx context.Context, _ call, q *wire.ListJobsByConsumableResourceRequest) (wire.ListJobsByConsumableResourceResponse, error) {
	answer := wire.ListJobsByConsumableResourceResponse{Jobs: []wire.ConsumableResourceJob{}}
	resource, err := s.consumable(ctx, q.ConsumableResource)
	if err != nil {
		return answer, err
	}
	query := store.JobQuery{Consumable: resource.Name, Descending: true, Limit: page(q.MaxResults, defaultPage) + 1}
	if err := decodeToken(q.NextToken, &query.AfterSeq); err != nil {
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
	jobs, err := s.Store.ListJobs(ctx, query)
	if err != nil {
		return answer, err
	}
	if len(jobs) == query.Limit {
		jobs = jobs[:query.Limit-1]
		answer.NextToken = encodeToken(jobs[len(jobs)-1].Seq)
	}
	for _, j := range jobs {
		answer.Jobs = append(answer.Jobs, s.consumableJob(j, resource.Name))
	}
	return answer, nil
}

func (s *server) consumableJob(j batch.Job, resource string) wire.ConsumableResourceJob {
	needs := needsOfJob(j)
	job := wire.ConsumableResourceJob{
		JobArn: s.Place.ARN(batch.ResourceJob, string(j.ID)), JobQueueArn: s.Place.ARN(batch.ResourceQueue, j.QueueName), JobName: j.Name,
		JobDefinitionArn: s.Place.ARN(batch.ResourceDefinition, j.Definition.String()), ShareIdentifier: j.Share,
		JobStatus: j.Status.String(), StatusReason: j.StatusReason, StartedAt: int64(j.StartedAt), CreatedAt: int64(j.CreatedAt),
	}
	if p := s.needsDetail(needs); p != nil {
		job.ConsumableResourceProperties = *p
	}
	for _, n := range needs {
		if n.Resource == resource {
			job.Quantity = n.Quantity
		}
	}
	return job
}

// needsOfJob returns what one attempt of a job needs; of a multi-node job, what all of its nodes do.
func needsOfJob(j batch.Job) []batch.Need {
	if j.Nodes == nil {
		return j.Needs
	}
	var needs []batch.Need
	at := map[string]int{}
	add := func(n batch.Need, times int64) {
		i, known := at[n.Resource]
		if !known {
			i = len(needs)
			at[n.Resource] = i
			needs = append(needs, batch.Need{Resource: n.Resource})
		}
		needs[i].Quantity += n.Quantity * times
	}
	for _, n := range j.Needs {
		add(n, 1)
	}
	for _, r := range j.Nodes.Ranges {
		for _, n := range r.Needs {
			add(n, int64(r.To-r.From+1))
		}
	}
	return needs
}
