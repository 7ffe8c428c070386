package provider

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

var (
	_ resource.ResourceWithUpgradeState = (*computeEnvironmentResource)(nil)
	_ resource.ResourceWithUpgradeState = (*jobDefinitionResource)(nil)
	_ resource.ResourceWithUpgradeState = (*jobResource)(nil)
)

// In version 0 of a schema the blocks of version 1 were nested attributes. A single block is stored as the object that
// the attribute was, so that an upgrade only moves what has another name.

// UpgradeState reads states of version 0, in which compute_resources.memory was called memory_mib.
func (*computeEnvironmentResource) UpgradeState(context.Context) map[int64]resource.StateUpgrader {
	return fromAttributes(func(state map[string]any) {
		if resources, ok := state["compute_resources"].(map[string]any); ok {
			resources["memory"] = resources["memory_mib"]
			delete(resources, "memory_mib")
		}
	})
}

// UpgradeState reads states of version 0.
func (*jobDefinitionResource) UpgradeState(context.Context) map[int64]resource.StateUpgrader {
	return fromAttributes(func(map[string]any) {})
}

// UpgradeState reads states of version 0, in which the parameters of points were in their results.
func (*jobResource) UpgradeState(context.Context) map[int64]resource.StateUpgrader {
	return fromAttributes(movePoints)
}

// movePoints makes points of the parameters in results. As in [pointsValue], points[i] is that of results[i], and there are none
// if no result has any.
func movePoints(state map[string]any) {
	results, _ := state["results"].([]any)
	points, some := make([]any, 0, len(results)), false
	for _, result := range results {
		members, _ := result.(map[string]any)
		parameters, _ := members["parameters"].(map[string]any)
		if parameters == nil {
			parameters = map[string]any{}
		}
		points, some = append(points, parameters), some || len(parameters) > 0
		delete(members, "parameters")
	}
	if !some {
		points = points[:0]
	}
	state["points"] = points
}

// fromAttributes upgrades states of version 0 after edit has moved what has another name. What the schema has and the
// state does not is null, what the state has and the schema does not is left out.
func fromAttributes(edit func(state map[string]any)) map[int64]resource.StateUpgrader {
	return map[int64]resource.StateUpgrader{0: {
		StateUpgrader: func(ctx context.Context, req resource.UpgradeStateRequest, resp *resource.UpgradeStateResponse) {
			value, err := upgraded(req.RawState, edit, resp.State.Schema.Type().TerraformType(ctx))
			if err != nil {
				resp.Diagnostics.AddError("Cannot upgrade the state", err.Error())
				return
			}
			resp.State.Raw = value
		},
	}}
}

func upgraded(stored *tfprotov6.RawState, edit func(map[string]any), to tftypes.Type) (tftypes.Value, error) {
	state := map[string]any{}
	decoder := json.NewDecoder(bytes.NewReader(stored.JSON))
	decoder.UseNumber()
	if err := decoder.Decode(&state); err != nil {
		return tftypes.Value{}, err
	}
	edit(state)
	text, err := json.Marshal(state)
	if err != nil {
		return tftypes.Value{}, err
	}
	return (&tfprotov6.RawState{JSON: text}).UnmarshalWithOpts(to, tfprotov6.UnmarshalOpts{
		ValueFromJSONOpts: tftypes.ValueFromJSONOpts{IgnoreUndefinedAttributes: true},
	})
}
