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

// Bounds of a deletion.
const (
	// detachTimeout is how long queues have to let go of an environment: Terraform has changed or destroyed them before,
	// and a service may need a moment to see that.
	detachTimeout = 5 * time.Second
	// restoreTimeout bounds putting the state back after a refusal, which an interrupt does not cut short.
	restoreTimeout = 10 * time.Second
)

// errOrdered is the refusal to delete an environment that queues order.
var errOrdered = errors.New("it is still ordered there. Take it out of the queue first; to replace it under a queue, use name_prefix and lifecycle { create_before_destroy = true }")

// deleteEnvironment ends an environment and waits until it is gone. It is disabled only when no queue orders it, and put
// back as it was if its deletion is refused all the same, so that a refusal never leaves queues standing still.
func deleteEnvironment(ctx context.Context, c *client.Client, arn string) error {
	found, err := findEnvironment(ctx, c, arn)
	if err != nil || found == nil {
		return err
	}
	if found.Status != wire.Deleting {
		if err := awaitDetached(ctx, c, arn); err != nil {
			return err
		}
		if err := disableAndDelete(ctx, c, arn, found.State); err != nil {
			return err
		}
	}
	waiting, stop := context.WithTimeout(ctx, settleTimeout)
	defer stop()
	return until(waiting, func(ctx context.Context) (bool, error) {
		found, err := findEnvironment(ctx, c, arn)
		return found == nil, err
	})
}

func disableAndDelete(ctx context.Context, c *client.Client, arn, was string) error {
	set := func(ctx context.Context, state string) error {
		_, err := c.UpdateComputeEnvironment(ctx, &wire.UpdateComputeEnvironmentRequest{ComputeEnvironment: arn, State: &state})
		return err
	}
	return disabled(ctx, was, set, func() error {
		return c.DeleteComputeEnvironment(ctx, &wire.DeleteComputeEnvironmentRequest{ComputeEnvironment: arn})
	})
}

// disabled deletes what has to be disabled first. If the deletion is refused, the state is what it was again.
func disabled(ctx context.Context, was string, set func(ctx context.Context, state string) error, remove func() error) error {
	if err := set(ctx, wire.Disabled); err != nil {
		return fmt.Errorf("disable it: %w", err)
	}
	refused := remove()
	if refused == nil || was == wire.Disabled {
		return refused
	}
	restoring, stop := context.WithTimeout(context.WithoutCancel(ctx), restoreTimeout)
	defer stop()
	if err := set(restoring, was); err != nil {
		return fmt.Errorf("%w; and it stays DISABLED: %w", refused, err)
	}
	return refused
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
