package api

import (
	"cmp"
	"context"
	"strconv"

	"github.com/batchd/terraform-provider-batch/runtime/api/pagetoken"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/describe"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// listPlace is where a listing goes on: after the last job of the page before.
type listPlace struct {
	Seq   int64 `json:"s"`
	Index int32 `json:"i"` // of the last child
}

func (s *server) listJobs(ctx context.Context, _ call, q *wire.ListJobsRequest) (wire.ListJobsResponse, error) {
	return store.OfOneMoment(ctx, s.Store, q, s.listed)
}

func (s *server) listed(ctx context.Context, r store.Reader, q *wire.ListJobsRequest) (wire.ListJobsResponse, error) {
	answer := wire.ListJobsResponse{JobSummaryList: []wire.JobSummary{}}
	query, err := s.jobQuery(ctx, r, q)
	if err != nil {
		return answer, err
	}
	root, found, err := s.rootOf(ctx, r, q)
	if err != nil || !found {
		return answer, err
	}
	jobs, err := r.ListJobs(ctx, query)
	if err != nil {
		return answer, err
	}
	if len(jobs) == query.Limit {
		jobs = jobs[:query.Limit-1]
		last := jobs[len(jobs)-1]
		_, index, _ := last.ID.Part()
		answer.NextToken = pagetoken.Encode(listPlace{Seq: last.Seq, Index: index})
	}
	for _, j := range jobs {
		if root == nil {
			answer.JobSummaryList = append(answer.JobSummaryList, describe.Summary(s.Place, j, j))
			continue
		}
		answer.JobSummaryList = append(answer.JobSummaryList, describe.Summary(s.Place, j, *root))
	}
	return answer, nil
}

// rootOf returns the array or multi-node job whose parts are asked for; nil if the jobs of a queue are. Not found
// is what does not exist, or has no parts of that kind.
func (s *server) rootOf(ctx context.Context, r store.Reader, q *wire.ListJobsRequest) (root *batch.Job, found bool, err error) {
	if q.JobQueue != "" {
		return nil, true, nil
	}
	jobs, err := r.Jobs(ctx, []batch.JobID{s.jobID(cmp.Or(q.ArrayJobID, q.MultiNodeJobID))}) // Validate allows one of them
	if err != nil || len(jobs) == 0 {
		return nil, false, err
	}
	root = &jobs[0]
	return root, root.Array != nil && q.ArrayJobID != "" || root.Nodes != nil && q.MultiNodeJobID != "", nil
}

// jobQuery applies the rules of ListJobs: without a status only RUNNING jobs are listed; with a filter
// every status is, but for SHARE_IDENTIFIER, which goes with a status.
func (s *server) jobQuery(ctx context.Context, r store.Reader, q *wire.ListJobsRequest) (store.JobQuery, error) {
	query := store.JobQuery{Array: s.jobID(cmp.Or(q.ArrayJobID, q.MultiNodeJobID)), AfterIndex: -1, Descending: q.JobQueue != ""}
	most := maxListPage
	if len(q.Filters) > 0 {
		most = defaultPage
	}
	query.Limit = page(q.MaxResults, most) + 1
	at := listPlace{Index: -1}
	if err := pagetoken.Decode(q.NextToken, &at); err != nil {
		return query, err
	}
	query.AfterSeq, query.AfterIndex = at.Seq, at.Index
	if q.JobQueue != "" {
		found, err := s.queue(ctx, r, q.JobQueue)
		if err != nil {
			return query, err
		}
		query.Queue = found.UUID
	}
	if q.JobStatus != "" {
		status, _ := batch.ParseStatus(q.JobStatus) // Validate has looked at it
		query.Statuses = []batch.Status{status}
	}
	switch {
	case len(q.Filters) == 0 && q.JobStatus == "":
		query.Statuses = []batch.Status{batch.Running}
	case len(q.Filters) > 0 && q.Filters[0].Name == wire.FilterShareIdentifier:
		query.Share = q.Filters[0].Values[0]
	case len(q.Filters) > 0:
		query.Statuses = nil
		return query, s.applyFilter(&query, q.Filters[0])
	}
	return query, nil
}

func (s *server) applyFilter(q *store.JobQuery, f wire.KeyValuesPair) error {
	value := f.Values[0]
	switch f.Name {
	case wire.FilterJobName:
		q.Name = value
	case wire.FilterJobDefinition:
		q.Definition = s.Place.NameOf(batch.ResourceDefinition, value)
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
	}
	return nil
}
