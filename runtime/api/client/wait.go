package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/retry"
)

const (
	shortestPoll = 20 * time.Millisecond
	longestPoll  = 500 * time.Millisecond
	// pollShare is which part of the time waited so far passes until the next look: a
	// wait is at most a tenth too long.
	pollShare = 10
)

// ErrJobNotFound says that the service does not know a job.
var ErrJobNotFound = errors.New("job not found")

// Job returns one job, or an error that is [ErrJobNotFound].
func (c *Client) Job(ctx context.Context, id string) (wire.JobDetail, error) {
	answer, err := c.DescribeJobs(ctx, &wire.DescribeJobsRequest{Jobs: []string{id}})
	if err != nil {
		return wire.JobDetail{}, err
	}
	if len(answer.Jobs) == 0 {
		return wire.JobDetail{}, fmt.Errorf("%w: %s is not known at %s", ErrJobNotFound, id, c.endpoint)
	}
	return answer.Jobs[0], nil
}

// Wait looks at a job until it has ended, and returns it. onProgress, if not nil, is
// called with what every look saw. If ctx ends, the last look is returned with its cause.
func (c *Client) Wait(ctx context.Context, id string, onProgress func(wire.JobDetail)) (wire.JobDetail, error) {
	var last wire.JobDetail
	for begin := time.Now(); ; {
		job, err := c.Job(ctx, id)
		if err != nil {
			return last, fmt.Errorf("wait for job %s: %w", id, err)
		}
		last = job
		if onProgress != nil {
			onProgress(job)
		}
		if wire.Terminal(job.Status) {
			return job, nil
		}
		if err := retry.Pause(ctx, pollAfter(time.Since(begin))); err != nil {
			return last, fmt.Errorf("wait for job %s: %w", id, err)
		}
	}
}

// pollAfter returns how long to wait until the next look.
func pollAfter(waited time.Duration) time.Duration {
	return min(max(waited/pollShare, shortestPoll), longestPoll)
}

// FollowLogs calls fn with every page that in asks for, and those that follow, until the attempt has ended and all of its
// output was seen. A page may have no events, and a line that is not finished. An error of fn ends it.
func (c *Client) FollowLogs(ctx context.Context, in wire.LogsRequest, fn func(*wire.LogsResponse) error) error {
	quiet := shortestPoll
	for {
		page, err := c.Logs(ctx, &in)
		if err != nil {
			return fmt.Errorf("logs of job %s: %w", in.JobID, err)
		}
		if err := fn(page); err != nil {
			return err
		}
		if page.Ended {
			return nil
		}
		in.NextToken, in.Tail = page.NextToken, false
		if len(page.Events) > 0 {
			quiet = shortestPoll
			continue
		}
		if err := retry.Pause(ctx, quiet); err != nil {
			return fmt.Errorf("logs of job %s: %w", in.JobID, err)
		}
		quiet = min(2*quiet, longestPoll)
	}
}
