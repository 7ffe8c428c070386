package tasks

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/ending"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/governor"
)

const statusStopped = string(types.DesiredStatusStopped)

// observe looks after the tasks of c until it is not watched any more.
func (r *Runner) observe(ctx context.Context, c *cluster) {
	if !c.pause(ctx, settle-time.Since(r.opened)) {
		return
	}
	r.spawn(func(ctx context.Context) { r.list(ctx, c) })
	for calls := 0; c.pause(ctx, lookEvery+time.Duration(calls)*lookEach); {
		calls = 0
		for tasks := range slices.Chunk(r.live(c), perCall) {
			r.look(ctx, c, tasks)
			calls++
		}
	}
}

// pause waits, and reports false if c is not watched any more or ctx has ended.
func (c *cluster) pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-c.gone:
		return false
	case <-timer.C:
		return true
	}
}

// live returns the tasks in c whose end is not known, in order.
func (r *Runner) live(c *cluster) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var tasks []string
	for arn, a := range r.tasks {
		if a.cluster == c && a.phase == begun {
			tasks = append(tasks, arn)
		}
	}
	slices.Sort(tasks)
	return tasks
}

// look describes tasks and notes what it sees. What fails is tried again by the next look.
func (r *Runner) look(ctx context.Context, c *cluster, tasks []string) {
	out, err := r.describe(ctx, c, tasks)
	if err != nil {
		if ctx.Err() == nil {
			r.log.Info("tasks cannot be looked at", "cluster", c.ARN, "tasks", len(tasks), "error", err)
		}
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range out.Tasks {
		r.seesLocked(&out.Tasks[i])
	}
	for _, f := range out.Failures {
		if a := r.tasks[aws.ToString(f.Arn)]; a != nil && a.phase == begun {
			r.misses(a)
		}
	}
}

func (r *Runner) describe(ctx context.Context, c *cluster, tasks []string) (*ecs.DescribeTasksOutput, error) {
	ctx, cancel := context.WithTimeout(governor.In(ctx, governor.Sweep), callTimeout)
	defer cancel()
	return r.clients(c).ECS.DescribeTasks(ctx, &ecs.DescribeTasksInput{
		Cluster: aws.String(c.ARN), Tasks: tasks, Include: []types.TaskField{types.TaskFieldTags},
	})
}

// seesLocked notes what a task is like. What is older than what is known of it says nothing. The mutex is held.
func (r *Runner) seesLocked(t *types.Task) {
	a := r.tasks[aws.ToString(t.TaskArn)]
	if a == nil || a.phase != begun || t.Version < a.version {
		return
	}
	a.version, a.seen, a.misses = t.Version, time.Now(), 0
	if t.StartedAt != nil && a.started.At == 0 {
		a.started = batch.AttemptStarted{Attempt: a.id, At: batch.At(*t.StartedAt), Log: a.log()}
		r.options.Report(a.started)
	}
	if aws.ToString(t.LastStatus) == statusStopped {
		a.phase = finishing
		notice := r.notices[a.label.host]
		r.spawn(func(ctx context.Context) { r.conclude(ctx, a, t, notice) })
	}
}

// misses notes that ECS does not know the task of a. Right after the start that is so, too, and reads may lag. The mutex is held.
func (r *Runner) misses(a *attempt) {
	a.misses++
	if a.misses >= missesUntilForgotten && time.Since(a.seen) > forgottenAfter {
		x := ending.Missing(time.Now())
		x.StartedAt, x.Log = a.started.At, a.log()
		r.finish(a, x)
	}
}
