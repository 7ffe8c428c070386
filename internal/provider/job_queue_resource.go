package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

var (
	_ resource.ResourceWithConfigure      = (*jobQueueResource)(nil)
	_ resource.ResourceWithIdentity       = (*jobQueueResource)(nil)
	_ resource.ResourceWithImportState    = (*jobQueueResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*jobQueueResource)(nil)
	_ resource.ResourceWithValidateConfig = (*jobQueueResource)(nil)
)

// jobQueueResource is batch_job_queue. Its deletion ends the jobs of the queue.
type jobQueueResource struct {
	managed[jobQueueModel, wire.JobQueueDetail, *jobQueueModel]
}

func newJobQueueResource() resource.Resource {
	r := &jobQueueResource{}
	r.typeName, r.noun, r.short = "job_queue", "job queue", "queue"
	r.missing = "the queue does not exist; give the name or the ARN of one that does"
	r.otherwise = "give another name"
	r.find, r.deletion = findQueue, queueDeletion
	return r
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
	resp.Diagnostics.Append(onlyOurs(ctx, req.Config, invalid(m.createRequest().Validate()))...)
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
