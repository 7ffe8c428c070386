package provider

import (
	"context"

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

// computeEnvironmentResource is batch_compute_environment.
type computeEnvironmentResource struct {
	managed[computeEnvironmentModel, wire.ComputeEnvironmentDetail, *computeEnvironmentModel]
}

func newComputeEnvironmentResource() resource.Resource {
	r := &computeEnvironmentResource{}
	r.typeName, r.noun, r.short = "compute_environment", "compute environment", "environment"
	r.missing = "the environment does not exist; give the name or the ARN of one that does"
	r.otherwise = "give another name, or name_prefix instead of name"
	r.find, r.deletion = findEnvironment, environmentDeletion
	return r
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
