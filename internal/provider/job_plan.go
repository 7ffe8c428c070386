package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
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
	r.preview(ctx, &is, &resp.Diagnostics)
}

// planOutcome sets what the plan m says of the outcome, given the state was.
func (m *jobModel) planOutcome(ctx context.Context, was *jobModel) {
	if was.failed() || m.refuses(was) || !m.sameContent(was) {
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
	if !was.ended() && was.ContentKey.ValueString() == "" {
		m.ContentKey = types.StringUnknown()
	}
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
