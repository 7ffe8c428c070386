package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/google/uuid"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// CreateComputeEnvironment makes an environment.
func (c *Client) CreateComputeEnvironment(ctx context.Context, in *wire.CreateComputeEnvironmentRequest) (*wire.ComputeEnvironmentResponse, error) {
	return post[wire.ComputeEnvironmentResponse](ctx, c, wire.PathCreateComputeEnvironment, in)
}

// DescribeComputeEnvironments returns one page of environments.
func (c *Client) DescribeComputeEnvironments(ctx context.Context, in *wire.DescribeComputeEnvironmentsRequest) (*wire.DescribeComputeEnvironmentsResponse, error) {
	return post[wire.DescribeComputeEnvironmentsResponse](ctx, c, wire.PathDescribeComputeEnvironments, in)
}

// UpdateComputeEnvironment changes an environment.
func (c *Client) UpdateComputeEnvironment(ctx context.Context, in *wire.UpdateComputeEnvironmentRequest) (*wire.ComputeEnvironmentResponse, error) {
	return post[wire.ComputeEnvironmentResponse](ctx, c, wire.PathUpdateComputeEnvironment, in)
}

// DeleteComputeEnvironment ends an environment.
func (c *Client) DeleteComputeEnvironment(ctx context.Context, in *wire.DeleteComputeEnvironmentRequest) error {
	_, err := post[wire.Empty](ctx, c, wire.PathDeleteComputeEnvironment, in)
	return err
}

// CreateJobQueue makes a queue.
func (c *Client) CreateJobQueue(ctx context.Context, in *wire.CreateJobQueueRequest) (*wire.JobQueueResponse, error) {
	return post[wire.JobQueueResponse](ctx, c, wire.PathCreateJobQueue, in)
}

// DescribeJobQueues returns one page of queues.
func (c *Client) DescribeJobQueues(ctx context.Context, in *wire.DescribeJobQueuesRequest) (*wire.DescribeJobQueuesResponse, error) {
	return post[wire.DescribeJobQueuesResponse](ctx, c, wire.PathDescribeJobQueues, in)
}

// UpdateJobQueue changes a queue.
func (c *Client) UpdateJobQueue(ctx context.Context, in *wire.UpdateJobQueueRequest) (*wire.JobQueueResponse, error) {
	return post[wire.JobQueueResponse](ctx, c, wire.PathUpdateJobQueue, in)
}

// DeleteJobQueue ends a queue and its jobs.
func (c *Client) DeleteJobQueue(ctx context.Context, in *wire.DeleteJobQueueRequest) error {
	_, err := post[wire.Empty](ctx, c, wire.PathDeleteJobQueue, in)
	return err
}

// RegisterJobDefinition makes a revision.
func (c *Client) RegisterJobDefinition(ctx context.Context, in *wire.RegisterJobDefinitionRequest) (*wire.RegisterJobDefinitionResponse, error) {
	return post[wire.RegisterJobDefinitionResponse](ctx, c, wire.PathRegisterJobDefinition, in)
}

// DescribeJobDefinitions returns one page of revisions.
func (c *Client) DescribeJobDefinitions(ctx context.Context, in *wire.DescribeJobDefinitionsRequest) (*wire.DescribeJobDefinitionsResponse, error) {
	return post[wire.DescribeJobDefinitionsResponse](ctx, c, wire.PathDescribeJobDefinitions, in)
}

// DeregisterJobDefinition makes a revision INACTIVE.
func (c *Client) DeregisterJobDefinition(ctx context.Context, in *wire.DeregisterJobDefinitionRequest) error {
	_, err := post[wire.Empty](ctx, c, wire.PathDeregisterJobDefinition, in)
	return err
}

// SubmitJob submits a job. A submission without a client token is given one, so that
// repeating it cannot submit twice.
func (c *Client) SubmitJob(ctx context.Context, in *wire.SubmitJobRequest) (*wire.SubmitJobResponse, error) {
	named, extension := *in, wire.SubmitJobExtension{}
	if in.Batchd != nil {
		extension = *in.Batchd
	}
	if extension.ClientToken == "" {
		extension.ClientToken = uuid.NewString()
	}
	named.Batchd = &extension
	return post[wire.SubmitJobResponse](ctx, c, wire.PathSubmitJob, &named)
}

// DescribeJobs returns the jobs that are known.
func (c *Client) DescribeJobs(ctx context.Context, in *wire.DescribeJobsRequest) (*wire.DescribeJobsResponse, error) {
	return post[wire.DescribeJobsResponse](ctx, c, wire.PathDescribeJobs, in)
}

// ListJobs returns one page of jobs.
func (c *Client) ListJobs(ctx context.Context, in *wire.ListJobsRequest) (*wire.ListJobsResponse, error) {
	return post[wire.ListJobsResponse](ctx, c, wire.PathListJobs, in)
}

// CancelJob cancels a job that has not started.
func (c *Client) CancelJob(ctx context.Context, in *wire.CancelJobRequest) error {
	_, err := post[wire.Empty](ctx, c, wire.PathCancelJob, in)
	return err
}

// TerminateJob ends a job.
func (c *Client) TerminateJob(ctx context.Context, in *wire.TerminateJobRequest) error {
	_, err := post[wire.Empty](ctx, c, wire.PathTerminateJob, in)
	return err
}

// ListTagsForResource returns the tags of the resource with that ARN.
func (c *Client) ListTagsForResource(ctx context.Context, arn string) (*wire.ListTagsForResourceResponse, error) {
	return call[wire.ListTagsForResourceResponse](ctx, c, http.MethodGet, tagsPath(arn), nil)
}

// TagResource adds tags to the resource with that ARN.
func (c *Client) TagResource(ctx context.Context, arn string, in *wire.TagResourceRequest) error {
	_, err := post[wire.Empty](ctx, c, tagsPath(arn), in)
	return err
}

// UntagResource removes tags from the resource with that ARN.
func (c *Client) UntagResource(ctx context.Context, arn string, in *wire.UntagResourceRequest) error {
	query := url.Values{"tagKeys": in.TagKeys}
	_, err := call[wire.Empty](ctx, c, http.MethodDelete, tagsPath(arn)+"?"+query.Encode(), nil)
	return err
}

func tagsPath(arn string) string { return wire.PathTags + url.PathEscape(arn) }

// Results returns one page of results.
func (c *Client) Results(ctx context.Context, in *wire.ResultsRequest) (*wire.ResultsResponse, error) {
	return post[wire.ResultsResponse](ctx, c, wire.PathResults, in)
}

// Logs returns one page of output.
func (c *Client) Logs(ctx context.Context, in *wire.LogsRequest) (*wire.LogsResponse, error) {
	return post[wire.LogsResponse](ctx, c, wire.PathLogs, in)
}

// Status returns what the runtime is and does.
func (c *Client) Status(ctx context.Context) (*wire.StatusResponse, error) {
	return call[wire.StatusResponse](ctx, c, http.MethodGet, wire.PathStatus, nil)
}

// Doctor returns what the runtime found when it looked at itself and its machine.
func (c *Client) Doctor(ctx context.Context) (*wire.DoctorResponse, error) {
	return call[wire.DoctorResponse](ctx, c, http.MethodGet, wire.PathDoctor, nil)
}

// Stop ends the runtime. What runs goes on, and is found again by the next one.
func (c *Client) Stop(ctx context.Context) error {
	_, err := post[wire.Empty](ctx, c, wire.PathStop, wire.Empty{})
	return err
}
