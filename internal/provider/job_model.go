package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// jobModel is batch_job as Terraform holds it.
type jobModel struct {
	Name                types.String   `tfsdk:"name"`
	JobQueue            reference      `tfsdk:"job_queue"`
	JobDefinition       types.String   `tfsdk:"job_definition"`
	Parameters          types.Map      `tfsdk:"parameters"`
	Matrix              types.Map      `tfsdk:"matrix"`
	Include             types.List     `tfsdk:"include"`
	Exclude             types.List     `tfsdk:"exclude"`
	ArraySize           types.Int64    `tfsdk:"array_size"`
	ContainerOverrides  types.Object   `tfsdk:"container_overrides"`
	DependsOnJobs       types.List     `tfsdk:"depends_on_jobs"`
	Inputs              types.Map      `tfsdk:"inputs"`
	Triggers            types.Map      `tfsdk:"triggers"`
	RetryStrategy       types.Object   `tfsdk:"retry_strategy"`
	Timeout             types.Object   `tfsdk:"timeout"`
	Reuse               types.Bool     `tfsdk:"reuse"`
	WaitForCompletion   types.Bool     `tfsdk:"wait_for_completion"`
	ResultBytesLimit    types.Int64    `tfsdk:"result_bytes_limit"`
	OnTimeout           types.String   `tfsdk:"on_timeout"`
	OnResultError       types.String   `tfsdk:"on_result_error"`
	FailWhenStuck       types.String   `tfsdk:"fail_when_stuck"`
	Tags                types.Map      `tfsdk:"tags"`
	SensitiveParameters types.Set      `tfsdk:"sensitive_parameters"`
	Timeouts            timeouts.Value `tfsdk:"timeouts"`
	Claim               types.String   `tfsdk:"claim"`
	Rerun               types.Bool     `tfsdk:"rerun"`
	WaitFailed          types.Bool     `tfsdk:"wait_failed"`

	outcome
}

// content returns the attributes that may change the content key.
func (m *jobModel) content() []attr.Value {
	return []attr.Value{
		m.JobDefinition, m.Parameters, m.Matrix, m.Include, m.Exclude, m.ArraySize,
		m.ContainerOverrides, m.DependsOnJobs, m.Inputs, m.Triggers,
	}
}

// sameContent reports whether both surely have the same content key.
func (m *jobModel) sameContent(other *jobModel) bool {
	theirs := other.content()
	for i, ours := range m.content() {
		if !ours.Equal(theirs[i]) {
			return false
		}
	}
	return true
}

// attributes returns what a plan decides of m, by the names of the attributes.
func (m *jobModel) attributes() map[string]attr.Value {
	all := m.outcome.attributes()
	all["rerun"], all["wait_failed"] = m.Rerun, m.WaitFailed
	return all
}

// outcome is what a job came to, as far as it is known. It is all that a submission changes.
type outcome struct {
	JobID            types.String `tfsdk:"job_id"`
	ARN              types.String `tfsdk:"arn"`
	ContentKey       types.String `tfsdk:"content_key"`
	Status           types.String `tfsdk:"status"`
	StatusReason     types.String `tfsdk:"status_reason"`
	ExitCode         types.Int64  `tfsdk:"exit_code"`
	CreatedAt        types.String `tfsdk:"created_at"`
	StartedAt        types.String `tfsdk:"started_at"`
	StoppedAt        types.String `tfsdk:"stopped_at"`
	PointsTotal      types.Int64  `tfsdk:"points_total"`
	PointsRan        types.Int64  `tfsdk:"points_ran"`
	PointsReused     types.Int64  `tfsdk:"points_reused"`
	PointsFailed     types.Int64  `tfsdk:"points_failed"`
	ResultsTruncated types.Int64  `tfsdk:"results_truncated"`
	Points           types.List   `tfsdk:"points"`
	Results          types.List   `tfsdk:"results"`
}

// unknownOutcome is that of a plan which may submit.
func unknownOutcome() outcome {
	text, number := types.StringUnknown(), types.Int64Unknown()
	return outcome{
		JobID: text, ARN: text, ContentKey: text,
		Status: text, StatusReason: text, CreatedAt: text, StartedAt: text, StoppedAt: text,
		ExitCode: number, PointsTotal: number, PointsRan: number, PointsReused: number, PointsFailed: number,
		ResultsTruncated: number, Points: types.ListUnknown(pointType), Results: types.ListUnknown(resultType),
	}
}

// submittedOutcome is that of a job of which no more than its id and its points are known.
func submittedOutcome(made *wire.SubmitJobResponse, s submission) outcome {
	zero := types.Int64Value(0)
	return outcome{
		JobID: types.StringValue(made.JobID), ARN: types.StringValue(made.JobArn), ContentKey: types.StringValue(s.key),
		Status: types.StringValue(wire.StatusSubmitted), StatusReason: types.StringNull(), CreatedAt: types.StringNull(),
		StartedAt: types.StringNull(), StoppedAt: types.StringNull(), ExitCode: types.Int64Null(),
		PointsTotal: types.Int64Value(s.points()), PointsRan: zero, PointsReused: zero, PointsFailed: zero,
		ResultsTruncated: zero, Points: pointsValue(s.request.Batchd.Points), Results: types.ListValueMust(resultType, nil),
	}
}

// attributes returns o by the names of its attributes.
func (o *outcome) attributes() map[string]attr.Value {
	return map[string]attr.Value{
		"job_id": o.JobID, "arn": o.ARN, "content_key": o.ContentKey,
		"status": o.Status, "status_reason": o.StatusReason, "exit_code": o.ExitCode,
		"created_at": o.CreatedAt, "started_at": o.StartedAt, "stopped_at": o.StoppedAt,
		"points_total": o.PointsTotal, "points_ran": o.PointsRan, "points_reused": o.PointsReused,
		"points_failed": o.PointsFailed, "results_truncated": o.ResultsTruncated, "points": o.Points, "results": o.Results,
	}
}

// ended reports whether the job is over.
func (o *outcome) ended() bool { return wire.Terminal(o.Status.ValueString()) }

func (o *outcome) failed() bool { return o.Status.ValueString() == wire.StatusFailed }

// take takes over what the runtime says of a job, but not the results of its points.
func (o *outcome) take(d wire.JobDetail) {
	o.JobID, o.ARN = types.StringValue(d.JobID), types.StringValue(d.JobArn)
	o.Status, o.StatusReason = types.StringValue(d.Status), orAbsent(d.StatusReason)
	o.CreatedAt, o.StartedAt, o.StoppedAt = moment(d.CreatedAt), moment(d.StartedAt), moment(d.StoppedAt)
	o.ExitCode = types.Int64Null()
	if d.Container != nil && d.Container.ExitCode != nil {
		o.ExitCode = types.Int64Value(int64(*d.Container.ExitCode))
	}
	p := progressOf(d)
	o.setPoints(p)
}

// progress counts the points of a job: those that are over and those that run now.
type progress struct{ total, ran, reused, failed, running int64 }

func (o *outcome) setPoints(p progress) {
	o.PointsTotal, o.PointsRan = types.Int64Value(p.total), types.Int64Value(p.ran)
	o.PointsReused, o.PointsFailed = types.Int64Value(p.reused), types.Int64Value(p.failed)
}

func progressOf(d wire.JobDetail) progress {
	summary := map[string]int32{d.Status: 1}
	p := progress{total: 1}
	if a := d.ArrayProperties; a != nil && a.Size != nil {
		p.total, summary = int64(*a.Size), a.StatusSummary
	}
	if d.Batchd != nil {
		p.reused = int64(d.Batchd.Counts[wire.CountReused])
		if d.Batchd.ReusedFrom != "" {
			p.reused = 1
		}
	}
	p.failed, p.running = int64(summary[wire.StatusFailed]), int64(summary[wire.StatusRunning])
	p.ran = int64(summary[wire.StatusSucceeded]) + p.failed - p.reused
	return p
}

// moment renders milliseconds since the Unix epoch; 0 is none.
func moment(ms int64) types.String {
	if ms == 0 {
		return types.StringNull()
	}
	return types.StringValue(time.UnixMilli(ms).UTC().Format(time.RFC3339Nano))
}

// orAbsent is null for an empty text.
func orAbsent(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}
