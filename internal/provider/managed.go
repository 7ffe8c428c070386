package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// managedModel is what Terraform holds of an object that is changed in place.
type managedModel[M, D any] interface {
	describedModel[M, D]
	// create makes the object and notes its ARN, and its name where Terraform has chosen it. The error is a [requestError]
	// if what is configured cannot be asked for.
	create(ctx context.Context, c *client.Client) error
	// update changes the object into what is configured, but for its tags. The error is as that of create.
	update(ctx context.Context, c *client.Client) error
	tags() types.Map
	// forgetUnknown makes null what is still unknown, so that the state can be saved.
	forgetUnknown()
}

// managed is the part that queues and environments share: they are made, changed in place and deleted, and each of that
// takes the runtime a while, in which their status says so.
type managed[M, D any, P managedModel[M, D]] struct {
	described[M, D, P]
	// otherwise says how to have another object beside one that has its name.
	otherwise string
	deletion  deletion
}

// Create makes the object and waits until it is valid.
func (r *managed[M, D, P]) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	m := P(new(M))
	resp.Diagnostics.Append(req.Plan.Get(ctx, m)...)
	c := r.client(ctx, &resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	if err := m.create(ctx, c); err != nil {
		name, _ := m.head()
		r.refused(&resp.Diagnostics, "create", name, err, creationText(err, "batch_"+r.typeName, name, r.otherwise))
		return
	}
	r.settle(ctx, c, m, &resp.Diagnostics)
	save(ctx, &resp.State, resp.Identity, m, &resp.Diagnostics)
}

// Update changes the object in place.
func (r *managed[M, D, P]) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	m, was := P(new(M)), P(new(M))
	resp.Diagnostics.Append(req.Plan.Get(ctx, m)...)
	resp.Diagnostics.Append(req.State.Get(ctx, was)...)
	c := r.client(ctx, &resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	name, arn := m.head()
	if err := m.update(ctx, c); err != nil {
		r.refused(&resp.Diagnostics, "update", name, err, explained(err).Error())
		return
	}
	if err := updateTags(ctx, c, arn, was.tags(), m.tags()); err != nil {
		resp.Diagnostics.AddError("Cannot tag "+r.noun+" "+name, err.Error())
		return
	}
	r.settle(ctx, c, m, &resp.Diagnostics)
	save(ctx, &resp.State, resp.Identity, m, &resp.Diagnostics)
}

// Delete disables the object, deletes it and waits until it is gone.
func (r *managed[M, D, P]) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	m := P(new(M))
	resp.Diagnostics.Append(req.State.Get(ctx, m)...)
	c := r.client(ctx, &resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	name, arn := m.head()
	if err := deleteAndWait(ctx, c, arn, r.find, r.deletion); err != nil {
		resp.Diagnostics.AddError("Cannot delete "+r.noun+" "+name, err.Error())
	}
}

// refused reports a failed request: at the attribute where the configuration is at fault, with text otherwise.
func (r *managed[M, D, P]) refused(diags *diag.Diagnostics, verb, name string, err error, text string) {
	var unasked *requestError
	if errors.As(err, &unasked) {
		addInvalid(diags, unasked.error)
		return
	}
	diags.AddError("Cannot "+verb+" "+r.noun+" "+name, text)
}

// settle waits until the object is neither being made nor changed, and takes over what it is. An object that has become
// invalid is an error that says why.
func (r *managed[M, D, P]) settle(ctx context.Context, c *client.Client, m P, diags *diag.Diagnostics) {
	waiting, stop := context.WithTimeout(ctx, settleTimeout)
	defer stop()
	name, arn := m.head()
	var last found[D]
	err := until(waiting, func(ctx context.Context) (bool, error) {
		seen, err := r.find(ctx, c, arn)
		if err != nil || seen == nil {
			return false, err
		}
		last = *seen
		if err := m.refresh(ctx, seen.detail); err != nil {
			return false, err
		}
		return !passing(seen.status), nil
	})
	m.forgetUnknown()
	switch {
	case err != nil:
		diags.AddError("Cannot tell what became of "+r.noun+" "+name, err.Error())
	case last.status == wire.Invalid:
		diags.AddError(capitalized(r.noun)+" "+name+" is INVALID", last.reason)
	}
}

// passing reports whether a status is on the way to another.
func passing(status string) bool { return status == wire.Creating || status == wire.Updating }

func orNull(s types.String) types.String {
	if s.IsUnknown() {
		return types.StringNull()
	}
	return s
}
