package provider

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// filled returns a value of type t in which everything has a value.
func filled(t tftypes.Type) tftypes.Value {
	switch t := t.(type) {
	case tftypes.Object:
		members := map[string]tftypes.Value{}
		for name, of := range t.AttributeTypes {
			members[name] = filled(of)
		}
		return tftypes.NewValue(t, members)
	case tftypes.Map:
		return tftypes.NewValue(t, map[string]tftypes.Value{"some_Key": filled(t.ElementType)})
	case tftypes.List:
		return tftypes.NewValue(t, []tftypes.Value{filled(t.ElementType)})
	case tftypes.Set:
		return tftypes.NewValue(t, []tftypes.Value{filled(t.ElementType)})
	}
	switch {
	case isWrongName(t):
		return tftypes.NewValue(t, nil)
	case t.Is(tftypes.Number):
		return tftypes.NewValue(t, 7)
	case t.Is(tftypes.Bool):
		return tftypes.NewValue(t, true)
	}
	return tftypes.NewValue(t, "TEXT")
}

// load reads a resource's value into its model.
func load(t *testing.T, r resource.Resource, value tftypes.Value, model any) {
	t.Helper()
	plan := tfsdk.Plan{Schema: schemaOf(t.Context(), r), Raw: value}
	if diags := plan.Get(t.Context(), model); diags.HasError() {
		t.Fatal(diags)
	}
}

// filledModel reads a value of r's type in which everything has a value.
func filledModel(t *testing.T, r resource.Resource, model any) {
	t.Helper()
	load(t, r, filled(schemaOf(t.Context(), r).Type().TerraformType(t.Context())), model)
}

// emptyModel reads a value of r's type in which everything is null, as after an import.
func emptyModel(t *testing.T, r resource.Resource, model any) {
	t.Helper()
	object := schemaOf(t.Context(), r).Type().TerraformType(t.Context())
	members := map[string]tftypes.Value{}
	for name, of := range object.(tftypes.Object).AttributeTypes { //nolint:forcetypeassert // a schema is an object
		members[name] = tftypes.NewValue(of, nil)
	}
	load(t, r, tftypes.NewValue(object, members), model)
}

// echo makes an answer of a request, as a service does that keeps what it is given.
func echo(t *testing.T, request, answer any) {
	t.Helper()
	text, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, answer); err != nil {
		t.Fatal(err)
	}
}

func TestEveryAttributeOfAnEnvironmentReachesTheWireAndBack(t *testing.T) {
	var m, back computeEnvironmentModel
	filledModel(t, newComputeEnvironmentResource(), &m)
	request, err := m.createRequest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.updateRequest(t.Context()); err != nil {
		t.Fatal(err)
	}
	var detail wire.ComputeEnvironmentDetail
	echo(t, request, &detail)
	emptyModel(t, newComputeEnvironmentResource(), &back)
	if err := back.refresh(t.Context(), detail); err != nil {
		t.Fatal(err)
	}
	same(t, m.ComputeResources, back.ComputeResources)
	same(t, m.Tags, back.Tags)
}

func TestEveryAttributeOfADefinitionReachesTheWireAndBack(t *testing.T) {
	var m, back jobDefinitionModel
	filledModel(t, newJobDefinitionResource(), &m)
	request, err := m.request(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var detail wire.JobDefinition
	echo(t, request, &detail)
	detail.JobDefinitionArn = "arn:aws:batch:us-east-1:123456789012:job-definition/text:7"
	emptyModel(t, newJobDefinitionResource(), &back)
	if err := back.refresh(t.Context(), detail); err != nil {
		t.Fatal(err)
	}
	if !back.sameContent(&m) {
		for i, value := range m.content() {
			same(t, value, back.content()[i])
		}
	}
	if back.ARNPrefix.ValueString() != "arn:aws:batch:us-east-1:123456789012:job-definition/text" {
		t.Error(back.ARNPrefix)
	}
}

func TestEveryAttributeOfAJobReachesTheWire(t *testing.T) {
	var m jobModel
	filledModel(t, newJobResource(), &m)
	m.Include = types.ListNull(m.Include.ElementType(t.Context()))
	m.Exclude = types.ListNull(m.Exclude.ElementType(t.Context()))
	request, err := m.request(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"jobName":"TEXT","jobQueue":"TEXT","jobDefinition":"TEXT","arrayProperties":{"size":7},"dependsOn":[{"jobId":"TEXT"}],` +
		`"parameters":{"some_Key":"TEXT"},"containerOverrides":{"command":["TEXT"],"environment":[{"name":"some_Key","value":"TEXT"}],` +
		`"resourceRequirements":[{"type":"GPU","value":"7"},{"type":"MEMORY","value":"7"},{"type":"VCPU","value":"7"}]},` +
		`"retryStrategy":{"attempts":7,"evaluateOnExit":[{"action":"TEXT","onExitCode":"TEXT","onReason":"TEXT","onStatusReason":"TEXT"}]},` +
		`"timeout":{"attemptDurationSeconds":7},"tags":{"some_Key":"TEXT"},` +
		`"batchd":{"points":[{"some_Key":"TEXT"}],"inputs":{"some_Key":"TEXT"},"triggers":{"some_Key":"TEXT"},"reuse":true,"onResultError":"TEXT"}}`
	if string(text) != want {
		t.Errorf("have %s\nwant %s", text, want)
	}
}

func TestNothingSaidStaysNull(t *testing.T) {
	var m jobDefinitionModel
	emptyModel(t, newJobDefinitionResource(), &m)
	m.Name = types.StringValue("quiet")
	no := false
	spelledOut := wire.JobDefinition{
		JobDefinitionName: "quiet", JobDefinitionArn: "arn:aws:batch:r:a:job-definition/quiet:1", Revision: 1,
		Parameters: map[string]string{}, RetryStrategy: &wire.RetryStrategy{EvaluateOnExit: []wire.EvaluateOnExit{}},
		ContainerProperties: &wire.ContainerProperties{
			Command: []string{}, Environment: []wire.KeyValuePair{}, Privileged: &no, Volumes: []wire.Volume{},
			ResourceRequirements: []wire.ResourceRequirement{{Type: "VCPU", Value: "1"}},
		},
	}
	if err := m.refresh(t.Context(), spelledOut); err != nil {
		t.Fatal(err)
	}
	for _, v := range []attr.Value{m.ContainerProperties, m.Parameters, m.RetryStrategy, m.Script, m.Tags} {
		if !v.IsNull() {
			t.Errorf("%s is not null", v)
		}
	}
}

func TestAVariableWithoutAValueIsEmpty(t *testing.T) {
	got := fromContainer(map[string]any{"environment": []any{map[string]any{"name": "A"}, map[string]any{"name": "B", "value": "1"}}})
	if want := map[string]any{"A": "", "B": "1"}; !reflect.DeepEqual(got["environment"], want) {
		t.Errorf("environment %v, want %v", got["environment"], want)
	}
}

func TestEmptyStringsOfListsAndMapsAreKept(t *testing.T) {
	for _, of := range []attr.Type{types.MapType{ElemType: types.StringType}, types.ListType{ElemType: types.StringType}} {
		var doc any = map[string]any{"empty": ""}
		if _, isList := of.(types.ListType); isList {
			doc = []any{"", "a"}
		}
		value, err := fromDocument(t.Context(), of, doc, nil)
		if err != nil {
			t.Fatal(err)
		}
		back, err := document(t.Context(), value)
		if err != nil {
			t.Fatal(err)
		}
		want, _ := json.Marshal(doc)
		have, _ := json.Marshal(back)
		if string(have) != string(want) {
			t.Errorf("have %s, want %s", have, want)
		}
	}
}

func TestNullElementsAreKeptWhereTheOthersSayTheSame(t *testing.T) {
	text, none := types.StringValue, types.StringNull()
	list := func(elements ...attr.Value) attr.Value { return types.ListValueMust(types.StringType, elements) }
	set := func(elements ...attr.Value) attr.Value { return types.SetValueMust(types.StringType, elements) }
	table := func(elements map[string]attr.Value) attr.Value { return types.MapValueMust(types.StringType, elements) }
	for name, c := range map[string]struct {
		prior attr.Value
		doc   any
		want  attr.Value
	}{
		"list":                {list(text("a"), none, text("b")), []any{"a", "b"}, list(text("a"), none, text("b"))},
		"list that changed":   {list(text("a"), none, text("b")), []any{"a", "c"}, list(text("a"), text("c"))},
		"list of nulls":       {list(none), []any{}, list(none)},
		"absent list":         {list(none), nil, list(none)},
		"list that is gone":   {list(text("a"), none), nil, types.ListNull(types.StringType)},
		"set":                 {set(text("a"), none), []any{"a"}, set(text("a"), none)},
		"set that changed":    {set(text("a"), none), []any{"b"}, set(text("b"), none)},
		"map":                 {table(map[string]attr.Value{"a": text("1"), "b": none}), map[string]any{"a": "1"}, table(map[string]attr.Value{"a": text("1"), "b": none})},
		"map that has it now": {table(map[string]attr.Value{"b": none}), map[string]any{"b": ""}, table(map[string]attr.Value{"b": text("")})},
		"absent map":          {table(map[string]attr.Value{"b": none}), nil, table(map[string]attr.Value{"b": none})},
		"empty map":           {table(map[string]attr.Value{}), nil, table(map[string]attr.Value{})},
	} {
		have, err := fromDocument(t.Context(), c.prior.Type(t.Context()), c.doc, c.prior)
		if err != nil || !have.Equal(c.want) {
			t.Errorf("%s: have %s, want %s (%v)", name, have, c.want, err)
		}
	}
}

func TestNamesOfMembers(t *testing.T) {
	for attribute, member := range map[string]string{
		"max_vcpus": "maxvCpus", "readonly_root_filesystem": "readonlyRootFilesystem",
		"ec2_key_pair": "ec2KeyPair", "image": "image", "on_exit_code": "onExitCode",
	} {
		if have := memberName(attribute); have != member {
			t.Errorf("memberName(%q) = %q, want %q", attribute, have, member)
		}
		if have := attributeName(member); have != attribute {
			t.Errorf("attributeName(%q) = %q, want %q", member, have, attribute)
		}
	}
}

func TestPathsOfFields(t *testing.T) {
	for field, want := range map[string]string{
		"containerProperties.command[2]":                    "container_properties.command[2]",
		"containerProperties.environment[0].name":           "container_properties.environment",
		"containerProperties.resourceRequirements[1].value": "container_properties.resource_requirements",
		"containerProperties.volumes[1].name":               "container_properties.volumes[1].name",
		"batchd.script":                                     "script",
		"batchd.points[3].a":                                "matrix",
		"arrayProperties.size":                              "array_size",
		"computeResources.maxvCpus":                         "compute_resources.max_vcpus",
		"computeResources.batchd.memoryMiB":                 "compute_resources.memory",
		"computeResources.batchd.helperImage":               "compute_resources.helper_image",
		"parameters.some name":                              "parameters",
		"retryStrategy.evaluateOnExit[0].onReason":          "retry_strategy.evaluate_on_exit[0].on_reason",
		"Job definition size":                               "",
	} {
		if have := attributePath(field).String(); have != want {
			t.Errorf("attributePath(%q) = %q, want %q", field, have, want)
		}
	}
}

// same fails unless both values are equal.
func same(t *testing.T, want, have attr.Value) {
	t.Helper()
	if !want.Equal(have) {
		t.Errorf("have %s\nwant %s", have, want)
	}
}

func TestReferencesAreEqualByName(t *testing.T) {
	arn := newReference("arn:aws:batch:us-east-1:123456789012:compute-environment/local")
	name, other := newReference("local"), newReference("elsewhere")
	for _, c := range []struct {
		a, b reference
		want bool
	}{{arn, name, true}, {name, arn, true}, {name, name, true}, {name, other, false}, {arn, other, false}} {
		have, diags := c.a.StringSemanticEquals(t.Context(), c.b)
		if have != c.want || diags.HasError() {
			t.Errorf("%s and %s: %v", c.a, c.b, have)
		}
	}
}
