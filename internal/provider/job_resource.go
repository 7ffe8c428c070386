package provider

import (
	"context"
	"errors"
	"fmt"

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

// Create submits the job, saves that, and waits for it.
func (r *jobResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m jobModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	limit, diags := m.Timeouts.Create(ctx, defaultWait)
	resp.Diagnostics.Append(diags...)
	c := r.client(ctx, &resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	s, err := m.prepare(ctx, c)
	if err == nil {
		err = m.submit(ctx, c, s)
	}
	if err != nil {
		resp.Diagnostics.AddError("Cannot submit job "+m.Name.ValueString(), err.Error())
		return
	}
	save(ctx, &resp.State, resp.Identity, &m, &resp.Diagnostics)
	if m.WaitForCompletion.ValueBool() || m.ended() {
		r.settle(ctx, &m, limit, &resp.Diagnostics)
	}
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
	if err == nil {
		m.adopt(d)
		m.take(d)
		if m.ended() {
			_, err = m.collect(ctx, c, m.ResultBytesLimit.ValueInt64())
		}
	}
	if err != nil {
		resp.Diagnostics.AddError("Cannot read job "+m.JobID.ValueString(), err.Error())
		return
	}
	save(ctx, &resp.State, resp.Identity, &m, &resp.Diagnostics)
}

// adopt fills what an import does not know.
func (m *jobModel) adopt(d wire.JobDetail) {
	if !m.Name.IsNull() {
		return
	}
	m.Name, m.JobQueue, m.JobDefinition = types.StringValue(d.JobName), newReference(d.JobQueue), types.StringValue(d.JobDefinition)
	m.Reuse, m.WaitForCompletion, m.ResultBytesLimit = types.BoolValue(true), types.BoolValue(true), types.Int64Value(defaultResultBytes)
	m.Results = types.ListValueMust(resultType, nil)
	m.ResultsTruncated = types.Int64Value(0)
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
	m.outcome = was.outcome
	submitted, err := r.resubmit(ctx, c, &m, &was)
	if err != nil {
		resp.Diagnostics.AddError("Cannot submit job "+m.Name.ValueString(), err.Error())
		return
	}
	save(ctx, &resp.State, resp.Identity, &m, &resp.Diagnostics)
	switch {
	case submitted && m.ended(), !m.ended() && m.WaitForCompletion.ValueBool():
		r.settle(ctx, &m, limit, &resp.Diagnostics)
	case m.ended() && !m.ResultBytesLimit.Equal(was.ResultBytesLimit):
		r.recollect(ctx, c, &m, &resp.Diagnostics)
	}
	save(ctx, &resp.State, resp.Identity, &m, &resp.Diagnostics)
}

// resubmit submits m again if it has to be; otherwise m keeps the job of was, and its tags are changed.
func (r *jobResource) resubmit(ctx context.Context, c *client.Client, m, was *jobModel) (submitted bool, err error) {
	s, err := m.prepare(ctx, c)
	if err != nil {
		return false, err
	}
	if adopted := was.ContentKey.IsNull(); adopted || s.key == was.ContentKey.ValueString() && !was.failed() {
		m.ContentKey = types.StringValue(s.key)
		if was.Tags.Equal(m.Tags) {
			return false, nil
		}
		return false, updateTags(ctx, c, was.ARN.ValueString(), was.Tags, m.Tags)
	}
	if !was.ended() {
		if err := r.end(ctx, was.JobID.ValueString(), reasonReplaced); err != nil {
			return false, fmt.Errorf("end the job that it replaces: %w", err)
		}
	}
	return true, m.submit(ctx, c, s)
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

// Delete ends what still runs. Records stay with the runtime.
func (r *jobResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m jobModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	limit, diags := m.Timeouts.Delete(ctx, defaultEndWait)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || m.ended() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := r.end(ctx, m.JobID.ValueString(), reasonDestroyed); err != nil {
		resp.Diagnostics.AddError("Cannot end job "+m.JobID.ValueString(), err.Error())
	}
}

// ImportState adopts a job by id or ARN. It is taken to be what the configuration declares: the first apply
// notes its content key and submits nothing.
func (*jobResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	given := importedReference(ctx, req, identityJob, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("job_id"), jobIDOf(given))...)
}
