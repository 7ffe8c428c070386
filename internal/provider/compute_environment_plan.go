package provider

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// bestFit is the allocation strategy of an environment that says none, under which instances cannot be replaced.
const bestFit = "BEST_FIT"

// replacingAttributes are those of compute_resources whose change replaces the instances of an environment.
func replacingAttributes() []string {
	var names []string
	for _, member := range wire.ReplacingMembers() {
		names = append(names, attributeName(member))
	}
	slices.Sort(names)
	return names
}

// environmentChanges says in the documentation what is changed in place.
func environmentChanges() string {
	return "Changes are made in place, but these make another environment: of `name`, `name_prefix`, `type`, `compute_resources.type` and " +
		"`compute_resources.spot_iam_fleet_role`; of an attribute of `compute_resources` that is taken away, but for `memory`; and of an environment of type " +
		"`EC2` or `SPOT` whose `allocation_strategy` is `BEST_FIT`, as it is by default, of `" + strings.Join(replacingAttributes(), "`, `") + "`: " +
		"their change replaces instances, which AWS Batch refuses under that strategy. Use `name_prefix` and `lifecycle { create_before_destroy = true }` where that must " +
		"work while queues refer to it."
}

// ModifyPlan asks for another environment where the service would refuse to change this one.
func (*computeEnvironmentResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.State.Raw.IsNull() || req.Plan.Raw.IsNull() {
		return
	}
	var was, is computeEnvironmentModel
	resp.Diagnostics.Append(req.State.Get(ctx, &was)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &is)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !was.ServiceRole.IsNull() && is.ServiceRole.IsNull() {
		resp.RequiresReplace.Append(path.Root("service_role"))
	}
	if is.ComputeResources.IsNull() || is.ComputeResources.IsUnknown() {
		return
	}
	for _, name := range append(is.takenAway(&was), is.replacesInstances(&was)...) {
		resp.RequiresReplace.Append(path.Root("compute_resources").AtName(name))
	}
}

// takenAway returns the attributes of compute_resources that m lacks and was has: an update cannot take them away. Memory is
// an exception, see [computeEnvironmentModel.updateRequest].
func (m *computeEnvironmentModel) takenAway(was *computeEnvironmentModel) []string {
	var names []string
	after := m.ComputeResources.Attributes()
	for name, before := range was.ComputeResources.Attributes() {
		if name != "memory" && !before.IsNull() && after[name].IsNull() {
			names = append(names, name)
		}
	}
	return names
}

// replacesInstances returns the attributes whose change would replace instances where that is refused.
func (m *computeEnvironmentModel) replacesInstances(was *computeEnvironmentModel) []string {
	before, after := was.ComputeResources.Attributes(), m.ComputeResources.Attributes()
	kind, _ := after["type"].(types.String)
	strategy, _ := after["allocation_strategy"].(types.String)
	if kind.ValueString() != wire.TypeEC2 && kind.ValueString() != wire.TypeSpot || strategy.IsUnknown() ||
		!strategy.IsNull() && strategy.ValueString() != bestFit {
		return nil
	}
	var names []string
	for _, name := range replacingAttributes() {
		if was, is := before[name], after[name]; was != nil && !is.Equal(was) {
			names = append(names, name)
		}
	}
	return names
}
