package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

const (
	// settleTimeout bounds waits for an environment or a queue to settle.
	settleTimeout = 10 * time.Minute
	// restoreTimeout bounds putting the state back after a refusal, which an interrupt does not cut short.
	restoreTimeout = 10 * time.Second
)

// deletion is how an object is deleted that has to be disabled first.
type deletion struct {
	// detached waits until nothing refers to the object any more; nil where nothing can.
	detached func(ctx context.Context, c *client.Client, arn string) error
	setState func(ctx context.Context, c *client.Client, arn, state string) error
	remove   func(ctx context.Context, c *client.Client, arn string) error
}

// deleteAndWait deletes an object and waits until it is gone. It is disabled only when nothing refers to it, and put back as it was
// if its deletion is refused all the same, so that a refusal never leaves work standing still.
func deleteAndWait[D any](ctx context.Context, c *client.Client, arn string, find finder[D], d deletion) error {
	seen, err := find(ctx, c, arn)
	if err != nil || seen == nil {
		return err
	}
	if seen.status != wire.Deleting {
		if d.detached != nil {
			if err := d.detached(ctx, c, arn); err != nil {
				return err
			}
		}
		if err := d.disableAndRemove(ctx, c, arn, seen.state); err != nil {
			return err
		}
	}
	waiting, stop := context.WithTimeout(ctx, settleTimeout)
	defer stop()
	return until(waiting, func(ctx context.Context) (bool, error) {
		seen, err := find(ctx, c, arn)
		return seen == nil, err
	})
}

// disableAndRemove deletes an object whose state was so. If the deletion is refused, its state is what it was again.
func (d deletion) disableAndRemove(ctx context.Context, c *client.Client, arn, was string) error {
	if err := d.setState(ctx, c, arn, wire.Disabled); err != nil {
		return fmt.Errorf("disable it: %w", err)
	}
	refused := d.remove(ctx, c, arn)
	if refused == nil || was == wire.Disabled {
		return refused
	}
	restoring, stop := context.WithTimeout(context.WithoutCancel(ctx), restoreTimeout)
	defer stop()
	if err := d.setState(restoring, c, arn, was); err != nil {
		return fmt.Errorf("%w; and it stays DISABLED: %w", refused, err)
	}
	return refused
}
