package provider

import (
	"context"
	"errors"

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

func (m *jobQueueModel) head() (name, arn string) { return m.Name.ValueString(), m.ARN.ValueString() }

func (m *jobQueueModel) tags() types.Map { return m.Tags }

func (m *jobQueueModel) forgetUnknown() { m.Status = orNull(m.Status) }

// createRequest asks for the queue that m declares.
func (m *jobQueueModel) createRequest() *wire.CreateJobQueueRequest {
	return &wire.CreateJobQueueRequest{
		JobQueueName: m.Name.ValueString(), Priority: m.priority(), State: m.State.ValueStringPointer(),
		ComputeEnvironmentOrder: m.order(), Tags: stringsOrNil(m.Tags),
	}
}

// updateRequest asks for what m declares of a queue that is there.
func (m *jobQueueModel) updateRequest() *wire.UpdateJobQueueRequest {
	return &wire.UpdateJobQueueRequest{
		JobQueue: m.ARN.ValueString(), Priority: m.priority(), State: m.State.ValueStringPointer(), ComputeEnvironmentOrder: m.order(),
	}
}

// priority is within the bounds of the schema.
func (m *jobQueueModel) priority() *int32 {
	priority := int32(m.Priority.ValueInt64())
	return &priority
}

// order returns the environments with their place as order.
func (m *jobQueueModel) order() []wire.ComputeEnvironmentOrder {
	entries := make([]wire.ComputeEnvironmentOrder, 0, len(m.ComputeEnvironments.Elements()))
	for i, element := range m.ComputeEnvironments.Elements() {
		if environment, ok := element.(reference); ok {
			at := int32(i + 1)
			entries = append(entries, wire.ComputeEnvironmentOrder{Order: &at, ComputeEnvironment: environment.ValueString()})
		}
	}
	return entries
}

// refresh takes over what the runtime says. References that the state spells otherwise are kept
// as they are, see [reference].
func (m *jobQueueModel) refresh(ctx context.Context, d wire.JobQueueDetail) error {
	m.Name, m.ARN = types.StringValue(d.JobQueueName), types.StringValue(d.JobQueueArn)
	m.Priority = types.Int64Value(int64(d.Priority))
	m.State, m.Status = types.StringValue(d.State), types.StringValue(d.Status)
	r := read(d)
	m.Tags = take(ctx, r, "tags", m.Tags)
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
	return errors.Join(r.err, errorOf(diags))
}
