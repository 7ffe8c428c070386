package provider

import (
	"context"
	"reflect"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// computeEnvironmentModel is batch_compute_environment as Terraform holds it.
type computeEnvironmentModel struct {
	Name             types.String `tfsdk:"name"`
	NamePrefix       types.String `tfsdk:"name_prefix"`
	Type             types.String `tfsdk:"type"`
	State            types.String `tfsdk:"state"`
	ComputeResources types.Object `tfsdk:"compute_resources"`
	ServiceRole      types.String `tfsdk:"service_role"`
	Tags             types.Map    `tfsdk:"tags"`
	ARN              types.String `tfsdk:"arn"`
	Status           types.String `tfsdk:"status"`
	StatusReason     types.String `tfsdk:"status_reason"`
}

func (m *computeEnvironmentModel) head() (name, arn string) {
	return m.Name.ValueString(), m.ARN.ValueString()
}

func (m *computeEnvironmentModel) tags() types.Map { return m.Tags }

func (m *computeEnvironmentModel) forgetUnknown() {
	m.Status, m.StatusReason = orNull(m.Status), orNull(m.StatusReason)
}

// createRequest asks for the environment that m declares.
func (m *computeEnvironmentModel) createRequest(ctx context.Context) (wire.CreateComputeEnvironmentRequest, error) {
	w := write().put(ctx, "computeEnvironmentName", m.Name).put(ctx, "type", m.Type).put(ctx, "state", m.State).
		put(ctx, "computeResources", m.ComputeResources).put(ctx, "serviceRole", m.ServiceRole).put(ctx, "tags", m.Tags)
	if w.err != nil {
		return wire.CreateComputeEnvironmentRequest{}, w.err
	}
	extendResources(w.doc)
	return toWire[wire.CreateComputeEnvironmentRequest](w.doc)
}

// updateRequest asks for what m declares of an environment that is there.
func (m *computeEnvironmentModel) updateRequest(ctx context.Context) (wire.UpdateComputeEnvironmentRequest, error) {
	w := write().put(ctx, "computeEnvironment", m.ARN).put(ctx, "state", m.State).
		put(ctx, "computeResources", m.ComputeResources).put(ctx, "serviceRole", m.ServiceRole)
	if w.err != nil {
		return wire.UpdateComputeEnvironmentRequest{}, w.err
	}
	if resources := extendResources(w.doc); resources != nil {
		delete(resources, "type")
		delete(resources, "spotIamFleetRole")
		if _, ok := resources["batchd"]; !ok && m.isLocal() {
			resources["batchd"] = map[string]any{"memoryMiB": 0} // says again that the machine alone bounds it
		}
	}
	return toWire[wire.UpdateComputeEnvironmentRequest](w.doc)
}

func (m *computeEnvironmentModel) isLocal() bool {
	kind, ok := m.ComputeResources.Attributes()["type"].(types.String)
	return ok && kind.ValueString() == wire.TypeLocal
}

// extensionMembers are the members of compute_resources that the wire has in its extension, and what they are called there.
var extensionMembers = map[string]string{
	"memory": "memoryMiB", "profile": "profile", "region": "region", "neverOver": "neverOver", "createRoles": "createRoles",
	"helperImage": "helperImage", "defaultImage": "defaultImage",
}

// extendResources fills in the default type, moves what AWS does not have into its extension and
// returns the resources, nil if there are none.
func extendResources(doc map[string]any) map[string]any {
	resources, ok := doc["computeResources"].(map[string]any)
	if !ok {
		return nil
	}
	if _, ok := resources["type"]; !ok {
		resources["type"] = wire.TypeLocal
	}
	extension := map[string]any{}
	for member, extended := range extensionMembers {
		if value, ok := resources[member]; ok {
			delete(resources, member)
			extension[extended] = value
		}
	}
	if len(extension) > 0 {
		resources["batchd"] = extension
	}
	return resources
}

// refresh takes over what the runtime says.
func (m *computeEnvironmentModel) refresh(ctx context.Context, d wire.ComputeEnvironmentDetail) error {
	r := read(d)
	if resources, ok := r.doc["computeResources"].(map[string]any); ok {
		extension, _ := resources["batchd"].(map[string]any)
		for member, extended := range extensionMembers {
			if value, ok := extension[extended]; ok && (member != "memory" || saysMemory(value)) {
				resources[member] = value
			}
		}
	}
	m.dropFilledIn(r.doc)
	m.Name = take(ctx, r, "computeEnvironmentName", m.Name)
	m.Type = take(ctx, r, "type", m.Type)
	m.State = take(ctx, r, "state", m.State)
	m.ComputeResources = take(ctx, r, "computeResources", m.ComputeResources)
	m.ServiceRole = take(ctx, r, "serviceRole", m.ServiceRole)
	m.Tags = take(ctx, r, "tags", m.Tags)
	m.ARN = types.StringValue(d.ComputeEnvironmentArn)
	m.Status = types.StringValue(d.Status)
	m.StatusReason = types.StringValue(d.StatusReason)
	return r.err
}

// serviceLinkedRole is in the ARN of the role that the service fills in.
const serviceLinkedRole = "/aws-service-role/batch."

// dropFilledIn takes away from an answer what the service fills in where nothing is said, so that it stays null.
func (m *computeEnvironmentModel) dropFilledIn(doc map[string]any) {
	role, _ := doc["serviceRole"].(string)
	if m.ServiceRole.IsNull() && strings.Contains(role, serviceLinkedRole) {
		delete(doc, "serviceRole")
	}
	resources, ok := doc["computeResources"].(map[string]any)
	if !ok {
		return
	}
	filled := wire.ComputeResource{Type: wire.TypeEC2}
	filled.FillDefaults()
	defaults, said := read(filled).doc, m.ComputeResources.Attributes()
	for _, attribute := range []string{"min_vcpus", "ec2_configuration"} {
		member := memberName(attribute)
		if value, ok := said[attribute]; (!ok || value.IsNull()) && reflect.DeepEqual(resources[member], defaults[member]) {
			delete(resources, member)
		}
	}
}

// saysMemory reports whether a bound is given: 0 stands for none.
func saysMemory(member any) bool {
	number, ok := member.(interface{ Int64() (int64, error) })
	if !ok {
		return false
	}
	mib, err := number.Int64()
	return err == nil && mib > 0
}
