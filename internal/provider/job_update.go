package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// Update submits again if the content key differs or the last submission failed, goes on waiting for a job that
// has not ended, and only notes everything else.
func (r *jobResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var m, was jobModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &was)...)
	limit, diags := m.Timeouts.Update(ctx, defaultWait)
	resp.Diagnostics.Append(diags...)
	c := r.client(ctx, &resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	planned := m.JobID
	m.outcome, m.Rerun, m.WaitFailed = was.outcome, was.Rerun, was.WaitFailed
	if m.Claim.IsUnknown() {
		m.Claim = newClaim()
	}
	var submitted bool
	var err error
	if planned.IsUnknown() {
		submitted, err = m.resubmit(ctx, c, &was, &resp.Diagnostics)
	}
	if err == nil && !submitted {
		err = updateTags(ctx, c, m.ARN.ValueString(), was.Tags, m.Tags)
	}
	if err != nil {
		resp.Diagnostics.AddError("Cannot update job "+m.Name.ValueString(), err.Error())
		return
	}
	save(ctx, &resp.State, resp.Identity, &m, &resp.Diagnostics)
	work := func() {
		switch {
		case submitted && m.ended(), !m.ended() && m.WaitForCompletion.ValueBool():
			r.settle(ctx, &m, limit, &resp.Diagnostics)
		case m.ended() && !m.ResultBytesLimit.Equal(was.ResultBytesLimit):
			r.recollect(ctx, c, &m, &resp.Diagnostics)
		}
	}
	if submitted {
		r.during(ctx, &m, &resp.Diagnostics, work)
	} else {
		r.keep(ctx, &m, &resp.Diagnostics) // at once: it is in the state already
		work()
	}
	save(ctx, &resp.State, resp.Identity, &m, &resp.Diagnostics)
}

// resubmit submits m again if it has to be; otherwise m keeps the job of was.
func (m *jobModel) resubmit(ctx context.Context, c *client.Client, was *jobModel, diags *diag.Diagnostics) (submitted bool, err error) {
	again := was.Rerun.ValueBool() && was.Status.ValueString() != wire.StatusSucceeded
	s, err := m.prepare(ctx, c)
	if err != nil {
		return false, err
	}
	if s.key != "" && s.key == was.ContentKey.ValueString() && !was.failed() && !m.refuses(was) {
		m.ContentKey = types.StringValue(s.key)
		return false, nil
	}
	if again {
		s.runAll()
	}
	if err := m.submit(ctx, c, s); err != nil {
		return false, err
	}
	m.Rerun, m.WaitFailed = types.BoolValue(again), types.BoolValue(false)
	if !was.ended() {
		m.supersede(ctx, c, was.JobID.ValueString(), was.Claim.ValueString(), diags)
	}
	return true, nil
}

// supersede gives up the claim on the job that the one of m takes the place of. Points that both have go on for m; where both
// are the same job, it goes on under the claim of m.
func (m *jobModel) supersede(ctx context.Context, c *client.Client, id, claim string, diags *diag.Diagnostics) {
	same := id == m.JobID.ValueString()
	if id == "" || same && (claim == "" || claim == m.Claim.ValueString()) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), submitLimit)
	defer cancel()
	var err error
	if same {
		err = c.ReleaseJob(ctx, &wire.ReleaseJobRequest{JobID: id, Claim: claim})
	} else {
		err = giveUp(ctx, c, id, claim, reasonReplaced)
	}
	if err != nil {
		diags.AddWarning("Job "+id+" goes on", "It is replaced and could not be given up: "+err.Error())
	}
}

// recollect reads the results again, for another limit. Those of a job that the runtime has forgotten stay.
func (r *jobResource) recollect(ctx context.Context, c *client.Client, m *jobModel, diags *diag.Diagnostics) {
	_, err := c.Job(ctx, m.JobID.ValueString())
	if err == nil {
		_, err = m.collect(ctx, c, m.ResultBytesLimit.ValueInt64())
	}
	if err != nil {
		diags.AddWarning("The results of job "+m.Name.ValueString()+" stay as they were", err.Error())
	}
}
