package describe

import (
	"cmp"
	"context"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/parameter"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// Details describes jobs by these rows, which may be older than those in the store, in this order.
func Details(ctx context.Context, r store.Reader, place batch.Place, jobs []batch.Job) ([]wire.JobDetail, error) {
	rows, err := Read(ctx, r, place, jobs)
	if err != nil {
		return nil, err
	}
	details := make([]wire.JobDetail, len(jobs))
	for i, j := range jobs {
		details[i] = rows.Detail(j)
	}
	return details, nil
}

// Spec returns the specification of the submission that j is of.
func (rows *Rows) Spec(j batch.Job) batch.Spec { return rows.specs[j.ID.Root()] }

// other returns the row of a job, which is that of j if it is that one.
func (rows *Rows) other(id batch.JobID, j batch.Job) batch.Job {
	if id == j.ID {
		return j
	}
	return rows.jobs[id]
}

// Detail describes a job by its row, which may be older than that in the store, and those beside it. A child is described
// with its own parameters, a multi-node job with how its main node fares.
func (rows *Rows) Detail(j batch.Job) wire.JobDetail {
	place, root, main := rows.place, rows.other(j.ID.Root(), j), rows.other(ran(j), j)
	spec, attempts, definition := rows.specs[root.ID], rows.attempts[main.ID], rows.definitions[j.Definition]
	parameters := spec.EffectiveParameters(rows.points[j.ID])
	if parameters == nil {
		parameters = map[string]string{}
	}
	container := resolved(definition.containerOf(main.ID), spec.ContainerOf(main.ID), parameters)
	d := wire.JobDetail{
		JobArn: place.ARN(batch.ResourceJob, string(j.ID)), JobID: string(j.ID), JobName: j.Name,
		JobQueue: place.ARN(batch.ResourceQueue, j.QueueName), JobDefinition: place.ARN(batch.ResourceDefinition, j.Definition.String()),
		Status: j.Status.String(), StatusReason: j.StatusReason,
		CreatedAt: int64(j.CreatedAt), StartedAt: int64(j.StartedAt), StoppedAt: int64(j.StoppedAt),
		Attempts: attemptDetails(place, definition, attempts), Container: containerDetail(place, main, definition, container, attempts),
		DependsOn: dependencies(j), Parameters: parameters, RetryStrategy: retryDetail(spec.Retry), Timeout: timeoutDetail(spec.Timeout),
		ArrayProperties: arrayDetail(j), NodeProperties: nodeProperties(place, j, definition, spec, parameters), NodeDetails: nodeDetails(j, root),
		ShareIdentifier: some(root.Share), SchedulingPriority: priority(root), ConsumableResourceProperties: needsDetail(place, root.Needs),
		PlatformCapabilities: definition.capabilities, PropagateTags: spec.PropagateTags,
		IsCancelled: j.Cancelled, IsTerminated: j.Terminated, Tags: wire.ShownTags(rows.tags[jobTags(j.ID)]),
		Batchd: &wire.JobDetailExtension{
			Parameters: rows.points[j.ID], WithoutVariable: parameter.WithoutVariable(parameters), Inputs: spec.Inputs,
			ReusedFrom: string(j.ReusedFrom), ReusedAt: int64(rows.reusedAt[j.ReusedFrom]), Joined: string(j.Joined),
			ContentKey: cmp.Or(j.Key, j.ContentKey), Triggers: spec.Triggers, Claims: Claims(j.Claims),
		},
	}
	d.Batchd.Result, d.Batchd.ResultError = shownResult(j, rows.results)
	if j.MaxConcurrency > 0 {
		d.Batchd.MaxConcurrency = &j.MaxConcurrency
	}
	if len(attempts) > 0 {
		last := attempts[len(attempts)-1]
		d.Batchd.Usage, d.Batchd.Host = usage(last), last.Host
	}
	if main.Run != nil {
		d.Batchd.Host = main.Run.Host
	}
	return d
}

// priority is that of a job among those of its share; nil where it means nothing.
func priority(root batch.Job) *int32 {
	if root.Share == "" && root.Priority == 0 {
		return nil
	}
	return &root.Priority
}

func dependencies(j batch.Job) []wire.JobDependency {
	all := []wire.JobDependency{}
	for _, d := range j.DependsOn {
		all = append(all, wire.JobDependency{JobID: some(string(d.Job)), Type: some(string(d.Kind))})
	}
	return all
}

func retryDetail(r batch.Retry) *wire.RetryStrategy {
	attempts := max(r.Attempts, 1)
	detail := &wire.RetryStrategy{Attempts: &attempts, EvaluateOnExit: []wire.EvaluateOnExit{}}
	for _, rule := range r.Rules {
		action := wire.ActionExit
		if rule.Retry {
			action = wire.ActionRetry
		}
		detail.EvaluateOnExit = append(detail.EvaluateOnExit, wire.EvaluateOnExit{
			Action: action, OnExitCode: some(rule.OnExitCode), OnReason: some(rule.OnReason), OnStatusReason: some(rule.OnStatusReason),
		})
	}
	return detail
}

func timeoutDetail(d time.Duration) *wire.JobTimeout {
	if d == 0 {
		return nil
	}
	seconds := int32(d / time.Second)
	return &wire.JobTimeout{AttemptDurationSeconds: &seconds}
}

// some returns a pointer to text, nil if it is empty.
func some(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func arrayDetail(j batch.Job) *wire.ArrayPropertiesDetail {
	if _, index, child := j.Parent(); child {
		return &wire.ArrayPropertiesDetail{Index: &index}
	}
	if j.Array == nil {
		return nil
	}
	d := &wire.ArrayPropertiesDetail{
		Size: &j.Size, StatusSummary: map[string]int32{},
		StatusSummaryLastUpdatedAt: int64(max(j.Array.Unborn.At, j.StoppedAt, j.CreatedAt)),
	}
	for _, status := range batch.Statuses() {
		d.StatusSummary[status.String()] = j.Array.Counts[status]
	}
	return d
}

func usage(a batch.Attempt) *wire.Usage {
	if a.StartedAt == 0 {
		return nil
	}
	return &wire.Usage{CPUMillis: a.Usage.CPUMillis, MaxRSSKiB: a.Usage.MaxRSSKiB, WallMillis: int64(a.StoppedAt - a.StartedAt)}
}

// written is how much an attempt wrote; nil if it never ran, and if its output is kept where that is not known.
func written(a batch.Attempt) *wire.Output {
	if a.StartedAt == 0 || a.Log.Kind != batch.LogSegments {
		return nil
	}
	return &wire.Output{Bytes: a.Log.Span.Bytes, Dropped: a.Log.Span.Dropped}
}

func attemptDetails(place batch.Place, definition *Definition, attempts []batch.Attempt) []wire.AttemptDetail {
	all := make([]wire.AttemptDetail, 0, len(attempts))
	for _, a := range attempts {
		detail := wire.AttemptDetail{
			StartedAt: int64(a.StartedAt), StoppedAt: int64(a.StoppedAt), StatusReason: a.StatusReason,
			Container: &wire.AttemptContainerDetail{
				ContainerInstanceArn: InstanceARN(place, a.Environment, a.Host), TaskArn: TaskARN(place, a.Environment, a.ID),
				ExitCode: a.ExitCode, Reason: a.Reason, NetworkInterfaces: []wire.NetworkInterface{},
			},
			Batchd: &wire.AttemptExtension{Usage: usage(a), Host: a.Host, ResultError: a.ResultError, Output: written(a)},
		}
		if !a.Log.IsZero() {
			detail.Container.LogStreamName = definition.LogStream(a.ID)
		}
		all = append(all, detail)
	}
	return all
}

// Claims describes who holds a submission; c is nil if nobody ever did.
func Claims(c *batch.Claims) []wire.Claim {
	if c == nil {
		return nil
	}
	all := make([]wire.Claim, 0, len(c.Held))
	for _, held := range c.Held {
		all = append(all, wire.Claim{Name: held.Name, Until: int64(held.Until)})
	}
	return all
}
