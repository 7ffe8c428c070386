package wire

import (
	"fmt"
	"math"
	"strings"
)

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *CreateJobQueueRequest) Validate() error {
	c := &check{}
	c.name("jobQueueName", r.JobQueueName)
	needed(c, "priority", r.Priority, 0, math.MaxInt32)
	c.oneOfIf("state", r.State, Enabled, Disabled)
	if t := r.JobQueueType; t != nil {
		for _, other := range []string{"EKS", "SAGEMAKER_TRAINING"} {
			c.that(!strings.EqualFold(*t, other), "jobQueueType", quoted(*t), "one of ECS, ECS_FARGATE: neither Amazon EKS nor Amazon SageMaker is supported")
		}
		c.oneOf("jobQueueType", t, QueueECS, QueueFargate)
	}
	c.noService(r.ServiceEnvironmentOrder)
	c.environmentOrder(r.ComputeEnvironmentOrder)
	c.policyARN(r.SchedulingPolicyArn)
	c.timeLimits(r.JobStateTimeLimitActions)
	c.tags("tags", r.Tags)
	return c.err()
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *UpdateJobQueueRequest) Validate() error {
	c := &check{}
	c.identifier("jobQueue", r.JobQueue)
	integer(c, "priority", r.Priority, 0, math.MaxInt32)
	c.oneOfIf("state", r.State, Enabled, Disabled)
	c.noService(r.ServiceEnvironmentOrder)
	if r.ComputeEnvironmentOrder != nil {
		c.environmentOrder(r.ComputeEnvironmentOrder)
	}
	c.policyARN(r.SchedulingPolicyArn)
	c.timeLimits(r.JobStateTimeLimitActions)
	return c.err()
}

func (c *check) noService(order []ServiceEnvironmentOrder) {
	c.that(len(order) == 0, "serviceEnvironmentOrder", fmt.Sprintf("%d entries", len(order)),
		"nothing: Amazon SageMaker's service environments are not supported; use computeEnvironmentOrder")
}

func (c *check) environmentOrder(order []ComputeEnvironmentOrder) {
	const field = "computeEnvironmentOrder"
	c.count(field, len(order), 1, maxEnvironments)
	names, orders := map[string]bool{}, map[string]bool{}
	for i, e := range order {
		needed(c, at(field, i)+".order", e.Order, 0, math.MaxInt32)
		c.identifier(at(field, i)+".computeEnvironment", e.ComputeEnvironment)
		c.unique(at(field, i)+".computeEnvironment", e.ComputeEnvironment, names)
		c.unique(at(field, i)+".order", fmt.Sprint(value(e.Order)), orders)
	}
}

// policyARN checks what names a policy; an empty value names none.
func (c *check) policyARN(arn *string) {
	if value(arn) != "" {
		c.identifier("schedulingPolicyArn", *arn)
	}
}

func (c *check) timeLimits(actions []JobStateTimeLimitAction) {
	seen := map[string]bool{}
	for i := range actions {
		a := &actions[i]
		field := at("jobStateTimeLimitActions", i)
		c.oneOf(field+".reason", &a.Reason, ReasonCapacity, ReasonMaxResource, ReasonRequirement)
		c.unique(field+".reason", a.Reason, seen)
		c.oneOf(field+".state", &a.State, StatusRunnable)
		c.oneOf(field+".action", &a.Action, "CANCEL")
		needed(c, field+".maxTimeSeconds", a.MaxTimeSeconds, minTimeLimit, maxTimeLimit)
	}
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *DeleteJobQueueRequest) Validate() error {
	c := &check{}
	c.identifier("jobQueue", r.JobQueue)
	return c.err()
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *DescribeJobQueuesRequest) Validate() error {
	c := &check{}
	c.page("jobQueues", r.JobQueues, r.MaxResults)
	return c.err()
}
