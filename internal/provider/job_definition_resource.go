package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

var (
	_ resource.ResourceWithConfigure      = (*jobDefinitionResource)(nil)
	_ resource.ResourceWithIdentity       = (*jobDefinitionResource)(nil)
	_ resource.ResourceWithImportState    = (*jobDefinitionResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*jobDefinitionResource)(nil)
	_ resource.ResourceWithValidateConfig = (*jobDefinitionResource)(nil)
)

// jobDefinitionResource is batch_job_definition. A revision that is no longer active is gone, and the next apply registers
// another. What is imported is the revision named by name:revision or ARN, or the newest active one of a name; it is then
// one of those that the resource registered.
type jobDefinitionResource struct {
	described[jobDefinitionModel, wire.JobDefinition, *jobDefinitionModel]
}

func newJobDefinitionResource() resource.Resource {
	r := &jobDefinitionResource{}
	r.typeName, r.noun, r.short = "job_definition", "job definition", "definition"
	r.missing = "the revision does not exist or is not active; give a name, name:revision or an ARN"
	r.find = findDefinition
	return r
}

// ValidateConfig refuses what cannot run, and applies the rules of the wire once every value is known.
func (*jobDefinitionResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var m jobDefinitionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	m.validateLocal(&resp.Diagnostics)
	if !req.Config.Raw.IsFullyKnown() {
		return
	}
	request, err := m.request(ctx)
	if err == nil {
		err = request.Validate()
	}
	resp.Diagnostics.Append(onlyOurs(ctx, req.Config, invalid(err))...)
}

// ModifyPlan keeps arn and revision known where no revision will be made. The framework has
// made them unknown because something differs.
func (*jobDefinitionResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.State.Raw.IsNull() || req.Plan.Raw.IsNull() {
		return
	}
	var was, is jobDefinitionModel
	resp.Diagnostics.Append(req.State.Get(ctx, &was)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &is)...)
	if resp.Diagnostics.HasError() {
		return
	}
	arn, revision := was.ARN, was.Revision
	if !is.sameContent(&was) {
		arn, revision = types.StringUnknown(), types.Int64Unknown()
	}
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("arn"), arn)...)
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("revision"), revision)...)
}

// Create registers the first revision.
func (r *jobDefinitionResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m jobDefinitionModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if err := r.register(ctx, &m); err != nil {
		resp.Diagnostics.AddError("Cannot register job definition "+m.Name.ValueString(), err.Error())
		return
	}
	save(ctx, &resp.State, resp.Identity, &m, &resp.Diagnostics)
	if err := setRevisions(ctx, resp.Private, []string{m.ARN.ValueString()}); err != nil {
		resp.Diagnostics.AddError("Cannot note the revision", err.Error())
	}
}

// register makes a revision of m and says which it is.
func (r *jobDefinitionResource) register(ctx context.Context, m *jobDefinitionModel) error {
	request, err := m.request(ctx)
	if err != nil {
		return err
	}
	c, err := r.connection.get(ctx)
	if err != nil {
		return err
	}
	made, err := c.RegisterJobDefinition(ctx, &request)
	if err != nil {
		return explained(err)
	}
	m.identify(made.JobDefinitionArn, made.Revision)
	return nil
}

// Update registers another revision if something that makes one differs, changes the tags of the
// current one otherwise, and lets go of the revisions that are not to be kept.
func (r *jobDefinitionResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var m, was jobDefinitionModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &was)...)
	c := r.client(ctx, &resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	fail := func(what string, err error) {
		resp.Diagnostics.AddError("Cannot "+what+" job definition "+m.Name.ValueString(), err.Error())
	}
	arns, err := revisions(ctx, req.Private, was.ARN.ValueString())
	if err != nil {
		fail("update", err)
		return
	}
	if !m.sameContent(&was) {
		if err := r.register(ctx, &m); err != nil {
			fail("register", err)
			return
		}
		arns = append(arns, m.ARN.ValueString())
	} else {
		m.identify(was.ARN.ValueString(), int32(was.Revision.ValueInt64()))
		if err := updateTags(ctx, c, m.ARN.ValueString(), was.Tags, m.Tags); err != nil {
			fail("tag", err)
			return
		}
	}
	save(ctx, &resp.State, resp.Identity, &m, &resp.Diagnostics)
	if !m.KeepRevisions.IsNull() {
		if arns, err = trim(ctx, c, arns, int(m.KeepRevisions.ValueInt64())); err != nil {
			resp.Diagnostics.AddWarning("Older revisions of "+m.Name.ValueString()+" stay active", err.Error())
		}
	}
	if err := setRevisions(ctx, resp.Private, arns); err != nil {
		fail("note the revisions of", err)
	}
}

// Delete deregisters the revisions that this resource registered.
func (r *jobDefinitionResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m jobDefinitionModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	c := r.client(ctx, &resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	arns, err := revisions(ctx, req.Private, m.ARN.ValueString())
	if err == nil {
		_, err = trim(ctx, c, arns, 0)
	}
	if err != nil {
		resp.Diagnostics.AddError("Cannot deregister job definition "+m.Name.ValueString(), err.Error())
	}
}

// splitRevision splits "name:revision"; revision is empty if there is none.
func splitRevision(name string) (base, revision string) {
	base, revision, _ = strings.Cut(name, ":")
	return base, revision
}
