package tasks

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/ending"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/governor"
	"github.com/batchd/terraform-provider-batch/runtime/retry"
)

// The reasons of StopTask. Package ending knows them by how they begin.
const (
	reasonStop  = ending.StopReason + "the attempt was ordered to end"
	reasonStray = ending.StopReason + "another task of the same attempt runs"
)

// terminate calls StopTask until the task of a has stopped. ECS sends SIGTERM, and SIGKILL after the stop timeout of the container.
func (r *Runner) terminate(ctx context.Context, a *attempt) {
	r.mu.Lock()
	c, task := a.cluster, a.task
	r.mu.Unlock()
	for failures := 0; ; {
		wait := stopAgain
		if err := r.stopTask(ctx, c, task, reasonStop); err != nil {
			failures++
			wait = patience.Jittered(failures)
			r.log.Info("a task is not stopped yet", "attempt", a.id, "error", err)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-a.over:
		case <-c.gone:
		case <-timer.C:
			continue
		}
		timer.Stop()
		return
	}
}

// stopStray stops a task that should not be there.
func (r *Runner) stopStray(ctx context.Context, c *cluster, task string) {
	for failures := 1; r.stopTask(ctx, c, task, reasonStray) != nil; failures++ {
		if retry.Pause(ctx, patience.Jittered(failures)) != nil {
			return
		}
	}
}

func (r *Runner) stopTask(ctx context.Context, c *cluster, task, reason string) error {
	ctx, cancel := context.WithTimeout(governor.In(ctx, governor.Stop), callTimeout)
	defer cancel()
	_, err := r.clients(c).ECS.StopTask(ctx, &ecs.StopTaskInput{Cluster: aws.String(c.ARN), Task: aws.String(task), Reason: aws.String(reason)})
	return err
}
