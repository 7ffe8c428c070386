package api

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

func (s *server) createJobQueue(ctx context.Context, c call, q *wire.CreateJobQueueRequest) (wire.JobQueueResponse, error) {
	stored := *q
	stored.Tags = nil
	kind, err := s.queueType(ctx, q.ComputeEnvironmentOrder)
	if err != nil {
		return wire.JobQueueResponse{}, err
	}
	given := or(q.JobQueueType, "")
	if given != "" && kind != "" && given != kind {
		return wire.JobQueueResponse{}, &wire.FieldError{Field: "jobQueueType", Given: strconv.Quote(given), Allowed: kind + " over these compute environments, or nothing"}
	}
	kind = cmp.Or(given, kind, wire.QueueECS)
	stored.JobQueueType = &kind
	body, err := json.Marshal(stored)
	if err != nil {
		return wire.JobQueueResponse{}, fmt.Errorf("storing the job queue: %w", err)
	}
	_, err = engine.Do(ctx, s.Engine, sched.CreateQueue{Caller: c.caller, Tags: q.Tags, Queue: batch.Queue{
		Name: q.JobQueueName, UUID: uuid.NewString(), Priority: or(q.Priority, 0), State: batch.State(or(q.State, wire.Enabled)),
		Environments: s.environmentOrder(q.ComputeEnvironmentOrder), Body: body,
		Policy: or(s.policyName(q.SchedulingPolicyArn), ""), Strict: or(strict(q.Batchd), false), TimeLimits: timeLimits(q.JobStateTimeLimitActions),
	}})
	return s.queueAnswer(q.JobQueueName), err
}

// queueType is the type of a queue over these environments; empty if any will do, which is so of LOCAL. Whether they exist
// and go together is the machine's to say.
func (s *server) queueType(ctx context.Context, order []wire.ComputeEnvironmentOrder) (string, error) {
	var names []string
	for _, o := range order {
		names = append(names, s.Place.NameOf(batch.ResourceEnvironment, o.ComputeEnvironment))
	}
	found, err := s.Store.Environments(ctx, store.NameQuery{Names: names})
	kind := ""
	for _, e := range found {
		switch e.Kind {
		case batch.Fargate, batch.FargateSpot:
			return wire.QueueFargate, err
		case batch.EC2, batch.Spot, batch.Unmanaged:
			kind = wire.QueueECS
		case batch.Local:
		}
	}
	return kind, err
}

// policyName returns the name of the policy in schedulingPolicyArn; nil if it is absent.
func (s *server) policyName(arn *string) *string {
	if arn == nil {
		return nil
	}
	name := s.Place.NameOf(batch.ResourcePolicy, *arn)
	return &name
}

// strict returns nil if nothing is said of backfilling.
func strict(x *wire.JobQueueExtension) *bool {
	if x == nil || x.Backfill == nil {
		return nil
	}
	holds := !*x.Backfill
	return &holds
}

// timeLimits returns nil for an absent list: keep what is there.
func timeLimits(actions []wire.JobStateTimeLimitAction) []batch.TimeLimit {
	if actions == nil {
		return nil
	}
	limits := make([]batch.TimeLimit, 0, len(actions))
	for _, a := range actions {
		limits = append(limits, batch.TimeLimit{Reason: a.Reason, After: time.Duration(or(a.MaxTimeSeconds, 0)) * time.Second})
	}
	return limits
}

func (s *server) queueAnswer(name string) wire.JobQueueResponse {
	return wire.JobQueueResponse{JobQueueName: name, JobQueueArn: s.Place.ARN(batch.ResourceQueue, name)}
}

// environmentOrder returns nil for an absent list: keep what is there.
func (s *server) environmentOrder(list []wire.ComputeEnvironmentOrder) []batch.EnvironmentOrder {
	var order []batch.EnvironmentOrder
	for _, o := range list {
		order = append(order, batch.EnvironmentOrder{Order: or(o.Order, 0), Environment: s.Place.NameOf(batch.ResourceEnvironment, o.ComputeEnvironment)})
	}
	return order
}

func (s *server) updateJobQueue(ctx context.Context, c call, q *wire.UpdateJobQueueRequest) (wire.JobQueueResponse, error) {
	name := s.Place.NameOf(batch.ResourceQueue, q.JobQueue)
	command := sched.UpdateQueue{
		Caller: c.caller, Name: name, Priority: q.Priority, Environments: s.environmentOrder(q.ComputeEnvironmentOrder),
		Policy: s.policyName(q.SchedulingPolicyArn), Strict: strict(q.Batchd), TimeLimits: timeLimits(q.JobStateTimeLimitActions),
	}
	if q.State != nil {
		state := batch.State(*q.State)
		command.State = &state
	}
	patch := struct {
		*wire.UpdateJobQueueRequest
		JobQueueType string `json:"jobQueueType,omitempty"` // it follows the environments
	}{UpdateJobQueueRequest: q}
	var err error
	if q.ComputeEnvironmentOrder != nil {
		if patch.JobQueueType, err = s.queueType(ctx, q.ComputeEnvironmentOrder); err != nil {
			return wire.JobQueueResponse{}, err
		}
	}
	if command.Patch, err = patchOf(patch, "jobQueue"); err != nil {
		return wire.JobQueueResponse{}, err
	}
	_, err = engine.Do(ctx, s.Engine, command)
	return s.queueAnswer(name), err
}

func (s *server) deleteJobQueue(ctx context.Context, c call, q *wire.DeleteJobQueueRequest) (wire.Empty, error) {
	name := s.Place.NameOf(batch.ResourceQueue, q.JobQueue)
	_, err := engine.Do(ctx, s.Engine, sched.DeleteQueue{Caller: c.caller, Name: name})
	return wire.Empty{}, err
}

func (s *server) describeJobQueues(ctx context.Context, _ call, q *wire.DescribeJobQueuesRequest) (wire.DescribeJobQueuesResponse, error) {
	return ofOneMoment(ctx, s.Store, q, s.readQueues)
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
	d.SchedulingPolicyArn = nil
	if q.Policy != "" {
		arn := s.Place.ARN(batch.ResourcePolicy, q.Policy)
		d.SchedulingPolicyArn = &arn
	}
	backfill := !q.Strict
	d.Batchd = &wire.JobQueueExtension{Backfill: &backfill}
	if d.JobQueueType == "" {
		d.JobQueueType = wire.QueueECS
	}
	return d, nil
}
