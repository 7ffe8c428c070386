package provider

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// settleTimeout bounds waits for an environment or a queue to settle, detachTimeout those
// for queues to let go of an environment that is deleted.
const (
	settleTimeout = 10 * time.Minute
	detachTimeout = 20 * time.Second
)

// inUsePhrase is part of the refusal to delete an environment that a queue orders.
const inUsePhrase = "existing JobQueue relationship"

// settle waits until the environment is neither being made nor changed, and takes over what it is. An
// environment that came to nothing is an error that says why.
func (m *computeEnvironmentModel) settle(ctx context.Context, c *client.Client, diags *diag.Diagnostics) {
	waiting, stop := context.WithTimeout(ctx, settleTimeout)
	defer stop()
	err := until(waiting, func(ctx context.Context) (bool, error) {
		detail, err := findEnvironment(ctx, c, m.ARN.ValueString())
		if err != nil || detail == nil {
			return false, err
		}
		if err := m.refresh(ctx, *detail); err != nil {
			return false, err
		}
		return !passing(detail.Status), nil
	})
	m.forgetUnknown()
	switch {
	case err != nil:
		diags.AddError("Cannot tell what became of compute environment "+m.Name.ValueString(), err.Error())
	case m.Status.ValueString() == wire.Invalid:
		diags.AddError("Compute environment "+m.Name.ValueString()+" is INVALID", m.StatusReason.ValueString())
	}
}

// forgetUnknown makes null what is still unknown, so that the state can be saved.
func (m *computeEnvironmentModel) forgetUnknown() {
	m.Status, m.StatusReason = orNull(m.Status), orNull(m.StatusReason)
}

func passing(status string) bool { return status == wire.Creating || status == wire.Updating }

// findEnvironment returns the environment with that name or ARN; nil if there is none.
func findEnvironment(ctx context.Context, c *client.Client, reference string) (*wire.ComputeEnvironmentDetail, error) {
	page, err := c.DescribeComputeEnvironments(ctx, &wire.DescribeComputeEnvironmentsRequest{ComputeEnvironments: []string{reference}})
	if err != nil || len(page.ComputeEnvironments) == 0 || page.ComputeEnvironments[0].Status == wire.Deleted {
		return nil, err
	}
	return &page.ComputeEnvironments[0], nil
}

// deleteEnvironment ends an environment and waits until it is gone. While queues still refer to it,
// it tries again for a while: a service may need a moment to see that they no longer do.
func deleteEnvironment(ctx context.Context, c *client.Client, arn string) error {
	found, err := findEnvironment(ctx, c, arn)
	if err != nil || found == nil {
		return err
	}
	off := wire.Disabled
	if _, err := c.UpdateComputeEnvironment(ctx, &wire.UpdateComputeEnvironmentRequest{ComputeEnvironment: arn, State: &off}); err != nil {
		return fmt.Errorf("disable it: %w", err)
	}
	detaching, stop := context.WithTimeout(ctx, detachTimeout)
	defer stop()
	var refused error
	err = until(detaching, func(ctx context.Context) (bool, error) {
		err := c.DeleteComputeEnvironment(ctx, &wire.DeleteComputeEnvironmentRequest{ComputeEnvironment: arn})
		if isClientError(err, inUsePhrase) {
			refused = err
			return false, nil
		}
		return err == nil, err
	})
	if err != nil && refused != nil {
		return fmt.Errorf("%w: queues still refer to it (%s). Take it out of them first; to replace it under them, use name_prefix and lifecycle { create_before_destroy = true }",
			refused, strings.Join(queuesOver(ctx, c, arn), ", "))
	}
	if err != nil {
		return err
	}
	waiting, stop := context.WithTimeout(ctx, settleTimeout)
	defer stop()
	return until(waiting, func(ctx context.Context) (bool, error) {
		found, err := findEnvironment(ctx, c, arn)
		return found == nil, err
	})
}

// queuesOver names the queues that order an environment; what cannot be asked is left out.
func queuesOver(ctx context.Context, c *client.Client, arn string) []string {
	page, err := c.DescribeJobQueues(ctx, &wire.DescribeJobQueuesRequest{})
	if err != nil {
		return nil
	}
	var names []string
	for _, queue := range page.JobQueues {
		for _, entry := range queue.ComputeEnvironmentOrder {
			if nameOf(entry.ComputeEnvironment) == nameOf(arn) {
				names = append(names, queue.JobQueueName)
			}
		}
	}
	return names
}

// uniqueName adds 26 characters to a prefix: the time, so that names sort by age, and chance.
func uniqueName(prefix string) string {
	id := uuid.New()
	return fmt.Sprintf("%s%s%x", prefix, time.Now().UTC().Format("20060102150405"), id[:6])
}

func orNull(s types.String) types.String {
	if s.IsUnknown() {
		return types.StringNull()
	}
	return s
}
