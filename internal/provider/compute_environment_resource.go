package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

var (
	_ resource.ResourceWithConfigure      = (*computeEnvironmentResource)(nil)
	_ resource.ResourceWithIdentity       = (*computeEnvironmentResource)(nil)
	_ resource.ResourceWithImportState    = (*computeEnvironmentResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*computeEnvironmentResource)(nil) // compute_environment_plan.go
	_ resource.ResourceWithValidateConfig = (*computeEnvironmentResource)(nil)
)

type computeEnvironmentResource struct{ connected }

func newComputeEnvironmentResource() resource.Resource { return &computeEnvironmentResource{} }

// Metadata names the type.
func (*computeEnvironmentResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_compute_environment"
}

// IdentitySchema describes what identifies it.
func (*computeEnvironmentResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identitySchema(identityName, "Name of the environment.")
}

// Configure takes the provider's connection.
func (r *computeEnvironmentResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.take(req.ProviderData, &resp.Diagnostics)
}

// ValidateConfig applies the rules between attributes, and those of the wire once every value is known.
func (*computeEnvironmentResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var m computeEnvironmentModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || m.Type.IsUnknown() || m.ComputeResources.IsUnknown() {
		return
	}
	resources := path.Root("compute_resources")
	switch unmanaged := m.Type.ValueString() == wire.Unmanaged; {
	case unmanaged && !m.ComputeResources.IsNull():
		resp.Diagnostics.AddAttributeError(resources, "Not allowed", "An UNMANAGED environment has no compute_resources: remove the block, or let type be MANAGED.")
	case !unmanaged && m.ComputeResources.IsNull():
		resp.Diagnostics.AddAttributeError(resources, "Missing", "A MANAGED environment needs compute_resources, for this machine for example: compute_resources { max_vcpus = 4 }.")
	case req.Config.Raw.IsFullyKnown():
		resp.Diagnostics.Append(onlyOurs(ctx, req.Config, invalid(m.validate(ctx)))...)
	}
}

// validate applies the wire's rules to what a configuration will ask for.
func (m *computeEnvironmentModel) validate(ctx context.Context) error {
	filled := *m
	if filled.Type.IsNull() {
		filled.Type = types.StringValue(wire.Managed)
	}
	if filled.Name.IsNull() {
		filled.Name = types.StringValue(uniqueName(filled.NamePrefix.ValueString()))
	}
	request, err := filled.createRequest(ctx)
	if err != nil {
		return err
	}
	return request.Validate()
}

// Create makes the environment and waits until it is valid.
func (r *computeEnvironmentResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m computeEnvironmentModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if m.Name.IsUnknown() {
		m.Name = types.StringValue(uniqueName(m.NamePrefix.ValueString()))
	}
	request, err := m.createRequest(ctx)
	if err != nil {
		addInvalid(&resp.Diagnostics, err)
		return
	}
	c := r.client(ctx, &resp.Diagnostics)
	if c == nil {
		return
	}
	made, err := c.CreateComputeEnvironment(ctx, &request)
	if err != nil {
		resp.Diagnostics.AddError("Cannot create compute environment "+m.Name.ValueString(),
			creationText(err, "batch_compute_environment", m.Name.ValueString(), "give another name, or name_prefix instead of name"))
		return
	}
	m.ARN = types.StringValue(made.ComputeEnvironmentArn)
	m.settle(ctx, c, &resp.Diagnostics)
	save(ctx, &resp.State, resp.Identity, &m, &resp.Diagnostics)
}

// Read takes over what the runtime says; an environment that is gone is gone from the state.
func (r *computeEnvironmentResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m computeEnvironmentModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	identify(ctx, resp.Identity, &m, &resp.Diagnostics)
	c := r.reader(ctx, &resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	detail, err := findEnvironment(ctx, c, m.ARN.ValueString())
	switch {
	case err != nil:
		resp.Diagnostics.AddError("Cannot read compute environment "+nameOf(m.ARN.ValueString()), err.Error())
		return
	case detail == nil:
		resp.State.RemoveResource(ctx)
		return
	}
	if err := m.refresh(ctx, *detail); err != nil {
		resp.Diagnostics.AddError("Cannot read compute environment "+m.Name.ValueString(), err.Error())
		return
	}
	save(ctx, &resp.State, resp.Identity, &m, &resp.Diagnostics)
}

// Update changes the environment in place.
func (r *computeEnvironmentResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var m, was computeEnvironmentModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &was)...)
	c := r.client(ctx, &resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	request, err := m.updateRequest(ctx)
	if err != nil {
		addInvalid(&resp.Diagnostics, err)
		return
	}
	if _, err := c.UpdateComputeEnvironment(ctx, &request); err != nil {
		resp.Diagnostics.AddError("Cannot update compute environment "+m.Name.ValueString(), err.Error())
		return
	}
	if err := updateTags(ctx, c, m.ARN.ValueString(), was.Tags, m.Tags); err != nil {
		resp.Diagnostics.AddError("Cannot tag compute environment "+m.Name.ValueString(), err.Error())
		return
	}
	m.settle(ctx, c, &resp.Diagnostics)
	save(ctx, &resp.State, resp.Identity, &m, &resp.Diagnostics)
}

// Delete disables the environment and deletes it, whatever its status.
func (r *computeEnvironmentResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m computeEnvironmentModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	c := r.client(ctx, &resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	if err := deleteEnvironment(ctx, c, m.ARN.ValueString()); err != nil {
		resp.Diagnostics.AddError("Cannot delete compute environment "+m.Name.ValueString(), err.Error())
	}
}

// ImportState adopts an environment by name or ARN.
func (r *computeEnvironmentResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	given := importedReference(ctx, req, identityName, &resp.Diagnostics)
	c := r.client(ctx, &resp.Diagnostics)
	if c == nil {
		return
	}
	detail, err := findEnvironment(ctx, c, given)
	if err == nil && detail == nil {
		err = errors.New("there is no such environment; give its name or its ARN")
	}
	if err != nil {
		resp.Diagnostics.AddError(fmt.Sprintf("Cannot import compute environment %q", given), err.Error())
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("arn"), detail.ComputeEnvironmentArn)...)
}
