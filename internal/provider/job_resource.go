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
	var found diag.Diagnostics
	m.validate(ctx, &found)
	resp.Diagnostics.Append(onlyOurs(ctx, req.Config, found)...)
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
	m.Claim, m.WaitFailed = newClaim(), types.BoolValue(false)
	s, err := m.prepare(ctx, c)
	before := r.connection.handovers.take(m.fingerprint(ctx), s.key)
	if err == nil {
		err = m.begin(ctx, c, s, before)
	}
	if err != nil {
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
			"The apply that submitted it ended in an error, so that Terraform plans to replace the resource. "+m.stateOfJob())
	}
	save(ctx, &resp.State, resp.Identity, &m, &resp.Diagnostics)
}

// ImportState adopts a job by id or ARN; Read takes over what was submitted, see job_import.go.
func (*jobResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	given := importedReference(ctx, req, identityJob, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("job_id"), jobIDOf(given))...)
}
