package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// Delete ends what still runs, unless the job is replaced: then its successor takes it up, except where every point is
// to run again. Records stay with the runtime.
func (r *jobResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m jobModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	limit, diags := m.Timeouts.Delete(ctx, defaultEndWait)
	resp.Diagnostics.Append(diags...)
	plan, diags := readIntent(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	ends, err := plan.Cause == causeDestroy || plan.asksForAll(&m), error(nil)
	if !m.ended() {
		err = r.part(ctx, &m, ends, plan.endReason())
	}
	if err != nil {
		resp.Diagnostics.AddError("Cannot end job "+m.JobID.ValueString(), err.Error())
		return
	}
	if plan.Cause != causeDestroy {
		r.connection.handovers.leave(m.handover(plan, ends))
	}
}

// part gives up a job that has not ended: it ends it for a reason, or leaves it to a successor, for which the claim lasts a while.
func (r *jobResource) part(ctx context.Context, m *jobModel, ends bool, reason string) error {
	c, err := r.connection.get(ctx)
	switch name := m.Claim.ValueString(); {
	case err != nil:
		return err
	case ends:
		return r.end(ctx, c, m.JobID.ValueString(), name, reason)
	case name == "":
		return nil
	default:
		return claim(ctx, c, m.JobID.ValueString(), name, handoverLease)
	}
}

// handover is what m leaves for the job that is planned in its place.
func (m *jobModel) handover(plan intent, again bool) handover {
	left := handover{planned: plan.Planned, key: m.ContentKey.ValueString(), again: again}
	if !again && !m.failed() {
		left.jobID, left.claim = m.JobID.ValueString(), m.Claim.ValueString()
		left.goesOn, left.rerun = !m.ended(), m.Rerun.ValueBool()
	}
	return left
}
