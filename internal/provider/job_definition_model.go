package provider

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// jobDefinitionModel is batch_job_definition as Terraform holds it.
type jobDefinitionModel struct {
	Name                 types.String `tfsdk:"name"`
	ContainerProperties  types.Object `tfsdk:"container_properties"`
	Script               types.String `tfsdk:"script"`
	WorkingDirectory     types.String `tfsdk:"working_directory"`
	Parameters           types.Map    `tfsdk:"parameters"`
	RetryStrategy        types.Object `tfsdk:"retry_strategy"`
	Timeout              types.Object `tfsdk:"timeout"`
	PropagateTags        types.Bool   `tfsdk:"propagate_tags"`
	PlatformCapabilities types.Set    `tfsdk:"platform_capabilities"`
	SchedulingPriority   types.Int64  `tfsdk:"scheduling_priority"`
	KeepRevisions        types.Int64  `tfsdk:"keep_revisions"`
	Tags                 types.Map    `tfsdk:"tags"`
	ARN                  types.String `tfsdk:"arn"`
	ARNPrefix            types.String `tfsdk:"arn_prefix"`
	Revision             types.Int64  `tfsdk:"revision"`
}

func (m *jobDefinitionModel) head() (name, arn string) {
	return m.Name.ValueString(), m.ARN.ValueString()
}

// content returns the attributes that make a revision.
func (m *jobDefinitionModel) content() []attr.Value {
	return []attr.Value{
		m.Name, m.ContainerProperties, m.Script, m.WorkingDirectory, m.Parameters, m.RetryStrategy,
		m.Timeout, m.PropagateTags, m.PlatformCapabilities, m.SchedulingPriority,
	}
}

// sameContent reports whether both stand for the same revision. What is not known yet may
// be anything.
func (m *jobDefinitionModel) sameContent(other *jobDefinitionModel) bool {
	theirs := other.content()
	for i, ours := range m.content() {
		if !ours.Equal(theirs[i]) {
			return false
		}
	}
	return true
}

// request asks for the revision that m declares.
func (m *jobDefinitionModel) request(ctx context.Context) (wire.RegisterJobDefinitionRequest, error) {
	container, err := object(ctx, m.ContainerProperties)
	if err != nil {
		return wire.RegisterJobDefinitionRequest{}, err
	}
	if container["resourceRequirements"] == nil {
		container["resourceRequirements"] = map[string]any{"vcpu": defaultVCPU}
	}
	w := write().put(ctx, "jobDefinitionName", m.Name).set("type", wire.TypeContainer).
		set("containerProperties", toContainer(container)).put(ctx, "parameters", m.Parameters).
		put(ctx, "retryStrategy", m.RetryStrategy).put(ctx, "timeout", m.Timeout).put(ctx, "propagateTags", m.PropagateTags).
		put(ctx, "platformCapabilities", m.PlatformCapabilities).put(ctx, "schedulingPriority", m.SchedulingPriority).
		put(ctx, "tags", m.Tags)
	extension := write().put(ctx, "script", m.Script).put(ctx, "workingDirectory", m.WorkingDirectory)
	if len(extension.doc) > 0 {
		w.set("batchd", extension.doc)
	}
	if w.err != nil {
		return wire.RegisterJobDefinitionRequest{}, w.err
	}
	return toWire[wire.RegisterJobDefinitionRequest](w.doc)
}

// defaultVCPU is what a job holds that asks for nothing.
const defaultVCPU = json.Number("1")

// refresh takes over what the runtime says of a revision.
func (m *jobDefinitionModel) refresh(ctx context.Context, d wire.JobDefinition) error {
	r := read(d)
	if container, ok := r.doc["containerProperties"].(map[string]any); ok {
		container = fromContainer(container)
		if asksNothing(container) && !m.asks() {
			delete(container, "resourceRequirements")
		}
		r.doc["containerProperties"] = container
	}
	fromRetryStrategy(r.doc["retryStrategy"])
	m.Name = take(ctx, r, "jobDefinitionName", m.Name)
	m.ContainerProperties = take(ctx, r, "containerProperties", m.ContainerProperties)
	m.Parameters = take(ctx, r, "parameters", m.Parameters)
	m.RetryStrategy = take(ctx, r, "retryStrategy", m.RetryStrategy)
	m.Timeout = take(ctx, r, "timeout", m.Timeout)
	m.PropagateTags = types.BoolValue(d.PropagateTags != nil && *d.PropagateTags)
	m.PlatformCapabilities = take(ctx, r, "platformCapabilities", m.PlatformCapabilities)
	m.SchedulingPriority = take(ctx, r, "schedulingPriority", m.SchedulingPriority)
	m.Tags = take(ctx, r, "tags", m.Tags)
	extension := read(d.Batchd)
	m.Script = take(ctx, extension, "script", m.Script)
	m.WorkingDirectory = take(ctx, extension, "workingDirectory", m.WorkingDirectory)
	m.identify(d.JobDefinitionArn, d.Revision)
	return r.err
}

// identify says which revision m is.
func (m *jobDefinitionModel) identify(arn string, revision int32) {
	m.ARN = types.StringValue(arn)
	m.ARNPrefix = types.StringValue(arn[:max(strings.LastIndexByte(arn, ':'), 0)])
	m.Revision = types.Int64Value(int64(revision))
}

// asks reports whether resource_requirements is given.
func (m *jobDefinitionModel) asks() bool {
	requirements, ok := m.ContainerProperties.Attributes()["resource_requirements"]
	return ok && !requirements.IsNull()
}

// asksNothing reports whether a container asks for no more than the default.
func asksNothing(container map[string]any) bool {
	requirements, ok := container["resourceRequirements"].(map[string]any)
	return ok && len(requirements) == 1 && requirements["vcpu"] == defaultVCPU
}
