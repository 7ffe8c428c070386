package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// findEnvironment is the [finder] of environments.
func findEnvironment(ctx context.Context, c *client.Client, reference string) (*found[wire.ComputeEnvironmentDetail], error) {
	page, err := c.DescribeComputeEnvironments(ctx, &wire.DescribeComputeEnvironmentsRequest{ComputeEnvironments: []string{reference}})
	if err != nil || len(page.ComputeEnvironments) == 0 || page.ComputeEnvironments[0].Status == wire.Deleted {
		return nil, err
	}
	d := page.ComputeEnvironments[0]
	return &found[wire.ComputeEnvironmentDetail]{
		arn: d.ComputeEnvironmentArn, state: d.State, status: d.Status, reason: d.StatusReason, detail: d,
	}, nil
}

func (m *computeEnvironmentModel) create(ctx context.Context, c *client.Client) error {
	if m.Name.IsUnknown() {
		m.Name = types.StringValue(uniqueName(m.NamePrefix.ValueString()))
	}
	request, err := m.createRequest(ctx)
	if err != nil {
		return &requestError{err}
	}
	made, err := c.CreateComputeEnvironment(ctx, &request)
	if err == nil {
		m.ARN = types.StringValue(made.ComputeEnvironmentArn)
	}
	return err
}

func (m *computeEnvironmentModel) update(ctx context.Context, c *client.Client) error {
	request, err := m.updateRequest(ctx)
	if err != nil {
		return &requestError{err}
	}
	_, err = c.UpdateComputeEnvironment(ctx, &request)
	return err
}

// uniqueName adds 26 characters to a prefix: the time, so that names sort by age, and chance.
func uniqueName(prefix string) string {
	id := uuid.New()
	return fmt.Sprintf("%s%s%x", prefix, time.Now().UTC().Format("20060102150405"), id[:6])
}
