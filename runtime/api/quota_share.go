package api

import (
	"context"
	"fmt"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/document"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/registry"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// quotaMark stands between the name of a queue and that of its quota share, in ARNs and where tags are kept.
const quotaMark = "/quota-share/"

// quotaShareName splits "Q/quota-share/NAME", which is what follows "job-queue/" in an ARN, or such an ARN.
func quotaShareName(resource string) (queue, name string, ok bool) {
	queue, name, ok = strings.Cut(resource, quotaMark)
	return queue, name, ok && queue != "" && name != "" && !strings.Contains(name, "/")
}

// quotaShareOf reads the ARN of a quota share: the names of its queue and of its own.
func (s *server) quotaShareOf(arn string) (queue, name string, err error) {
	kind, _, _ := batch.ParseARN(arn)
	queue, name, ok := quotaShareName(arn)
	if !ok || kind != batch.ResourceQueue {
		return "", "", &wire.FieldError{
			Field: "quotaShareArn", Given: fmt.Sprintf("%q", wire.Brief(arn)),
			Allowed: "the ARN of a quota share: arn:aws:batch:REGION:ACCOUNT:job-queue/QUEUE/quota-share/NAME",
		}
	}
	return s.Place.NameOf(batch.ResourceQueue, queue), name, nil
}

func (s *server) quotaShareARN(queue, name string) string {
	return s.Place.ARN(batch.ResourceQueue, queue+quotaMark+name)
}

func quotaResource(queue, name string) string {
	return batch.ResourceQueue + "/" + queue + quotaMark + name
}

func (s *server) quotaAnswer(queue, name string) wire.QuotaShareResponse {
	return wire.QuotaShareResponse{QuotaShareName: name, QuotaShareArn: s.quotaShareARN(queue, name)}
}

func (s *server) createQuotaShare(ctx context.Context, c call, q *wire.CreateQuotaShareRequest) (wire.QuotaShareResponse, error) {
	var d wire.QuotaShareDetail
	q.ApplyTo(&d)
	row, err := document.QuotaShare(s.Place, d)
	if err != nil {
		return wire.QuotaShareResponse{}, err
	}
	_, err = engine.Do(ctx, s.Engine, sched.Keep{Command: registry.CreateQuotaShare{Caller: c.caller, Tags: q.Tags, Share: row}})
	return s.quotaAnswer(row.Queue, row.Name), err
}

func (s *server) updateQuotaShare(ctx context.Context, c call, q *wire.UpdateQuotaShareRequest) (wire.QuotaShareResponse, error) {
	queue, name, err := s.quotaShareOf(q.QuotaShareArn)
	if err != nil {
		return wire.QuotaShareResponse{}, err
	}
	err = revise("quota share "+name+" of job queue "+queue, func() error {
		row, err := quotaShare(ctx, s.Store, queue, name)
		if err != nil {
			return err
		}
		d, err := document.OfQuotaShare(&row)
		if err != nil {
			return err
		}
		q.ApplyTo(&d)
		next, err := document.QuotaShare(s.Place, d)
		if err != nil {
			return err
		}
		next.CreatedAt, next.Revision = row.CreatedAt, row.Revision
		_, err = engine.Do(ctx, s.Engine, sched.Keep{Command: registry.UpdateQuotaShare{Caller: c.caller, Share: next}})
		return err
	})
	return s.quotaAnswer(queue, name), err
}

// quotaShare returns a quota share of a job queue.
func quotaShare(ctx context.Context, r store.Reader, queue, name string) (batch.QuotaShare, error) {
	found, err := store.Within[batch.QuotaShare](ctx, r, queue, store.NameQuery{Names: []string{name}})
	if err != nil {
		return batch.QuotaShare{}, err
	}
	if len(found) == 0 {
		return batch.QuotaShare{}, batch.Errorf(batch.NotFound, "quota share %s of job queue %s does not exist", name, queue)
	}
	return found[0], nil
}

func (s *server) deleteQuotaShare(ctx context.Context, c call, q *wire.DeleteQuotaShareRequest) (wire.Empty, error) {
	queue, name, err := s.quotaShareOf(q.QuotaShareArn)
	if err != nil {
		return wire.Empty{}, err
	}
	_, err = engine.Do(ctx, s.Engine, sched.Keep{Command: registry.DeleteQuotaShare{Caller: c.caller, Queue: queue, Name: name}})
	return wire.Empty{}, err
}

func (s *server) describeQuotaShare(ctx context.Context, _ call, q *wire.DescribeQuotaShareRequest) (wire.QuotaShareDetail, error) {
	return store.OfOneMoment(ctx, s.Store, q, s.readQuotaShare)
}

func (s *server) readQuotaShare(ctx context.Context, r store.Reader, q *wire.DescribeQuotaShareRequest) (wire.QuotaShareDetail, error) {
	queue, name, err := s.quotaShareOf(q.QuotaShareArn)
	if err != nil {
		return wire.QuotaShareDetail{}, err
	}
	row, err := quotaShare(ctx, r, queue, name)
	if err != nil {
		return wire.QuotaShareDetail{}, err
	}
	detail, err := s.quotaDetail(row)
	if err != nil {
		return detail, err
	}
	tagged := quotaResource(queue, name)
	tags, err := r.Tags(ctx, []string{tagged})
	detail.Tags = wire.ShownTags(tags[tagged])
	return detail, err
}

func (s *server) quotaDetail(q batch.QuotaShare) (wire.QuotaShareDetail, error) {
	d, err := document.OfQuotaShare(&q)
	d.QuotaShareArn, d.JobQueueArn, d.Status = s.quotaShareARN(q.Queue, q.Name), s.Place.ARN(batch.ResourceQueue, q.Queue), wire.Valid
	return d, err
}

func (s *server) listQuotaShares(ctx context.Context, _ call, q *wire.ListQuotaSharesRequest) (wire.ListQuotaSharesResponse, error) {
	return store.OfOneMoment(ctx, s.Store, q, s.readQuotaShares)
}

func (s *server) readQuotaShares(ctx context.Context, r store.Reader, q *wire.ListQuotaSharesRequest) (wire.ListQuotaSharesResponse, error) {
	answer := wire.ListQuotaSharesResponse{QuotaShares: []wire.QuotaShareDetail{}}
	queue, err := s.queue(ctx, r, q.JobQueue)
	if err != nil {
		return answer, err
	}
	query, err := s.nameQuery(batch.ResourceQueue, nil, q.NextToken, q.MaxResults)
	if err != nil {
		return answer, err
	}
	found, err := store.Within[batch.QuotaShare](ctx, r, queue.Name, query)
	if err != nil {
		return answer, err
	}
	found, answer.NextToken = nextName(query, found, func(q batch.QuotaShare) string { return q.Name })
	for _, each := range found {
		detail, err := s.quotaDetail(each)
		if err != nil {
			return answer, err
		}
		answer.QuotaShares = append(answer.QuotaShares, detail)
	}
	return answer, nil
}
