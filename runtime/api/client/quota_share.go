package client

import (
	"context"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// CreateQuotaShare makes a quota share of a queue.
func (c *Client) CreateQuotaShare(ctx context.Context, in *wire.CreateQuotaShareRequest) (*wire.QuotaShareResponse, error) {
	return post[wire.QuotaShareResponse](ctx, c, wire.PathCreateQuotaShare, in)
}

// DescribeQuotaShare returns what is known of a quota share.
func (c *Client) DescribeQuotaShare(ctx context.Context, in *wire.DescribeQuotaShareRequest) (*wire.QuotaShareDetail, error) {
	return post[wire.QuotaShareDetail](ctx, c, wire.PathDescribeQuotaShare, in)
}

// ListQuotaShares returns one page of the quota shares of a queue.
func (c *Client) ListQuotaShares(ctx context.Context, in *wire.ListQuotaSharesRequest) (*wire.ListQuotaSharesResponse, error) {
	return post[wire.ListQuotaSharesResponse](ctx, c, wire.PathListQuotaShares, in)
}

// AllQuotaShares returns all quota shares of a queue.
func (c *Client) AllQuotaShares(ctx context.Context, in wire.ListQuotaSharesRequest) ([]wire.QuotaShareDetail, error) {
	return pages(func(token string) ([]wire.QuotaShareDetail, string, error) {
		in.NextToken = token
		page, err := c.ListQuotaShares(ctx, &in)
		if err != nil {
			return nil, "", err
		}
		return page.QuotaShares, page.NextToken, nil
	})
}

// UpdateQuotaShare changes a quota share.
func (c *Client) UpdateQuotaShare(ctx context.Context, in *wire.UpdateQuotaShareRequest) (*wire.QuotaShareResponse, error) {
	return post[wire.QuotaShareResponse](ctx, c, wire.PathUpdateQuotaShare, in)
}

// DeleteQuotaShare ends a quota share.
func (c *Client) DeleteQuotaShare(ctx context.Context, in *wire.DeleteQuotaShareRequest) error {
	_, err := post[wire.Empty](ctx, c, wire.PathDeleteQuotaShare, in)
	return err
}

// CancelJobs cancels those of some jobs that have not started, and says of each what became of the call.
func (c *Client) CancelJobs(ctx context.Context, in *wire.CancelJobsRequest) (*wire.EndJobsResponse, error) {
	return post[wire.EndJobsResponse](ctx, c, wire.PathCancelJobs, in)
}

// TerminateJobs ends some jobs, and says of each what became of the call.
func (c *Client) TerminateJobs(ctx context.Context, in *wire.TerminateJobsRequest) (*wire.EndJobsResponse, error) {
	return post[wire.EndJobsResponse](ctx, c, wire.PathTerminateJobs, in)
}
