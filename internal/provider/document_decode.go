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
// [json.Number], stands for. prior is what the state says now, and its spelling is kept
// where it says the same: what says nothing (absent, empty, false) stays null, or the
// empty value that it was, so that a service that spells defaults out does not look like a
// change; null elements, which no request has, stay where they were. Members that t does
// not have are left out.
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
	if isWrongName(t) {
		return tftypes.NewValue(t, nil), nil
	}
	if silent(t, doc) && prior.IsFullyKnown() {
		if said, err := encode(prior); err != nil || silent(t, said) {
			return prior, err
		}
	}
	if doc == nil {
		return tftypes.NewValue(t, nil), nil
	}
	switch t := t.(type) {
	case tftypes.Object:
		return decodeObject(t, doc, prior)
	case tftypes.Map:
		return decodeMap(t, doc, prior)
	case tftypes.List:
		elements, err := decodeList(t.ElementType, doc, prior)
		return newValue(t, elements, err)
	case tftypes.Set:
		elements, err := decodeSet(t, doc, prior)
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
