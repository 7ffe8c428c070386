package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ resource.ResourceWithConfigure      = (*jobDefinitionResource)(nil)
	_ resource.ResourceWithIdentity       = (*jobDefinitionResource)(nil)
	_ resource.ResourceWithImportState    = (*jobDefinitionResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*jobDefinitionResource)(nil)
	_ resource.ResourceWithValidateConfig = (*jobDefinitionResource)(nil)
)

type jobDefinitionResource struct{ connected }

func newJobDefinitionResource() resource.Resource { return &jobDefinitionResource{} }

// Metadata names the type.
func (*jobDefinitionResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_job_definition"
}

// IdentitySchema describes what identifies it.
func (*jobDefinitionResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identitySchema(identityName, "Name of the definition.")
}

// Configure takes the provider's connection.
func (r *jobDefinitionResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.take(req.ProviderData, &resp.Diagnostics)
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
		return err
	}
	m.identify(made.JobDefinitionArn, made.Revision)
	return nil
}

// Read takes over what the runtime says; a revision that is no longer active is gone from the state, and
// the next apply registers another.
func (r *jobDefinitionResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m jobDefinitionModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	identify(ctx, resp.Identity, &m, &resp.Diagnostics)
	c := r.reader(ctx, &resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	found, err := findDefinition(ctx, c, m.ARN.ValueString())
	if err == nil && found == nil {
		resp.State.RemoveResource(ctx)
		return
	}
	if err == nil {
		err = m.refresh(ctx, *found)
	}
	if err != nil {
		resp.Diagnostics.AddError("Cannot read job definition "+nameOf(m.ARN.ValueString()), err.Error())
		return
	}
	save(ctx, &resp.State, resp.Identity, &m, &resp.Diagnostics)
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

// ImportState adopts a revision by name:revision or ARN, or the newest active one by name. That
// revision is then this resource's own.
func (r *jobDefinitionResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	given := importedReference(ctx, req, identityName, &resp.Diagnostics)
	c := r.client(ctx, &resp.Diagnostics)
	if c == nil {
		return
	}
	found, err := findDefinition(ctx, c, given)
	if err == nil && found == nil {
		err = errors.New("there is no such active revision; give a name, name:revision or an ARN")
	}
	if err != nil {
		resp.Diagnostics.AddError(fmt.Sprintf("Cannot import job definition %q", given), err.Error())
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("arn"), found.JobDefinitionArn)...)
}

// splitRevision splits "name:revision"; revision is empty if there is none.
func splitRevision(name string) (base, revision string) {
	base, revision, _ = strings.Cut(name, ":")
	return base, revision
}
