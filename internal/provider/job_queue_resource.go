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
	_ resource.ResourceWithConfigure      = (*jobQueueResource)(nil)
	_ resource.ResourceWithIdentity       = (*jobQueueResource)(nil)
	_ resource.ResourceWithImportState    = (*jobQueueResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*jobQueueResource)(nil)
	_ resource.ResourceWithValidateConfig = (*jobQueueResource)(nil)
)

type jobQueueResource struct{ connected }

func newJobQueueResource() resource.Resource { return &jobQueueResource{} }

// Metadata names the type.
func (*jobQueueResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_job_queue"
}

// IdentitySchema describes what identifies it.
func (*jobQueueResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identitySchema(identityName, "Name of the queue.")
}

// Configure takes the provider's connection.
func (r *jobQueueResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.take(req.ProviderData, &resp.Diagnostics)
}

// ValidateConfig applies the rules of the wire once every value is known.
func (*jobQueueResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var m jobQueueModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || !req.Config.Raw.IsFullyKnown() {
		return
	}
	if m.Priority.IsNull() {
		m.Priority = types.Int64Value(1)
	}
	request, err := m.createRequest(ctx)
	if err == nil {
		err = request.Validate()
	}
	resp.Diagnostics.Append(onlyOurs(ctx, req.Config, invalid(err))...)
}

// ModifyPlan keeps the status known where nothing changes after all: the framework makes it unknown
// before it is seen that two spellings are of one environment.
func (*jobQueueResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.State.Raw.IsNull() || req.Plan.Raw.IsNull() {
		return
	}
	var is, was jobQueueModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &is)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &was)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if is.Priority.Equal(was.Priority) && is.State.Equal(was.State) && is.Tags.Equal(was.Tags) &&
		is.ComputeEnvironments.Equal(was.ComputeEnvironments) {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("status"), was.Status)...)
	}
}

// Create makes the queue and waits until it is valid.
func (r *jobQueueResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m jobQueueModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	c := r.client(ctx, &resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	request, err := m.createRequest(ctx)
	if err != nil {
		addInvalid(&resp.Diagnostics, err)
		return
	}
	made, err := c.CreateJobQueue(ctx, &request)
	if err != nil {
		resp.Diagnostics.AddError("Cannot create job queue "+m.Name.ValueString(),
			creationText(err, "batch_job_queue", m.Name.ValueString(), "give another name"))
		return
	}
	m.ARN = types.StringValue(made.JobQueueArn)
	m.settle(ctx, c, &resp.Diagnostics)
	save(ctx, &resp.State, resp.Identity, &m, &resp.Diagnostics)
}

// Read takes over what the runtime says; a queue that is gone is gone from the state.
func (r *jobQueueResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m jobQueueModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	identify(ctx, resp.Identity, &m, &resp.Diagnostics)
	c := r.reader(ctx, &resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	detail, err := findQueue(ctx, c, m.ARN.ValueString())
	if err == nil && detail == nil {
		resp.State.RemoveResource(ctx)
		return
	}
	if err == nil {
		err = m.refresh(ctx, *detail)
	}
	if err != nil {
		resp.Diagnostics.AddError("Cannot read job queue "+nameOf(m.ARN.ValueString()), err.Error())
		return
	}
	save(ctx, &resp.State, resp.Identity, &m, &resp.Diagnostics)
}

// Update changes the queue in place.
func (r *jobQueueResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var m, was jobQueueModel
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
	if _, err := c.UpdateJobQueue(ctx, &request); err != nil {
		resp.Diagnostics.AddError("Cannot update job queue "+m.Name.ValueString(), err.Error())
		return
	}
	if err := updateTags(ctx, c, m.ARN.ValueString(), was.Tags, m.Tags); err != nil {
		resp.Diagnostics.AddError("Cannot tag job queue "+m.Name.ValueString(), err.Error())
		return
	}
	m.settle(ctx, c, &resp.Diagnostics)
	save(ctx, &resp.State, resp.Identity, &m, &resp.Diagnostics)
}

// Delete disables the queue, deletes it and waits until it is gone; the runtime ends its jobs.
func (r *jobQueueResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m jobQueueModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	c := r.client(ctx, &resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	if err := deleteQueue(ctx, c, m.ARN.ValueString()); err != nil {
		resp.Diagnostics.AddError("Cannot delete job queue "+m.Name.ValueString(), err.Error())
	}
}

// ImportState adopts a queue by name or ARN.
func (r *jobQueueResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	given := importedReference(ctx, req, identityName, &resp.Diagnostics)
	c := r.client(ctx, &resp.Diagnostics)
	if c == nil {
		return
	}
	detail, err := findQueue(ctx, c, given)
	if err == nil && detail == nil {
		err = errors.New("there is no such queue; give its name or its ARN")
	}
	if err != nil {
		resp.Diagnostics.AddError(fmt.Sprintf("Cannot import job queue %q", given), err.Error())
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("arn"), detail.JobQueueArn)...)
}

// settle waits until the queue is neither being made nor changed, and takes over what it is.
func (m *jobQueueModel) settle(ctx context.Context, c *client.Client, diags *diag.Diagnostics) {
	waiting, stop := context.WithTimeout(ctx, settleTimeout)
	defer stop()
	reason := ""
	err := until(waiting, func(ctx context.Context) (bool, error) {
		detail, err := findQueue(ctx, c, m.ARN.ValueString())
		if err != nil || detail == nil {
			return false, err
		}
		reason = detail.StatusReason
		if err := m.refresh(ctx, *detail); err != nil {
			return false, err
		}
		return !passing(detail.Status), nil
	})
	m.Status = orNull(m.Status)
	switch {
	case err != nil:
		diags.AddError("Cannot tell what became of job queue "+m.Name.ValueString(), err.Error())
	case m.Status.ValueString() == wire.Invalid:
		diags.AddError("Job queue "+m.Name.ValueString()+" is INVALID", reason)
	}
}

// findQueue returns the queue with that name or ARN; nil if there is none.
func findQueue(ctx context.Context, c *client.Client, reference string) (*wire.JobQueueDetail, error) {
	page, err := c.DescribeJobQueues(ctx, &wire.DescribeJobQueuesRequest{JobQueues: []string{reference}})
	if err != nil || len(page.JobQueues) == 0 || page.JobQueues[0].Status == wire.Deleted {
		return nil, err
	}
	return &page.JobQueues[0], nil
}

func deleteQueue(ctx context.Context, c *client.Client, arn string) error {
	found, err := findQueue(ctx, c, arn)
	if err != nil || found == nil {
		return err
	}
	if found.Status != wire.Deleting {
		set := func(ctx context.Context, state string) error {
			_, err := c.UpdateJobQueue(ctx, &wire.UpdateJobQueueRequest{JobQueue: arn, State: &state})
			return err
		}
		remove := func() error { return c.DeleteJobQueue(ctx, &wire.DeleteJobQueueRequest{JobQueue: arn}) }
		if err := disabled(ctx, found.State, set, remove); err != nil {
			return err
		}
	}
	waiting, stop := context.WithTimeout(ctx, settleTimeout)
	defer stop()
	return until(waiting, func(ctx context.Context) (bool, error) {
		found, err := findQueue(ctx, c, arn)
		return found == nil, err
	})
}
