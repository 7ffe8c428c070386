package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// ModifyPlan decides what is unknown: everything that a job comes to, exactly when one may be
// submitted or waited for. It notes for Delete what the plan means, see [intent].
func (r *jobResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(intent{Cause: causeDestroy}.write(ctx, resp.Private)...)
		return
	}
	var is, was jobModel
	before, diags := readIntent(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &is)...)
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &was)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	planned := is.attributes()
	meant := intent{Cause: before.Cause, Planned: is.fingerprint(ctx)}
	if req.State.Raw.IsNull() {
		is.planPoints(ctx)
	} else {
		is.planOutcome(ctx, &was)
		meant = intent{Cause: causeRequest}
		if !is.Name.Equal(was.Name) {
			meant.Cause = causeReplacement
		}
	}
	resp.Diagnostics.Append(meant.write(ctx, resp.Private)...)
	for name, value := range is.attributes() {
		// Setting an attribute walks the whole plan, which may hold thousands of results.
		if !value.Equal(planned[name]) {
			resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root(name), value)...)
		}
	}
	r.warn(ctx, &is, &resp.Diagnostics)
}

// planOutcome sets what the plan m says of the outcome, given the state was.
func (m *jobModel) planOutcome(ctx context.Context, was *jobModel) {
	adopted := was.ContentKey.IsNull() // imported: the first apply notes the key
	if !adopted && (was.failed() || m.refuses(was) || !m.sameContent(was)) {
		m.outcome, m.Rerun, m.WaitFailed = unknownOutcome(), types.BoolUnknown(), types.BoolUnknown()
		m.planPoints(ctx)
		return
	}
	m.outcome, m.Rerun, m.WaitFailed = was.outcome, was.Rerun, was.WaitFailed
	if !was.ended() && m.WaitForCompletion.ValueBool() {
		m.outcome = unknownOutcome()
		m.JobID, m.ARN, m.ContentKey = was.JobID, was.ARN, was.ContentKey
		m.CreatedAt, m.PointsTotal = was.CreatedAt, was.PointsTotal
	}
	if was.ended() && !m.ResultBytesLimit.Equal(was.ResultBytesLimit) {
		m.Results, m.ResultsTruncated = types.ListUnknown(resultType), types.Int64Unknown()
	}
	if adopted {
		m.ContentKey = types.StringUnknown()
	}
}

// warn asks the runtime, if it has been reached, what would become of the job that m plans, and warns of one that could not run.
// What is not decided yet or does not exist yet is not asked about: the apply may make it.
func (r *jobResource) warn(ctx context.Context, m *jobModel, diags *diag.Diagnostics) {
	if r.connection == nil || !m.JobID.IsUnknown() || !m.decided(ctx) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	c := r.connection.glance(ctx)
	if c == nil {
		return
	}
	request, err := m.request(ctx)
	if err != nil {
		return // the configuration is validated elsewhere
	}
	plan, err := c.PlanJob(ctx, &request)
	name := "Job " + m.Name.ValueString()
	switch {
	case isClientError(err, "") && !isClientError(err, "does not exist"):
		diags.AddWarning(name+" would be refused", err.Error()+"\n\nThat is so as things are; the apply fails unless it changes them first.")
	case err == nil && !plan.Placeable:
		diags.AddWarning(name+" could not run", (&stuckError{code: plan.Code, sentence: plan.Sentence, remedy: plan.Remedy}).Error()+
			"\n\nThat is so as things are; the apply submits the job all the same.")
	}
}

// decided reports whether everything that a submission of m consists of is known.
func (m *jobModel) decided(ctx context.Context) bool {
	for _, value := range append(m.content(), m.Name, m.JobQueue, m.RetryStrategy, m.Timeout, m.Tags) {
		if !known(ctx, value) {
			return false
		}
	}
	return true
}

// planPoints says in the plan how many points there will be, if that is known.
func (m *jobModel) planPoints(ctx context.Context) {
	m.PointsTotal = types.Int64Unknown()
	switch {
	case m.ArraySize.IsUnknown() || !known(ctx, m.Matrix) || !known(ctx, m.Include) || !known(ctx, m.Exclude):
	case m.isSweep():
		if points, err := m.points(ctx); err == nil {
			m.PointsTotal = types.Int64Value(int64(len(points)))
		}
	case !m.ArraySize.IsNull():
		m.PointsTotal = m.ArraySize
	default:
		m.PointsTotal = types.Int64Value(1)
	}
}

// known reports whether v and everything in it is known.
func known(ctx context.Context, v attr.Value) bool {
	value, err := v.ToTerraformValue(ctx)
	return err == nil && value.IsFullyKnown()
}
