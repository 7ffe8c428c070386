package api

import (
	"context"

	"github.com/google/uuid"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/document"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

func (s *server) createJobQueue(ctx context.Context, c call, q *wire.CreateJobQueueRequest) (wire.JobQueueResponse, error) {
	var d wire.JobQueueDetail
	q.ApplyTo(&d)
	row, err := document.Queue(s.Place, d)
	if err != nil {
		return wire.JobQueueResponse{}, err
	}
	row.UUID = uuid.NewString()
	_, err = engine.Do(ctx, s.Engine, sched.CreateQueue{Caller: c.caller, Tags: q.Tags, Queue: row})
	return s.queueAnswer(q.JobQueueName), err
}

func (s *server) queueAnswer(name string) wire.JobQueueResponse {
	return wire.JobQueueResponse{JobQueueName: name, JobQueueArn: s.Place.ARN(batch.ResourceQueue, name)}
}

func (s *server) updateJobQueue(ctx context.Context, c call, q *wire.UpdateJobQueueRequest) (wire.JobQueueResponse, error) {
	name := s.Place.NameOf(batch.ResourceQueue, q.JobQueue)
	err := revise("job queue "+name, func() error {
		row, err := s.queue(ctx, s.Store, name)
		if err != nil {
			return err
		}
		d, err := document.OfQueue(&row)
		if err != nil {
			return err
		}
		q.ApplyTo(&d)
		next, err := document.Queue(s.Place, d)
		if err != nil {
			return err
		}
		next.UUID, next.Revision = row.UUID, row.Revision
		_, err = engine.Do(ctx, s.Engine, sched.UpdateQueue{Caller: c.caller, Queue: next})
		return err
	})
	return s.queueAnswer(name), err
}

func (s *server) deleteJobQueue(ctx context.Context, c call, q *wire.DeleteJobQueueRequest) (wire.Empty, error) {
	name := s.Place.NameOf(batch.ResourceQueue, q.JobQueue)
	_, err := engine.Do(ctx, s.Engine, sched.DeleteQueue{Caller: c.caller, Name: name})
	return wire.Empty{}, err
}

func (s *server) describeJobQueues(ctx context.Context, _ call, q *wire.DescribeJobQueuesRequest) (wire.DescribeJobQueuesResponse, error) {
	return store.OfOneMoment(ctx, s.Store, q, s.readQueues)
}

func (s *server) readQueues(ctx context.Context, r store.Reader, q *wire.DescribeJobQueuesRequest) (wire.DescribeJobQueuesResponse, error) {
	query, err := s.nameQuery(batch.ResourceQueue, q.JobQueues, q.NextToken, q.MaxResults)
	if err != nil {
		return wire.DescribeJobQueuesResponse{}, err
	}
	found, err := r.Queues(ctx, query)
	if err != nil {
		return wire.DescribeJobQueuesResponse{}, err
	}
	answer := wire.DescribeJobQueuesResponse{JobQueues: make([]wire.JobQueueDetail, 0, len(found))}
	found, answer.NextToken = nextName(query, found, func(q batch.Queue) string { return q.Name })
	tags, err := r.Tags(ctx, resources(found, func(q batch.Queue) string { return batch.ResourceQueue + "/" + q.Name }))
	if err != nil {
		return answer, err
	}
	for _, each := range found {
		detail, err := s.queueDetail(each)
		if err != nil {
			return answer, err
		}
		detail.Tags = wire.ShownTags(tags[batch.ResourceQueue+"/"+each.Name])
		answer.JobQueues = append(answer.JobQueues, detail)
	}
	return answer, nil
}

// queue returns the job queue with that name or ARN.
func (s *server) queue(ctx context.Context, r store.Reader, nameOrARN string) (batch.Queue, error) {
	name := s.Place.NameOf(batch.ResourceQueue, nameOrARN)
	found, err := r.Queues(ctx, store.NameQuery{Names: []string{name}})
	if err != nil {
		return batch.Queue{}, err
	}
	if len(found) == 0 {
		return batch.Queue{}, batch.Errorf(batch.NotFound, "job queue %s does not exist", name)
	}
	return found[0], nil
}

func (s *server) queueDetail(q batch.Queue) (wire.JobQueueDetail, error) {
	d, err := document.OfQueue(&q)
	if err != nil {
		return d, err
	}
	d.JobQueueArn, d.JobQueueType, d.Status, d.StatusReason = s.Place.ARN(batch.ResourceQueue, q.Name), string(q.Type), string(q.Health), q.StatusReason
	for i := range d.ComputeEnvironmentOrder {
		o := &d.ComputeEnvironmentOrder[i]
		o.ComputeEnvironment = s.Place.ARN(batch.ResourceEnvironment, o.ComputeEnvironment)
	}
	if policy := wire.Or(d.SchedulingPolicyArn, ""); policy != "" {
		policy = s.Place.ARN(batch.ResourcePolicy, policy)
		d.SchedulingPolicyArn = &policy
	} else {
		d.SchedulingPolicyArn = nil
	}
	backfill := !q.Strict
	d.Batchd = &wire.JobQueueExtension{Backfill: &backfill}
	return d, nil
}
