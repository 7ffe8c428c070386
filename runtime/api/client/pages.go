package client

import (
	"context"
	"fmt"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// maxPages bounds how many pages one listing may have, so that a service that repeats
// itself cannot hold a caller for ever.
const maxPages = 100_000

// pages collects all elements of a paged call.
func pages[T any](next func(token string) ([]T, string, error)) ([]T, error) {
	var all []T
	token := ""
	for range maxPages {
		some, following, err := next(token)
		if err != nil {
			return all, err
		}
		all = append(all, some...)
		if following == "" {
			return all, nil
		}
		if following == token {
			return all, fmt.Errorf("the service gave the page token %q twice", token)
		}
		token = following
	}
	return all, fmt.Errorf("the service gave more than %d pages", maxPages)
}

// AllResults returns the results of a job, or of an array's children in order.
func (c *Client) AllResults(ctx context.Context, jobID string) ([]wire.Result, error) {
	return pages(func(token string) ([]wire.Result, string, error) {
		page, err := c.Results(ctx, &wire.ResultsRequest{JobID: jobID, NextToken: token})
		if err != nil {
			return nil, "", err
		}
		return page.Results, page.NextToken, nil
	})
}

// AllJobs returns all that ListJobs lists.
func (c *Client) AllJobs(ctx context.Context, in wire.ListJobsRequest) ([]wire.JobSummary, error) {
	return pages(func(token string) ([]wire.JobSummary, string, error) {
		in.NextToken = token
		page, err := c.ListJobs(ctx, &in)
		if err != nil {
			return nil, "", err
		}
		return page.JobSummaryList, page.NextToken, nil
	})
}

// AllJobQueues returns all queues that DescribeJobQueues describes.
func (c *Client) AllJobQueues(ctx context.Context, in wire.DescribeJobQueuesRequest) ([]wire.JobQueueDetail, error) {
	return pages(func(token string) ([]wire.JobQueueDetail, string, error) {
		in.NextToken = token
		page, err := c.DescribeJobQueues(ctx, &in)
		if err != nil {
			return nil, "", err
		}
		return page.JobQueues, page.NextToken, nil
	})
}

// AllJobDefinitions returns all revisions that DescribeJobDefinitions describes.
func (c *Client) AllJobDefinitions(ctx context.Context, in wire.DescribeJobDefinitionsRequest) ([]wire.JobDefinition, error) {
	return pages(func(token string) ([]wire.JobDefinition, string, error) {
		in.NextToken = token
		page, err := c.DescribeJobDefinitions(ctx, &in)
		if err != nil {
			return nil, "", err
		}
		return page.JobDefinitions, page.NextToken, nil
	})
}

// AllSchedulingPolicies returns the ARNs of all policies.
func (c *Client) AllSchedulingPolicies(ctx context.Context) ([]wire.SchedulingPolicyListing, error) {
	return pages(func(token string) ([]wire.SchedulingPolicyListing, string, error) {
		page, err := c.ListSchedulingPolicies(ctx, &wire.ListSchedulingPoliciesRequest{NextToken: token})
		if err != nil {
			return nil, "", err
		}
		return page.SchedulingPolicies, page.NextToken, nil
	})
}

// AllConsumableResources returns all pools that ListConsumableResources lists.
func (c *Client) AllConsumableResources(ctx context.Context, in wire.ListConsumableResourcesRequest) ([]wire.ConsumableResourceSummary, error) {
	return pages(func(token string) ([]wire.ConsumableResourceSummary, string, error) {
		in.NextToken = token
		page, err := c.ListConsumableResources(ctx, &in)
		if err != nil {
			return nil, "", err
		}
		return page.ConsumableResources, page.NextToken, nil
	})
}
