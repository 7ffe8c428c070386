package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// fromDocument returns the value of type t that a JSON value, decoded with numbers as
// [json.Number], stands for. What says nothing (absent, empty, false) stays null where
// prior is null, so that a service that spells defaults out does not look like a change.
// Members that t does not have are left out.
func fromDocument(ctx context.Context, t attr.Type, doc any, prior attr.Value) (attr.Value, error) {
	before := tftypes.NewValue(t.TerraformType(ctx), nil)
	if prior != nil {
		value, err := prior.ToTerraformValue(ctx)
		if err != nil {
			return nil, err
		}
		before = value
	}
	value, err := decode(t.TerraformType(ctx), doc, before)
	if err != nil {
		return nil, err
	}
	return t.ValueFromTerraform(ctx, value)
}

// decode returns doc as a value of type t.
func decode(t tftypes.Type, doc any, prior tftypes.Value) (tftypes.Value, error) {
	if doc == nil || isWrongName(t) || prior.IsNull() && silent(t, doc) {
		return tftypes.NewValue(t, nil), nil
	}
	switch t := t.(type) {
	case tftypes.Object:
		return decodeObject(t, doc, prior)
	case tftypes.Map:
		return decodeMap(t, doc)
	case tftypes.List:
		elements, err := decodeList(t.ElementType, doc, prior)
		return newValue(t, elements, err)
	case tftypes.Set:
		elements, err := decodeList(t.ElementType, doc, tftypes.NewValue(t, nil))
		return newValue(t, elements, err)
	default:
		return decodeScalar(t, doc)
	}
}

func newValue(t tftypes.Type, v any, err error) (tftypes.Value, error) {
	if err != nil {
		return tftypes.Value{}, err
	}
	return tftypes.NewValue(t, v), nil
}

func decodeScalar(t tftypes.Type, doc any) (tftypes.Value, error) {
	number, isNumber := doc.(json.Number)
	switch {
	case t.Is(tftypes.Number) && isNumber:
		f, _, err := big.ParseFloat(number.String(), 10, 512, big.ToNearestEven)
		return newValue(t, f, err)
	case t.Is(tftypes.String) && isNumber:
		return tftypes.NewValue(t, number.String()), nil
	}
	if err := tftypes.ValidateValue(t, doc); err != nil {
		return tftypes.Value{}, fmt.Errorf("the service answered %v where %s is expected", doc, t)
	}
	return tftypes.NewValue(t, doc), nil
}

func decodeObject(t tftypes.Object, doc any, prior tftypes.Value) (tftypes.Value, error) {
	members, ok := doc.(map[string]any)
	if !ok {
		return tftypes.Value{}, fmt.Errorf("the service answered %T where an object is expected", doc)
	}
	before, err := membersOf(prior)
	if err != nil {
		return tftypes.Value{}, err
	}
	values := make(map[string]tftypes.Value, len(t.AttributeTypes))
	for name, of := range t.AttributeTypes {
		was, ok := before[name]
		if !ok {
			was = tftypes.NewValue(of, nil)
		}
		if values[name], err = decode(of, members[memberName(name)], was); err != nil {
			return tftypes.Value{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	return tftypes.NewValue(t, values), nil
}

func decodeMap(t tftypes.Map, doc any) (tftypes.Value, error) {
	members, ok := doc.(map[string]any)
	if !ok {
		return tftypes.Value{}, fmt.Errorf("the service answered %T where a map is expected", doc)
	}
	values := make(map[string]tftypes.Value, len(members))
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

func decodeList(of tftypes.Type, doc any, prior tftypes.Value) ([]tftypes.Value, error) {
	items, ok := doc.([]any)
	if !ok {
		return nil, fmt.Errorf("the service answered %T where a list is expected", doc)
	}
	var before []tftypes.Value
	if !prior.IsNull() {
		if err := prior.As(&before); err != nil {
			return nil, err
		}
	}
	values := make([]tftypes.Value, len(items))
	for i, item := range items {
		was := kept(of, item)
		if i < len(before) {
			was = before[i]
		}
		value, err := decode(of, item, was)
		if err != nil {
			return nil, fmt.Errorf("[%d]: %w", i, err)
		}
		values[i] = value
	}
	return values, nil
}

func membersOf(value tftypes.Value) (map[string]tftypes.Value, error) {
	if value.IsNull() {
		return nil, nil
	}
	return as[map[string]tftypes.Value](value)
}

// silent reports whether a JSON value says no more to an attribute of type t than null does.
func silent(t tftypes.Type, doc any) bool {
	switch doc := doc.(type) {
	case nil:
		return true
	case string:
		return doc == ""
	case bool:
		return !doc
	case []any:
		return len(doc) == 0
	case map[string]any:
		object, ok := t.(tftypes.Object)
		if !ok {
			return len(doc) == 0
		}
		for name, of := range object.AttributeTypes {
			if !isWrongName(of) && !silent(of, doc[memberName(name)]) {
				return false
			}
		}
		return true
	}
	return false
}

// isWrongName reports whether t is the type of an attribute that is always refused, see withWrongNames: it may have the
// name of a member all the same.
func isWrongName(t tftypes.Type) bool { return t.Is(tftypes.DynamicPseudoType) }
