package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
)

// found is what the runtime says of one object: what objects of all kinds have, and the whole of it.
type found[D any] struct {
	arn, state, status, reason string
	detail                     D
}

// finder returns the object that a name or an ARN stands for; nil if there is none.
type finder[D any] func(ctx context.Context, c *client.Client, reference string) (*found[D], error)

// describedModel is what Terraform holds of an object that the runtime describes as D.
type describedModel[M, D any] interface {
	*M
	identified
	// head returns the name and the ARN.
	head() (name, arn string)
	// refresh takes over what the runtime says.
	refresh(ctx context.Context, detail D) error
}

// described is the part that resources share whose objects are found by name or ARN: it names the type, reads the object
// and imports it. M is the model, D what the runtime describes the object as.
type described[M, D any, P describedModel[M, D]] struct {
	connected
	// typeName is the name of the type without that of the provider, for example "job_queue".
	typeName string
	// noun names the object in diagnostics, for example "job queue", and short in documentation, for example "queue".
	noun, short string
	// missing says what to do when there is nothing to import.
	missing string
	find    finder[D]
}

// Metadata names the type.
func (r *described[M, D, P]) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + r.typeName
}

// IdentitySchema describes what identifies the object.
func (r *described[M, D, P]) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identitySchema(identityName, "Name of the "+r.short+".")
}

// Configure takes the provider's connection.
func (r *described[M, D, P]) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.take(req.ProviderData, &resp.Diagnostics)
}

// Read takes over what the runtime says; an object that is gone is removed from the state.
func (r *described[M, D, P]) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	m := P(new(M))
	resp.Diagnostics.Append(req.State.Get(ctx, m)...)
	identify(ctx, resp.Identity, m, &resp.Diagnostics)
	c := r.reader(ctx, &resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	_, arn := m.head()
	seen, err := r.find(ctx, c, arn)
	if err == nil && seen == nil {
		resp.State.RemoveResource(ctx)
		return
	}
	if err == nil {
		err = m.refresh(ctx, seen.detail)
	}
	if err != nil {
		resp.Diagnostics.AddError("Cannot read "+r.noun+" "+nameOf(arn), err.Error())
		return
	}
	save(ctx, &resp.State, resp.Identity, m, &resp.Diagnostics)
}

// ImportState adopts an object by name or ARN.
func (r *described[M, D, P]) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	given := importedReference(ctx, req, identityName, &resp.Diagnostics)
	c := r.client(ctx, &resp.Diagnostics)
	if c == nil {
		return
	}
	seen, err := r.find(ctx, c, given)
	if err == nil && seen == nil {
		err = errors.New(r.missing)
	}
	if err != nil {
		resp.Diagnostics.AddError(fmt.Sprintf("Cannot import %s %q", r.noun, given), err.Error())
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("arn"), seen.arn)...)
}
