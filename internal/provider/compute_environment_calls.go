package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// settleTimeout bounds waits for an environment or a queue to settle.
const settleTimeout = 10 * time.Minute

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
