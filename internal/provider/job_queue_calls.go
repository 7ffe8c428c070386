package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// findQueue is the [finder] of queues.
func findQueue(ctx context.Context, c *client.Client, reference string) (*found[wire.JobQueueDetail], error) {
	page, err := c.DescribeJobQueues(ctx, &wire.DescribeJobQueuesRequest{JobQueues: []string{reference}})
	if err != nil || len(page.JobQueues) == 0 || page.JobQueues[0].Status == wire.Deleted {
		return nil, err
	}
	d := page.JobQueues[0]
	return &found[wire.JobQueueDetail]{arn: d.JobQueueArn, state: d.State, status: d.Status, reason: d.StatusReason, detail: d}, nil
}

// queueDeletion disables a queue first; the runtime ends its jobs.
var queueDeletion = deletion{
	setState: func(ctx context.Context, c *client.Client, arn, state string) error {
		_, err := c.UpdateJobQueue(ctx, &wire.UpdateJobQueueRequest{JobQueue: arn, State: &state})
		return err
	},
	remove: func(ctx context.Context, c *client.Client, arn string) error {
		return c.DeleteJobQueue(ctx, &wire.DeleteJobQueueRequest{JobQueue: arn})
	},
}

func (m *jobQueueModel) create(ctx context.Context, c *client.Client) error {
	made, err := c.CreateJobQueue(ctx, m.createRequest())
	if err == nil {
		m.ARN = types.StringValue(made.JobQueueArn)
	}
	return err
}

func (m *jobQueueModel) update(ctx context.Context, c *client.Client) error {
	_, err := c.UpdateJobQueue(ctx, m.updateRequest())
	return err
}
