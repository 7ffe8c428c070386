package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/sim/replay"
)

// describedAtOnce is how many jobs one call describes (AWS: 100).
const describedAtOnce = 100

// history makes a workload of what a runtime has run.
type history struct {
	*client.Client
	workload  *replay.Workload
	dependent int // jobs that waited for others
}

// historyWorkload reads the ended jobs of a queue, or of all.
func (r *root) historyWorkload(ctx context.Context, queue string) (*replay.Workload, error) {
	runtime, err := r.connect(ctx)
	if err != nil {
		return nil, err
	}
	h := &history{Client: runtime, workload: &replay.Workload{}}
	queues, err := h.queues(ctx, queue)
	if err != nil {
		return nil, err
	}
	for _, q := range queues {
		for _, status := range []string{wire.StatusSucceeded, wire.StatusFailed} {
			if err := h.add(ctx, q, status); err != nil {
				return nil, fmt.Errorf("history of queue %s: %w", q, err)
			}
		}
	}
	if h.dependent > 0 {
		h.workload.Notes = append(h.workload.Notes, fmt.Sprintf("%d jobs waited for others and are replayed as if they had not", h.dependent))
	}
	if err := h.workload.Finish(); err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	return h.workload, nil
}

// queues names the queues to read.
func (h *history) queues(ctx context.Context, one string) (names []string, err error) {
	if one != "" {
		return []string{one}, nil
	}
	in := wire.DescribeJobQueuesRequest{}
	for {
		page, err := h.DescribeJobQueues(ctx, &in)
		if err != nil {
			return nil, fmt.Errorf("history: %w", err)
		}
		for _, q := range page.JobQueues {
			names = append(names, q.JobQueueName)
		}
		if page.NextToken == "" || page.NextToken == in.NextToken {
			return names, nil
		}
		in.NextToken = page.NextToken
	}
}

// add reads the jobs of a queue that ended one way.
func (h *history) add(ctx context.Context, queue, status string) error {
	listed, err := h.AllJobs(ctx, wire.ListJobsRequest{JobQueue: queue, JobStatus: status})
	if err != nil {
		return err
	}
	for some := range slices.Chunk(listed, describedAtOnce) {
		in := &wire.DescribeJobsRequest{}
		for _, j := range some {
			in.Jobs = append(in.Jobs, j.JobID)
		}
		described, err := h.DescribeJobs(ctx, in)
		if err != nil {
			return err
		}
		for _, j := range described.Jobs {
			if err := h.job(ctx, &j); err != nil {
				return fmt.Errorf("job %s: %w", j.JobID, err)
			}
		}
	}
	return nil
}

// job adds one job, or an array with those of its children that ran.
func (h *history) job(ctx context.Context, j *wire.JobDetail) error {
	if j.NodeProperties != nil || j.Container == nil {
		h.workload.Skip("it ran on several nodes, or in several containers")
		return nil
	}
	durations := []int64{j.StoppedAt - j.StartedAt}
	if j.ArrayProperties != nil && j.ArrayProperties.Size != nil {
		var err error
		if durations, err = h.children(ctx, j.JobID); err != nil {
			return err
		}
	} else if j.StartedAt == 0 || j.StoppedAt < j.StartedAt {
		durations = nil
	}
	if len(durations) == 0 {
		h.workload.Skip("it never ran")
		return nil
	}
	if len(j.DependsOn) > 0 {
		h.dependent++
	}
	one, err := historyJob(j, durations)
	if err != nil {
		return err
	}
	return h.workload.Add(one)
}

// children returns how long the children of an array ran that did, by index.
func (h *history) children(ctx context.Context, id string) ([]int64, error) {
	var all []wire.JobSummary
	for _, status := range []string{wire.StatusSucceeded, wire.StatusFailed} {
		some, err := h.AllJobs(ctx, wire.ListJobsRequest{ArrayJobID: id, JobStatus: status})
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	index := func(j wire.JobSummary) int {
		n, _ := strconv.Atoi(j.JobID[strings.LastIndexByte(j.JobID, ':')+1:]) // the runtime made the id
		return n
	}
	slices.SortFunc(all, func(a, b wire.JobSummary) int { return cmp.Compare(index(a), index(b)) })
	var durations []int64
	for _, j := range all {
		if j.StartedAt != 0 && j.StoppedAt >= j.StartedAt {
			durations = append(durations, max(j.StoppedAt-j.StartedAt, 1))
		}
	}
	return durations, nil
}

// historyJob converts a job that ran.
func historyJob(j *wire.JobDetail, durations []int64) (replay.Job, error) {
	one := replay.Job{Name: j.JobName, SubmittedAt: j.CreatedAt, Queue: lastPart(j.JobQueue)}
	one.Definition, _, _ = strings.Cut(lastPart(j.JobDefinition), ":")
	if len(durations) == 1 {
		one.DurationMs = max(durations[0], 1)
	} else {
		one.DurationsMs = durations
	}
	if j.ShareIdentifier != nil {
		one.Share = *j.ShareIdentifier
	}
	if j.SchedulingPriority != nil {
		one.Priority = *j.SchedulingPriority
	}
	if j.Timeout != nil && j.Timeout.AttemptDurationSeconds != nil {
		one.ExpectedMs = int64(*j.Timeout.AttemptDurationSeconds) * 1000
	}
	for _, need := range j.Container.ResourceRequirements {
		amount, err := replay.ParseMilli(need.Value)
		if err != nil {
			return one, fmt.Errorf("%s: %w", need.Type, err)
		}
		switch need.Type {
		case wire.ResourceVCPU:
			one.VCPUs = amount
		case wire.ResourceMemory:
			one.MemoryMiB = int64(amount) / 1000
		case wire.ResourceGPU:
			one.GPUs = int64(amount) / 1000
		}
	}
	return one, nil
}

// lastPart is what stands behind the last slash of an ARN; a name is itself.
func lastPart(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }
