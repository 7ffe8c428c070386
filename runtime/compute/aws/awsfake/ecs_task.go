package awsfake

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// task is a task of ECS, as DescribeTasks shows it and what the service knows besides. It lives in ecs_life.go.
type task struct {
	types.Task
	e          *ecsState
	id         string
	cluster    *cluster
	number     int // in the cluster's order
	definition *definition
	on         *containerInstance // nil on Fargate
	holds      capacity           // of the instance
	containers []*taskContainer   // its containers, in the order of the definition
	host       string             // the id of the EC2 instance
	spot       bool
	tags       tags
	shown      history[types.Task]
}

// newTask makes a task that has no place yet.
func (e *ecsState) newTask(c *cluster, r *run) *task {
	t := &task{e: e, id: e.w.hex("task", taskIDDigits), cluster: c, definition: r.definition, tags: r.tags}
	d := r.definition
	t.Task = types.Task{
		TaskArn: aws.String(e.w.arn("ecs", "task/"+c.name+"/"+t.id)), ClusterArn: &c.arn, TaskDefinitionArn: d.TaskDefinitionArn,
		CreatedAt: aws.Time(time.Now()), DesiredStatus: aws.String(statusRunning), Group: aws.String(nameOr(r.in.Group, "family:"+*d.Family)),
		StartedBy: r.in.StartedBy, Overrides: r.overrides, Cpu: r.cpu, Memory: r.memory, EphemeralStorage: d.EphemeralStorage,
		EnableExecuteCommand: r.in.EnableExecuteCommand, HealthStatus: types.HealthStatusUnknown,
	}
	for i := range d.ContainerDefinitions {
		p := newTaskContainer(t, &d.ContainerDefinitions[i], r.override(*d.ContainerDefinitions[i].Name))
		t.containers, t.Containers = append(t.containers, p), append(t.Containers, p.shown)
	}
	t.number = c.taskOrder.add(t)
	c.tasks[t.id] = t
	return t
}

// changed notes what the task is like, for reads and in an event.
func (t *task) changed() {
	t.Version++
	t.Containers = make([]types.Container, len(t.containers))
	for i, p := range t.containers {
		t.Containers[i] = p.shown
	}
	t.Tags = listTags(t.tags)
	t.shown.put(time.Now(), t.Task, historyKept)
	t.e.publish("ECS Task State Change", *t.TaskArn, taskDetail(t.Task))
	if t.on != nil {
		t.on.changed()
	}
}

// become gives the task a status.
func (t *task) become(status string) {
	t.LastStatus = aws.String(status)
	t.changed()
}

func (t *task) stopped() bool { return aws.ToString(t.LastStatus) == statusStopped }

// stopping reports whether the task is to stop or has stopped.
func (t *task) stopping() bool { return aws.ToString(t.DesiredStatus) == statusStopped }

// describe is the task as a read sees it that may lag; false if it does not see it.
func (t *task) describe(seen time.Time, include []types.TaskField) (types.Task, bool) {
	shown, was := t.shown.at(seen)
	if !slices.Contains(include, types.TaskFieldTags) {
		shown.Tags = nil
	}
	return shown, was
}

// EndTask ends a task as ECS itself may, for example with [types.TaskStopCodeInfrastructureHealth] when the hardware below it is at fault. It reports
// whether there is such a task that has not been told to stop.
func (w *World) EndTask(taskARN string, code types.TaskStopCode, reason string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.happen()
	t := w.ecs.find(taskARN)
	if t == nil || t.stopping() {
		return false
	}
	t.stop(code, reason)
	return true
}

// find finds a task by its ARN in any cluster; nil if it is not there.
func (e *ecsState) find(taskARN string) *task {
	for _, c := range e.clusters {
		if t := c.tasks[lastPart(taskARN)]; t != nil {
			return t
		}
	}
	return nil
}
