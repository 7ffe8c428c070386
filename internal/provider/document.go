package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// A nested attribute is the member of the same name of a wire document, spelled in snake
// case. This file turns one into the other, whatever their depth, so that a field is
// written down once: in its schema.

// memberNames are the members whose wire name does not follow from the attribute's.
var memberNames = map[string]string{
	"max_vcpus":       "maxvCpus",
	"memory_mib":      "memoryMiB",
	"min_vcpus":       "minvCpus",
	"unmanaged_vcpus": "unmanagedvCpus",
}

// memberName returns the wire name of an attribute: retry_strategy is retryStrategy.
func memberName(attribute string) string {
	if name, ok := memberNames[attribute]; ok {
		return name
	}
	words := strings.Split(attribute, "_")
	for i, word := range words[1:] {
		words[i+1] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, "")
}

// attributeName is the inverse of memberName for one name.
func attributeName(member string) string {
	for attribute, name := range memberNames {
		if name == member {
			return attribute
		}
	}
	var b strings.Builder
	for _, r := range member {
		if r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// document returns the JSON value that v stands for. Null is nil, as is a null member of
// an object, which is left out. The value must be known.
func document(ctx context.Context, v attr.Value) (any, error) {
	value, err := v.ToTerraformValue(ctx)
	if err != nil {
		return nil, err
	}
	return encode(value)
}

// object is [document] of a nested attribute; a null one gives an empty document.
func object(ctx context.Context, v attr.Value) (map[string]any, error) {
	doc, err := document(ctx, v)
	if err != nil || doc == nil {
		return map[string]any{}, err
	}
	members, ok := doc.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("want an object, have %T", doc)
	}
	return members, nil
}

func encode(value tftypes.Value) (any, error) {
	switch t := value.Type(); {
	case value.IsNull():
		return nil, nil
	case t.Is(tftypes.String):
		return as[string](value)
	case t.Is(tftypes.Bool):
		return as[bool](value)
	case t.Is(tftypes.Number):
		number, err := as[big.Float](value)
		return json.Number(number.Text('f', -1)), err
	case t.Is(tftypes.Object{}), t.Is(tftypes.Map{}):
		return encodeMembers(value, t.Is(tftypes.Object{}))
	default:
		elements, err := as[[]tftypes.Value](value)
		if err != nil {
			return nil, err
		}
		list := make([]any, len(elements))
		for i, element := range elements {
			if list[i], err = encode(element); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
}

// encodeMembers renames what are attributes and keeps the keys of maps.
func encodeMembers(value tftypes.Value, rename bool) (any, error) {
	elements, err := as[map[string]tftypes.Value](value)
	if err != nil {
		return nil, err
	}
	members := make(map[string]any, len(elements))
	for name, element := range elements {
		member, err := encode(element)
		switch {
		case err != nil:
			return nil, err
		case rename && member == nil:
			continue
		case rename:
			name = memberName(name)
		}
		members[name] = member
	}
	return members, nil
}

func as[T any](value tftypes.Value) (T, error) {
	var into T
	err := value.As(&into)
	return into, err
}

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
	if doc == nil || prior.IsNull() && saysNothing(doc) {
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

func decodeMap(t tftypes.Map, doc any, prior tftypes.Value) (tftypes.Value, error) {
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

func saysNothing(doc any) bool {
	switch doc := doc.(type) {
	case string:
		return doc == ""
	case bool:
		return !doc
	case []any:
		return len(doc) == 0
	case map[string]any:
		for _, member := range doc {
			if member != nil && !saysNothing(member) {
				return false
			}
		}
		return true
	}
	return doc == nil
}
