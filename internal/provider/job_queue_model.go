package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// jobQueueModel is batch_job_queue as Terraform holds it.
type jobQueueModel struct {
	Name                types.String `tfsdk:"name"`
	Priority            types.Int64  `tfsdk:"priority"`
	State               types.String `tfsdk:"state"`
	ComputeEnvironments types.List   `tfsdk:"compute_environments"`
	Tags                types.Map    `tfsdk:"tags"`
	ARN                 types.String `tfsdk:"arn"`
	Status              types.String `tfsdk:"status"`
}

// order returns the environments with their place as order.
func (m *jobQueueModel) order() []any {
	entries := make([]any, 0, len(m.ComputeEnvironments.Elements()))
	for i, element := range m.ComputeEnvironments.Elements() {
		if environment, ok := element.(reference); ok {
			entries = append(entries, map[string]any{"order": i + 1, "computeEnvironment": environment.ValueString()})
		}
	}
	return entries
}

func (m *jobQueueModel) createRequest(ctx context.Context) (wire.CreateJobQueueRequest, error) {
	w := write().put(ctx, "jobQueueName", m.Name).put(ctx, "priority", m.Priority).put(ctx, "state", m.State).
		set("computeEnvironmentOrder", m.order()).put(ctx, "tags", m.Tags)
	if w.err != nil {
		return wire.CreateJobQueueRequest{}, w.err
	}
	return toWire[wire.CreateJobQueueRequest](w.doc)
}

func (m *jobQueueModel) updateRequest(ctx context.Context) (wire.UpdateJobQueueRequest, error) {
	w := write().put(ctx, "jobQueue", m.ARN).put(ctx, "priority", m.Priority).put(ctx, "state", m.State).
		set("computeEnvironmentOrder", m.order())
	if w.err != nil {
		return wire.UpdateJobQueueRequest{}, w.err
	}
	return toWire[wire.UpdateJobQueueRequest](w.doc)
}

// refresh takes over what the runtime says. References that the state spells otherwise are kept
// as they are, see [reference].
func (m *jobQueueModel) refresh(ctx context.Context, d wire.JobQueueDetail) error {
	r := read(d)
	m.Name = take(ctx, r, "jobQueueName", m.Name)
	m.Priority = take(ctx, r, "priority", m.Priority)
	m.State = take(ctx, r, "state", m.State)
	m.Tags = take(ctx, r, "tags", m.Tags)
	m.ARN = types.StringValue(d.JobQueueArn)
	m.Status = types.StringValue(d.Status)
	environments := make([]attr.Value, len(d.ComputeEnvironmentOrder))
	prior := m.ComputeEnvironments.Elements()
	for i, entry := range d.ComputeEnvironmentOrder {
		now := newReference(entry.ComputeEnvironment)
		if i < len(prior) {
			if was, ok := prior[i].(reference); ok && was.sameAs(now) {
				now = was
			}
		}
		environments[i] = now
	}
	list, diags := types.ListValue(referenceType{}, environments)
	m.ComputeEnvironments = list
	if r.err == nil && diags.HasError() {
		r.err = errorOf(diags)
	}
	return r.err
}
