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

// document returns the JSON value that v stands for, nil for null. What is null inside an
// object, a map, a list or a set is left out. The value must be known.
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
	case t.Is(tftypes.Object{}):
		return encodeObject(value)
	case t.Is(tftypes.Map{}):
		return encodeMap(value)
	default:
		return encodeList(value)
	}
}

// encodeObject renames attributes to members. Null ones are left out, as are those that are always refused.
func encodeObject(value tftypes.Value) (any, error) {
	attributes, err := as[map[string]tftypes.Value](value)
	if err != nil {
		return nil, err
	}
	types := value.Type().(tftypes.Object).AttributeTypes //nolint:forcetypeassert // the caller has looked
	members := make(map[string]any, len(attributes))
	for name, attribute := range attributes {
		if attribute.IsNull() || isWrongName(types[name]) {
			continue
		}
		if members[memberName(name)], err = encode(attribute); err != nil {
			return nil, err
		}
	}
	return members, nil
}

// encodeMap keeps the keys of a map. Null elements are left out: a module writes { LEVEL = var.level } for a variable
// that may be null and means no LEVEL.
func encodeMap(value tftypes.Value) (any, error) {
	elements, err := as[map[string]tftypes.Value](value)
	if err != nil {
		return nil, err
	}
	members := make(map[string]any, len(elements))
	for key, element := range elements {
		if element.IsNull() {
			continue
		}
		if members[key], err = encode(element); err != nil {
			return nil, err
		}
	}
	return members, nil
}

// encodeList leaves null elements of lists and sets out.
func encodeList(value tftypes.Value) (any, error) {
	elements, err := as[[]tftypes.Value](value)
	if err != nil {
		return nil, err
	}
	list := make([]any, 0, len(elements))
	for _, element := range elements {
		if element.IsNull() {
			continue
		}
		item, err := encode(element)
		if err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	return list, nil
}

func as[T any](value tftypes.Value) (T, error) {
	var into T
	err := value.As(&into)
	return into, err
}
