package provider

import (
	"encoding/json"
	"fmt"
	"math/big"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// TestStatesOfNestedAttributesAreUpgraded reads states that version 0 stored: everything in them is kept, under today's name.
func TestStatesOfNestedAttributesAreUpgraded(t *testing.T) {
	var stored map[string]map[string]any
	if err := json.Unmarshal([]byte(textOf(t, "testdata/state_v0.json")), &stored); err != nil {
		t.Fatal(err)
	}
	schemas := schemasOf(t)
	for name, state := range stored {
		text, err := json.Marshal(state)
		if err != nil {
			t.Fatal(err)
		}
		server, err := factories["batch"]()
		if err != nil {
			t.Fatal(err)
		}
		answer, err := server.UpgradeResourceState(t.Context(), &tfprotov6.UpgradeResourceStateRequest{
			TypeName: name, Version: 0, RawState: &tfprotov6.RawState{JSON: text},
		})
		if err != nil || len(answer.Diagnostics) > 0 {
			t.Fatal(name, err, describe(answer.Diagnostics))
		}
		value, err := answer.UpgradedState.Unmarshal(schemas.ResourceSchemas[name].ValueType())
		if err != nil {
			t.Fatal(name, err)
		}
		if resources, ok := state["compute_resources"].(map[string]any); ok {
			resources["memory"] = resources["memory_mib"]
			delete(resources, "memory_mib")
		}
		if name == "batch_job" {
			state["points"] = []any{map[string]any{"a": "1"}, map[string]any{"a": "2"}}
			for _, result := range state["results"].([]any) { //nolint:forcetypeassert // the file has it
				delete(result.(map[string]any), "parameters") //nolint:forcetypeassert // the file has it
			}
		}
		keeps(t, name, state, value)
	}
}

// keeps wants everything that a JSON value says in value.
func keeps(t *testing.T, at string, stored any, value tftypes.Value) {
	t.Helper()
	switch stored := stored.(type) {
	case nil:
		if list, err := as[[]tftypes.Value](value); !value.IsNull() && (err != nil || len(list) > 0) {
			t.Errorf("%s: have %s, want none", at, value)
		}
	case map[string]any:
		members, err := as[map[string]tftypes.Value](value)
		if err != nil {
			t.Errorf("%s: %v", at, err)
		}
		for name, member := range stored {
			keeps(t, at+"."+name, member, members[name])
		}
	case []any:
		elements, err := as[[]tftypes.Value](value)
		if err != nil || len(elements) != len(stored) {
			t.Errorf("%s: have %s, want %v (%v)", at, value, stored, err)
			return
		}
		for i, element := range stored {
			keeps(t, fmt.Sprintf("%s[%d]", at, i), element, elements[i])
		}
	case float64:
		number, err := as[big.Float](value)
		if have, _ := number.Float64(); err != nil || have != stored {
			t.Errorf("%s: have %s, want %v", at, value, stored)
		}
	default:
		if want := tftypes.NewValue(value.Type(), stored); !value.Equal(want) {
			t.Errorf("%s: have %s, want %s", at, value, want)
		}
	}
}

// TestUpgradedPointsAreInTheOrderOfTheirResults: a point without parameters of its own has its place too.
func TestUpgradedPointsAreInTheOrderOfTheirResults(t *testing.T) {
	for _, c := range []struct{ stored, want string }{
		{`{"results":[{"index":0,"parameters":{}},{"index":1,"parameters":{"a":"1"}}]}`, `{"points":[{},{"a":"1"}],"results":[{"index":0},{"index":1}]}`},
		{`{"results":[{"index":0,"parameters":null},{"index":1,"parameters":null}]}`, `{"points":[],"results":[{"index":0},{"index":1}]}`},
		{`{"results":null}`, `{"points":[],"results":null}`},
	} {
		var state map[string]any
		if err := json.Unmarshal([]byte(c.stored), &state); err != nil {
			t.Fatal(err)
		}
		movePoints(state)
		if have, err := json.Marshal(state); err != nil || string(have) != c.want {
			t.Errorf("of %s: have %s, want %s (%v)", c.stored, have, c.want, err)
		}
	}
}
