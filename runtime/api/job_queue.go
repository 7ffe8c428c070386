package api

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/google/uuid"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

func (s *server) createJobQueue(ctx context.Context, c call, q *wire.CreateJobQueueRequest) (wire.JobQueueResponse, error) {
	if err := refusePolicy(q.SchedulingPolicyArn); err != nil {
		return wire.JobQueueResponse{}, err
	}
	stored := *q
	stored.Tags = nil
	body, err := json.Marshal(stored)
	if err != nil {
		return wire.JobQueueResponse{}, fmt.Errorf("storing the job queue: %w", err)
	}
	_, err = engine.Do(ctx, s.Engine, sched.CreateQueue{Caller: c.caller, Tags: q.Tags, Queue: batch.Queue{
		Name: q.JobQueueName, UUID: uuid.NewString(), Priority: or(q.Priority, 0), State: batch.State(or(q.State, wire.Enabled)),
		Environments: environmentOrder(q.ComputeEnvironmentOrder), Body: body,
	}})
	return s.queueAnswer(q.JobQueueName), err
}

// refusePolicy refuses what would otherwise be ignored: a queue must never serve otherwise than it says.
func refusePolicy(arn *string) error {
	if or(arn, "") == "" {
		return nil
	}
	return &wire.FieldError{Field: "schedulingPolicyArn", Given: strconv.Quote(shortened(*arn)), Allowed: "no value in this version: job queues serve by priority, then in order of submission"}
}

func (s *server) queueAnswer(name string) wire.JobQueueResponse {
	return wire.JobQueueResponse{JobQueueName: name, JobQueueArn: s.Place.ARN(batch.ResourceQueue, name)}
}

// environmentOrder returns nil for an absent list: keep what is there.
func environmentOrder(list []wire.ComputeEnvironmentOrder) []batch.EnvironmentOrder {
	var order []batch.EnvironmentOrder
	for _, o := range list {
		order = append(order, batch.EnvironmentOrder{Order: or(o.Order, 0), Environment: batch.NameOf(batch.ResourceEnvironment, o.ComputeEnvironment)})
	}
	return order
}

func (s *server) updateJobQueue(ctx context.Context, c call, q *wire.UpdateJobQueueRequest) (wire.JobQueueResponse, error) {
	if err := refusePolicy(q.SchedulingPolicyArn); err != nil {
		return wire.JobQueueResponse{}, err
	}
	name := batch.NameOf(batch.ResourceQueue, q.JobQueue)
	command := sched.UpdateQueue{Caller: c.caller, Name: name, Priority: q.Priority, Environments: environmentOrder(q.ComputeEnvironmentOrder)}
	if q.State != nil {
		state := batch.State(*q.State)
		command.State = &state
	}
	patch, err := patchOf(q, "jobQueue")
	if err != nil {
		return wire.JobQueueResponse{}, err
	}
	command.Patch = patch
	_, err = engine.Do(ctx, s.Engine, command)
	return s.queueAnswer(name), err
}

func (s *server) deleteJobQueue(ctx context.Context, c call, q *wire.DeleteJobQueueRequest) (wire.Empty, error) {
	name := batch.NameOf(batch.ResourceQueue, q.JobQueue)
	_, err := engine.Do(ctx, s.Engine, sched.DeleteQueue{Caller: c.caller, Name: name})
	return wire.Empty{}, err
}

func (s *server) describeJobQueues(ctx context.Context, _ call, q *wire.DescribeJobQueuesRequest) (wire.DescribeJobQueuesResponse, error) {
	query, err := nameQuery(batch.ResourceQueue, q.JobQueues, q.NextToken, q.MaxResults)
	if err != nil {
		return wire.DescribeJobQueuesResponse{}, err
	}
	found, err := s.Store.Queues(ctx, query)
	if err != nil {
		return wire.DescribeJobQueuesResponse{}, err
	}
	answer := wire.DescribeJobQueuesResponse{JobQueues: make([]wire.JobQueueDetail, 0, len(found))}
	found, answer.NextToken = nextName(query, found, func(q batch.Queue) string { return q.Name })
	tags, err := s.Store.Tags(ctx, resources(found, func(q batch.Queue) string { return batch.ResourceQueue + "/" + q.Name }))
	if err != nil {
		return answer, err
	}
	for _, each := range found {
		detail, err := s.queueDetail(each)
		if err != nil {
			return answer, err
		}
		detail.Tags = tags[batch.ResourceQueue+"/"+each.Name]
		answer.JobQueues = append(answer.JobQueues, detail)
	}
	return answer, nil
}

func (s *server) queueDetail(q batch.Queue) (wire.JobQueueDetail, error) {
	var d wire.JobQueueDetail
	if err := json.Unmarshal(q.Body, &d); err != nil {
		return d, fmt.Errorf("stored job queue %s: %w", q.Name, err)
	}
	d.JobQueueName, d.JobQueueArn = q.Name, s.Place.ARN(batch.ResourceQueue, q.Name)
	d.State, d.Status, d.StatusReason, d.Priority = string(q.State), string(q.Health), q.StatusReason, q.Priority
	d.ComputeEnvironmentOrder = make([]wire.ComputeEnvironmentOrder, 0, len(q.Environments))
	for _, o := range q.Environments {
		d.ComputeEnvironmentOrder = append(d.ComputeEnvironmentOrder, wire.ComputeEnvironmentOrder{
			Order: &o.Order, ComputeEnvironment: s.Place.ARN(batch.ResourceEnvironment, o.Environment),
		})
	}
	if d.JobQueueType == "" {
		d.JobQueueType = "ECS"
	}
	return d, nil
}
