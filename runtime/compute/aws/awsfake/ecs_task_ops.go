package awsfake

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func (e *ecsState) describeTasks(call *call, in *ecs.DescribeTasksInput) (*ecs.DescribeTasksOutput, error) {
	c, err := e.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	if n := len(in.Tasks); n == 0 || n > maxDescribed {
		return nil, refuse(invalidParameter, "Tasks must have between 1 and %d entries.", maxDescribed)
	}
	out := &ecs.DescribeTasksOutput{}
	for _, reference := range in.Tasks {
		var shown types.Task
		seen := false
		if t := c.tasks[lastPart(reference)]; t != nil {
			shown, seen = t.describe(call.seen, in.Include)
		}
		if !seen {
			out.Failures = append(out.Failures, missing(e.w.arn("ecs", "task/"+c.name+"/"+lastPart(reference))))
			continue
		}
		out.Tasks = append(out.Tasks, shown)
	}
	return out, nil
}

func (e *ecsState) listTasks(call *call, in *ecs.ListTasksInput) (*ecs.ListTasksOutput, error) {
	c, err := e.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	size, err := pageSize(in.MaxResults)
	if err != nil {
		return nil, err
	}
	if in.StartedBy != nil && (in.Family != nil || in.ContainerInstance != nil || in.ServiceName != nil) {
		return nil, refuse(invalidParameter, "startedBy cannot be combined with other filters.")
	}
	var on *containerInstance
	if in.ContainerInstance != nil {
		if on, err = c.instance(in.ContainerInstance); err != nil {
			return nil, err
		}
	}
	desired := in.DesiredStatus
	if desired == "" {
		desired = types.DesiredStatusRunning
	}
	page, next, err := c.taskOrder.page(size, in.NextToken, func(t *task) bool {
		if (in.Family != nil && *in.Family != *t.definition.Family) || (in.ContainerInstance != nil && on != t.on) ||
			(in.StartedBy != nil && *in.StartedBy != aws.ToString(t.StartedBy)) || (in.LaunchType != "" && in.LaunchType != t.LaunchType) ||
			in.ServiceName != nil {
			return false
		}
		shown, seen := t.shown.at(call.seen)
		return seen && aws.ToString(shown.DesiredStatus) == string(desired)
	})
	out := &ecs.ListTasksOutput{NextToken: next}
	for _, t := range page {
		out.TaskArns = append(out.TaskArns, *t.TaskArn)
	}
	return out, err
}

// stopTask stops a task. One that has stopped is returned as it is.
func (e *ecsState) stopTask(_ *call, in *ecs.StopTaskInput) (*ecs.StopTaskOutput, error) {
	c, err := e.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	if len(aws.ToString(in.Reason)) > maxStopReason {
		return nil, refuse(invalidParameter, "Reason must be no longer than %d characters.", maxStopReason)
	}
	t := c.tasks[lastPart(aws.ToString(in.Task))]
	if t == nil {
		return nil, refuse(invalidParameter, "The referenced task was not found.")
	}
	t.stop(types.TaskStopCodeUserInitiated, nameOr(in.Reason, "Task stopped by user"))
	described := t.Task
	return &ecs.StopTaskOutput{Task: &described}, nil
}
