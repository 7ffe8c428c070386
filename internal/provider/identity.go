package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The attributes by which Terraform 1.12 and later identify a resource.
const (
	identityName = "name"
	identityJob  = "job_id"
)

func identitySchema(attribute, description string) identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		attribute: identityschema.StringAttribute{Description: description, RequiredForImport: true},
	}}
}

// identified is a model that knows what identifies its resource.
type identified interface {
	identity() (attribute string, value types.String)
}

func (m *computeEnvironmentModel) identity() (string, types.String) {
	return identityName, nameIn(m.ARN)
}

func (m *jobQueueModel) identity() (string, types.String) {
	return identityName, nameIn(m.ARN)
}

func (m *jobDefinitionModel) identity() (string, types.String) {
	return identityName, nameIn(m.ARN)
}

func (m *jobModel) identity() (string, types.String) {
	return identityJob, m.JobID
}

// save keeps m as the state of a resource, and what identifies it.
func save(ctx context.Context, state *tfsdk.State, identity *tfsdk.ResourceIdentity, m identified, diags *diag.Diagnostics) {
	diags.Append(state.Set(ctx, m)...)
	identify(ctx, identity, m, diags)
}

// identify says what a resource is identified by. identity is nil where Terraform asks for none.
func identify(ctx context.Context, identity *tfsdk.ResourceIdentity, m identified, diags *diag.Diagnostics) {
	if identity != nil {
		attribute, value := m.identity()
		diags.Append(identity.SetAttribute(ctx, path.Root(attribute), value)...)
	}
}

// importedReference returns what an import names: an id, or an identity.
func importedReference(ctx context.Context, req resource.ImportStateRequest, attribute string, diags *diag.Diagnostics) string {
	if req.ID != "" || req.Identity == nil {
		return req.ID
	}
	var value types.String
	diags.Append(req.Identity.GetAttribute(ctx, path.Root(attribute), &value)...)
	return value.ValueString()
}

// nameIn returns the name that an ARN ends in, without a revision.
func nameIn(arn types.String) types.String {
	name, _ := splitRevision(nameOf(arn.ValueString()))
	return types.StringValue(name)
}
