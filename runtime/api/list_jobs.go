package api

import (
	"context"
	"strconv"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// listPlace is where a listing goes on: after the last job of the page before.
type listPlace struct {
	Seq   int64 `json:"s"`
	Index int32 `json:"i"` // of the last child
}

func (s *server) listJobs(ctx context.Context, _ call, q *wire.ListJobsRequest) (wire.ListJobsResponse, error) {
	answer := wire.ListJobsResponse{JobSummaryList: []wire.JobSummary{}}
	query, err := s.jobQuery(ctx, q)
	if err != nil {
		return answer, err
	}
	jobs, err := s.Store.ListJobs(ctx, query)
	if err != nil {
		return answer, err
	}
	if len(jobs) == query.Limit {
		jobs = jobs[:query.Limit-1]
		last := jobs[len(jobs)-1]
		_, index, _ := last.Parent()
		answer.NextToken = encodeToken(listPlace{Seq: last.Seq, Index: index})
	}
	for _, j := range jobs {
		answer.JobSummaryList = append(answer.JobSummaryList, s.jobSummary(j))
	}
	return answer, nil
}

// jobQuery applies the rules of ListJobs: without a status only RUNNING jobs are listed, with a filter
// every status is.
func (s *server) jobQuery(ctx context.Context, q *wire.ListJobsRequest) (store.JobQuery, error) {
	query := store.JobQuery{Array: jobID(q.ArrayJobID), AfterIndex: -1, Descending: true}
	most := maxListPage
	if len(q.Filters) > 0 {
		most = defaultPage
	}
	query.Limit = page(q.MaxResults, most) + 1
	at := listPlace{Index: -1}
	if err := decodeToken(q.NextToken, &at); err != nil {
		return query, err
	}
	query.AfterSeq, query.AfterIndex = at.Seq, at.Index
	if q.MultiNodeJobID != "" {
		return query, &wire.FieldError{Field: "multiNodeJobId", Given: "a value", Allowed: "no value: this version runs no multi-node jobs"}
	}
	if q.JobQueue != "" {
		uuid, err := s.queueUUID(ctx, q.JobQueue)
		if err != nil {
			return query, err
		}
		query.Queue = uuid
	}
	if len(q.Filters) > 0 {
		return query, applyFilter(&query, q.Filters[0])
	}
	query.Statuses = []batch.Status{batch.Running}
	if q.JobStatus != "" {
		status, _ := batch.ParseStatus(q.JobStatus)
		query.Statuses = []batch.Status{status}
	}
	return query, nil
}

func (s *server) queueUUID(ctx context.Context, nameOrARN string) (string, error) {
	name := batch.NameOf(batch.ResourceQueue, nameOrARN)
	found, err := s.Store.Queues(ctx, store.NameQuery{Names: []string{name}})
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "", batch.Errorf(batch.NotFound, "job queue %s does not exist", name)
	}
	return found[0].UUID, nil
}

func applyFilter(q *store.JobQuery, f wire.KeyValuesPair) error {
	value := ""
	if len(f.Values) > 0 {
		value = f.Values[0]
	}
	switch f.Name {
	case wire.FilterJobName:
		q.Name = value
	case wire.FilterJobDefinition:
		q.Definition = batch.NameOf(batch.ResourceDefinition, value)
	case wire.FilterBeforeCreatedAt, wire.FilterAfterCreatedAt:
		ms, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return &wire.FieldError{Field: "filters[0].values[0]", Given: strconv.Quote(value), Allowed: "milliseconds since the Unix epoch, as a decimal number"}
		}
		if f.Name == wire.FilterBeforeCreatedAt {
			q.CreatedBefore = batch.Time(max(ms, 1)) // 0 would be no bound
		} else {
			q.CreatedAfter = batch.Time(ms)
		}
	default:
		return &wire.FieldError{Field: "filters[0].name", Given: strconv.Quote(f.Name), Allowed: "JOB_NAME, JOB_DEFINITION, BEFORE_CREATED_AT or AFTER_CREATED_AT in this version"}
	}
	return nil
}

func (s *server) jobSummary(j batch.Job) wire.JobSummary {
	summary := wire.JobSummary{
		JobArn: s.Place.ARN(batch.ResourceJob, string(j.ID)), JobID: string(j.ID), JobName: j.Name,
		JobDefinition: s.Place.ARN(batch.ResourceDefinition, j.Definition.String()), Status: j.Status.String(), StatusReason: j.StatusReason,
		CreatedAt: int64(j.CreatedAt), StartedAt: int64(j.StartedAt), StoppedAt: int64(j.StoppedAt), ArrayProperties: arrayDetail(j),
	}
	if j.ExitCode != nil || j.Reason != "" {
		summary.Container = &wire.ContainerSummary{ExitCode: j.ExitCode, Reason: j.Reason}
	}
	return summary
}
