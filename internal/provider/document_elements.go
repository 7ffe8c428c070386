package provider

import (
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Maps, lists and sets. A request has none of their null elements, so that an answer cannot either: they are kept as
// they were in the state.

func decodeMap(t tftypes.Map, doc any, prior tftypes.Value) (tftypes.Value, error) {
	members, ok := doc.(map[string]any)
	if !ok {
		return tftypes.Value{}, fmt.Errorf("the service answered %T where a map is expected", doc)
	}
	values := make(map[string]tftypes.Value, len(members))
	before, err := membersOf(prior)
	if err != nil {
		return tftypes.Value{}, err
	}
	for name, was := range before {
		if was.IsNull() {
			values[name] = was
		}
	}
	for name, member := range members {
		value, err := decode(t.ElementType, member, kept(t.ElementType, member))
		if err != nil {
			return tftypes.Value{}, fmt.Errorf("%s: %w", name, err)
		}
		values[name] = value
	}
	return tftypes.NewValue(t, values), nil
}

// kept stands in for the prior value of an element, so that an empty string in a list or
// a map is kept.
func kept(of tftypes.Type, element any) tftypes.Value {
	if text, ok := element.(string); ok && of.Is(tftypes.String) {
		return tftypes.NewValue(of, text)
	}
	return tftypes.NewValue(of, nil)
}

// decodeList reads a list whose null elements are kept if the others say what doc says.
func decodeList(of tftypes.Type, doc any, prior tftypes.Value) ([]tftypes.Value, error) {
	items, ok := doc.([]any)
	if !ok {
		return nil, fmt.Errorf("the service answered %T where a list is expected", doc)
	}
	before, err := elementsOf(prior)
	if err != nil {
		return nil, err
	}
	said := slices.DeleteFunc(slices.Clone(before), tftypes.Value.IsNull)
	values := make([]tftypes.Value, len(items))
	same := len(items) == len(said)
	for i, item := range items {
		was := kept(of, item)
		if i < len(said) {
			was = said[i]
		}
		if values[i], err = decode(of, item, was); err != nil {
			return nil, fmt.Errorf("[%d]: %w", i, err)
		}
		same = same && values[i].Equal(said[i])
	}
	if same {
		return before, nil
	}
	return values, nil
}

// decodeSet reads a set, to which a null element belongs if one did before.
func decodeSet(t tftypes.Set, doc any, prior tftypes.Value) ([]tftypes.Value, error) {
	values, err := decodeList(t.ElementType, doc, tftypes.NewValue(t, nil))
	if err != nil {
		return nil, err
	}
	before, err := elementsOf(prior)
	if slices.ContainsFunc(before, tftypes.Value.IsNull) {
		values = append(values, tftypes.NewValue(t.ElementType, nil))
	}
	return values, err
}

// elementsOf returns the elements of a list or a set that is known; none of a null one.
func elementsOf(value tftypes.Value) ([]tftypes.Value, error) {
	if value.IsNull() || !value.IsFullyKnown() {
		return nil, nil
	}
	return as[[]tftypes.Value](value)
}

func membersOf(value tftypes.Value) (map[string]tftypes.Value, error) {
	if value.IsNull() || !value.IsKnown() {
		return nil, nil
	}
	return as[map[string]tftypes.Value](value)
}
