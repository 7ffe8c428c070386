package client

import (
	"context"

	"github.com/google/uuid"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// CreateSchedulingPolicy makes a policy.
func (c *Client) CreateSchedulingPolicy(ctx context.Context, in *wire.CreateSchedulingPolicyRequest) (*wire.CreateSchedulingPolicyResponse, error) {
	return post[wire.CreateSchedulingPolicyResponse](ctx, c, wire.PathCreateSchedulingPolicy, in)
}

// DescribeSchedulingPolicies returns the policies that are known.
func (c *Client) DescribeSchedulingPolicies(ctx context.Context, in *wire.DescribeSchedulingPoliciesRequest) (*wire.DescribeSchedulingPoliciesResponse, error) {
	return post[wire.DescribeSchedulingPoliciesResponse](ctx, c, wire.PathDescribeSchedulingPolicies, in)
}

// ListSchedulingPolicies returns one page of policies.
func (c *Client) ListSchedulingPolicies(ctx context.Context, in *wire.ListSchedulingPoliciesRequest) (*wire.ListSchedulingPoliciesResponse, error) {
	return post[wire.ListSchedulingPoliciesResponse](ctx, c, wire.PathListSchedulingPolicies, in)
}

// UpdateSchedulingPolicy replaces a policy.
func (c *Client) UpdateSchedulingPolicy(ctx context.Context, in *wire.UpdateSchedulingPolicyRequest) error {
	_, err := post[wire.Empty](ctx, c, wire.PathUpdateSchedulingPolicy, in)
	return err
}

// DeleteSchedulingPolicy ends a policy.
func (c *Client) DeleteSchedulingPolicy(ctx context.Context, in *wire.DeleteSchedulingPolicyRequest) error {
	_, err := post[wire.Empty](ctx, c, wire.PathDeleteSchedulingPolicy, in)
	return err
}

// CreateConsumableResource makes a counted pool.
func (c *Client) CreateConsumableResource(ctx context.Context, in *wire.CreateConsumableResourceRequest) (*wire.CreateConsumableResourceResponse, error) {
	return post[wire.CreateConsumableResourceResponse](ctx, c, wire.PathCreateConsumableResource, in)
}

// DescribeConsumableResource returns what is known of a pool.
func (c *Client) DescribeConsumableResource(ctx context.Context, in *wire.DescribeConsumableResourceRequest) (*wire.DescribeConsumableResourceResponse, error) {
	return post[wire.DescribeConsumableResourceResponse](ctx, c, wire.PathDescribeConsumableResource, in)
}

// ListConsumableResources returns one page of pools.
func (c *Client) ListConsumableResources(ctx context.Context, in *wire.ListConsumableResourcesRequest) (*wire.ListConsumableResourcesResponse, error) {
	return post[wire.ListConsumableResourcesResponse](ctx, c, wire.PathListConsumableResources, in)
}

// UpdateConsumableResource changes how much there is. An update without a client token is given one, so that
// repeating it cannot add twice.
func (c *Client) UpdateConsumableResource(ctx context.Context, in *wire.UpdateConsumableResourceRequest) (*wire.UpdateConsumableResourceResponse, error) {
	named := *in
	if named.ClientToken == nil {
		token := uuid.NewString()
		named.ClientToken = &token
	}
	return post[wire.UpdateConsumableResourceResponse](ctx, c, wire.PathUpdateConsumableResource, &named)
}

// DeleteConsumableResource ends a pool.
func (c *Client) DeleteConsumableResource(ctx context.Context, in *wire.DeleteConsumableResourceRequest) error {
	_, err := post[wire.Empty](ctx, c, wire.PathDeleteConsumableResource, in)
	return err
}

// ListJobsByConsumableResource returns one page of the jobs that need a pool.
func (c *Client) ListJobsByConsumableResource(ctx context.Context, in *wire.ListJobsByConsumableResourceRequest) (*wire.ListJobsByConsumableResourceResponse, error) {
	return post[wire.ListJobsByConsumableResourceResponse](ctx, c, wire.PathListJobsByConsumableResource, in)
}

// GetJobQueueSnapshot returns what a queue places next and what it uses.
func (c *Client) GetJobQueueSnapshot(ctx context.Context, in *wire.GetJobQueueSnapshotRequest) (*wire.GetJobQueueSnapshotResponse, error) {
	return post[wire.GetJobQueueSnapshotResponse](ctx, c, wire.PathGetJobQueueSnapshot, in)
}

// ListHosts returns the hosts that are there or on their way.
func (c *Client) ListHosts(ctx context.Context, in *wire.ListHostsRequest) (*wire.ListHostsResponse, error) {
	return post[wire.ListHostsResponse](ctx, c, wire.PathListHosts, in)
}

// ExplainJob returns why a job is not running.
func (c *Client) ExplainJob(ctx context.Context, in *wire.ExplainJobRequest) (*wire.ExplainJobResponse, error) {
	return post[wire.ExplainJobResponse](ctx, c, wire.PathExplainJob, in)
}

// PlanJob returns what would become of a submission, and changes nothing.
func (c *Client) PlanJob(ctx context.Context, in *wire.SubmitJobRequest) (*wire.PlanJobResponse, error) {
	return post[wire.PlanJobResponse](ctx, c, wire.PathPlanJob, in)
}

// RetryJob runs again what failed of a job. What has no failure is refused, so a call that is repeated because its
// answer was lost may be refused too.
func (c *Client) RetryJob(ctx context.Context, in *wire.RetryJobRequest) (*wire.RetryJobResponse, error) {
	return post[wire.RetryJobResponse](ctx, c, wire.PathRetryJob, in)
}

// ClaimJob keeps or renews a claim of a job.
func (c *Client) ClaimJob(ctx context.Context, in *wire.ClaimJobRequest) (*wire.ClaimJobResponse, error) {
	return post[wire.ClaimJobResponse](ctx, c, wire.PathClaimJob, in)
}

// ReleaseJob gives up a claim of a job.
func (c *Client) ReleaseJob(ctx context.Context, in *wire.ReleaseJobRequest) error {
	_, err := post[wire.Empty](ctx, c, wire.PathReleaseJob, in)
	return err
}
