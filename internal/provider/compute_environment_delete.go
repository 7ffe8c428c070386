package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// detachTimeout is how long queues have to let go of an environment: Terraform has changed or destroyed them before,
// and a service may need a moment to see that.
const detachTimeout = 5 * time.Second

// errOrdered is the refusal to delete an environment that queues refer to.
var errOrdered = errors.New("it still refers to the environment. Remove the environment from the queue first; to replace one that a queue refers to, use name_prefix and lifecycle { create_before_destroy = true }")

// environmentDeletion disables an environment only when no queue orders it, so that a refusal never leaves queues standing
// still.
var environmentDeletion = deletion{
	detached: awaitDetached,
	setState: func(ctx context.Context, c *client.Client, arn, state string) error {
		_, err := c.UpdateComputeEnvironment(ctx, &wire.UpdateComputeEnvironmentRequest{ComputeEnvironment: arn, State: &state})
		return err
	},
	remove: func(ctx context.Context, c *client.Client, arn string) error {
		return c.DeleteComputeEnvironment(ctx, &wire.DeleteComputeEnvironmentRequest{ComputeEnvironment: arn})
	},
}

// awaitDetached waits until no queue orders an environment; the error names those that still do.
func awaitDetached(ctx context.Context, c *client.Client, arn string) error {
	var queues []string
	waiting, stop := context.WithTimeout(ctx, detachTimeout)
	defer stop()
	err := until(waiting, func(ctx context.Context) (bool, error) {
		now, err := queuesOver(ctx, c, arn)
		if err == nil {
			queues = now
		}
		return err == nil && len(queues) == 0, err
	})
	if waiting.Err() != nil && ctx.Err() == nil && len(queues) > 0 {
		return fmt.Errorf("job queue %s: %w", strings.Join(queues, ", "), errOrdered)
	}
	return err
}

// queuesOver names the queues that order an environment.
func queuesOver(ctx context.Context, c *client.Client, arn string) ([]string, error) {
	queues, err := c.AllJobQueues(ctx, wire.DescribeJobQueuesRequest{})
	if err != nil {
		return nil, err
	}
	var names []string
	for _, queue := range queues {
		for _, entry := range queue.ComputeEnvironmentOrder {
			if nameOf(entry.ComputeEnvironment) == nameOf(arn) && queue.Status != wire.Deleted {
				names = append(names, queue.JobQueueName)
			}
		}
	}
	return names, nil
}
