package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

var (
	_ resource.ResourceWithConfigure      = (*jobResource)(nil)
	_ resource.ResourceWithIdentity       = (*jobResource)(nil)
	_ resource.ResourceWithImportState    = (*jobResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*jobResource)(nil)
	_ resource.ResourceWithValidateConfig = (*jobResource)(nil)
)

// Reasons that the runtime keeps of jobs that this resource ends.
const (
	reasonDestroyed = "Destroyed by Terraform"
	reasonReplaced  = "Replaced by a newer submission of Terraform"
)

type jobResource struct{ connected }

func newJobResource() resource.Resource { return &jobResource{} }

// Metadata names the type.
func (*jobResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_job"
	resp.ResourceBehavior.MutableIdentity = true // another submission is another job
}

// IdentitySchema describes what identifies it.
func (*jobResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identitySchema(identityJob, "Id of the job.")
}

// Configure takes the provider's connection.
func (r *jobResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.take(req.ProviderData, &resp.Diagnostics)
}

// ValidateConfig expands the sweep and applies the rules of the wire once every value is known.
func (*jobResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var m jobModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// The names of other resources' objects are unknown until they exist, and say nothing about the sweep.
	for _, reference := range []*types.String{&m.JobDefinition, &m.JobQueue.StringValue} {
		if reference.IsUnknown() {
			*reference = types.StringValue("unknown")
		}
	}
	if m.DependsOnJobs.IsUnknown() || !known(ctx, m.DependsOnJobs) {
		m.DependsOnJobs = types.ListNull(types.StringType)
	}
	for _, v := range append(m.content(), m.Name, m.RetryStrategy, m.Timeout, m.Tags) {
		if !known(ctx, v) {
			return
		}
	}
	m.validate(ctx, &resp.Diagnostics)
}

// Create submits the job, saves that, and waits for it. Where it follows the deletion of a job that it replaces, it takes up
// what that left, see [handover].
func (r *jobResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m jobModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	limit, diags := m.Timeouts.Create(ctx, defaultWait)
	resp.Diagnostics.Append(diags...)
	c := r.client(ctx, &resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	before := r.connection.handovers.take(m.fingerprint(ctx))
	m.Claim, m.WaitFailed = newClaim(), types.BoolValue(false)
	if err := m.begin(ctx, c, before); err != nil {
		resp.Diagnostics.AddError("Cannot submit job "+m.Name.ValueString(), err.Error())
		return
	}
	m.supersede(ctx, c, before.jobID, before.claim, &resp.Diagnostics)
	save(ctx, &resp.State, resp.Identity, &m, &resp.Diagnostics)
	r.during(ctx, &m, &resp.Diagnostics, func() {
		if m.WaitForCompletion.ValueBool() || m.ended() {
			r.settle(ctx, &m, limit, &resp.Diagnostics)
		}
	})
	m.WaitFailed = types.BoolValue(resp.Diagnostics.HasError() && !m.failed())
	save(ctx, &resp.State, resp.Identity, &m, &resp.Diagnostics)
}

// Read takes over what a job that had not ended has come to. What has ended never changes, so the runtime
// may have forgotten it; one that it does not know and that had not ended is gone.
func (r *jobResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m jobModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	identify(ctx, resp.Identity, &m, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || m.ended() {
		return
	}
	c := r.reader(ctx, &resp.Diagnostics)
	if c == nil {
		return
	}
	d, err := c.Job(ctx, m.JobID.ValueString())
	if errors.Is(err, client.ErrJobNotFound) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err == nil && m.Name.IsNull() { // imported
		err = m.adopt(ctx, c, d)
	}
	if err == nil {
		m.take(d)
		if m.ended() {
			var results []wire.Result
			results, err = m.collect(ctx, c, m.ResultBytesLimit.ValueInt64())
			m.warnOfResults(m.withoutSecrets(results), &resp.Diagnostics)
		}
	}
	if err != nil {
		resp.Diagnostics.AddError("Cannot read job "+m.JobID.ValueString(), err.Error())
		return
	}
	if m.WaitFailed.ValueBool() && !m.ended() {
		resp.Diagnostics.AddWarning("Job "+m.Name.ValueString()+" goes on",
			"The apply that submitted it ended in an error, so that Terraform plans to replace the resource. "+m.whatGoesOn())
	}
	save(ctx, &resp.State, resp.Identity, &m, &resp.Diagnostics)
}

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
	s, err := m.prepare(ctx, c, again)
	if err != nil {
		return false, err
	}
	if s.key != "" && s.key == was.ContentKey.ValueString() && !was.failed() && !m.refuses(was) {
		m.ContentKey = types.StringValue(s.key)
		return false, nil
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
		err = r.part(ctx, &m, ends)
	}
	if err != nil {
		resp.Diagnostics.AddError("Cannot end job "+m.JobID.ValueString(), err.Error())
		return
	}
	if plan.Cause != causeDestroy {
		r.connection.handovers.leave(m.handover(plan, ends))
	}
}

// part gives up a job that has not ended: it ends it, or leaves it to a successor, for which the claim lasts a while.
func (r *jobResource) part(ctx context.Context, m *jobModel, ends bool) error {
	c, err := r.connection.get(ctx)
	switch name := m.Claim.ValueString(); {
	case err != nil:
		return err
	case ends:
		return r.end(ctx, c, m.JobID.ValueString(), name)
	case name == "":
		return nil
	default:
		return claim(ctx, c, m.JobID.ValueString(), name, handoverLease)
	}
}

// handover is what m leaves for the job that is planned in its place.
func (m *jobModel) handover(plan intent, again bool) handover {
	left := handover{planned: plan.Planned, again: again}
	if !again && !m.failed() {
		left.jobID, left.key, left.claim = m.JobID.ValueString(), m.ContentKey.ValueString(), m.Claim.ValueString()
		left.rerun = m.Rerun.ValueBool()
	}
	return left
}

// ImportState adopts a job by id or ARN; Read takes over what was submitted, see job_import.go.
func (*jobResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	given := importedReference(ctx, req, identityJob, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("job_id"), jobIDOf(given))...)
}
