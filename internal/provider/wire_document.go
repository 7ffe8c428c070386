package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
)

// writing collects the members of a wire document from attributes. The first error stays.
type writing struct {
	doc map[string]any
	err error
}

func write() *writing { return &writing{doc: map[string]any{}} }

// put adds a member unless v is null or unknown.
func (w *writing) put(ctx context.Context, member string, v attr.Value) *writing {
	if w.err != nil || v.IsNull() || v.IsUnknown() {
		return w
	}
	value, err := document(ctx, v)
	if err != nil {
		w.err = fmt.Errorf("%s: %w", member, err)
	}
	w.doc[member] = value
	return w
}

// set adds a member that does not belong to an attribute.
func (w *writing) set(member string, value any) *writing {
	w.doc[member] = value
	return w
}

// toWire makes the wire shape T of a document; a member that T does not have is an error.
func toWire[T any](doc map[string]any) (T, error) {
	var into T
	text, err := json.Marshal(doc)
	if err != nil {
		return into, fmt.Errorf("render %T: %w", into, err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&into); err != nil {
		return into, fmt.Errorf("render %T: %w", into, err)
	}
	return into, nil
}

// reading takes attributes from the members of a wire document. The first error stays.
type reading struct {
	doc map[string]any
	err error
}

// read makes the document of a wire shape; a nil one has no members.
func read(shape any) *reading {
	r := &reading{doc: map[string]any{}}
	text, err := json.Marshal(shape)
	if err != nil {
		r.err = fmt.Errorf("read %T: %w", shape, err)
		return r
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&r.doc); err != nil {
		r.err = fmt.Errorf("read %T: %w", shape, err)
	}
	return r
}

// take returns the attribute of a member; prior is what the state says now, see
// [fromDocument].
func take[T attr.Value](ctx context.Context, r *reading, member string, prior T) T {
	if r.err != nil {
		return prior
	}
	value, err := fromDocument(ctx, prior.Type(ctx), r.doc[member], prior)
	if err != nil {
		r.err = fmt.Errorf("%s: %w", member, err)
		return prior
	}
	typed, ok := value.(T)
	if !ok {
		r.err = fmt.Errorf("%s: have %T, want %T", member, value, prior)
		return prior
	}
	return typed
}

// The members that a container has in another form on the wire: environment is a list of
// names and values, resourceRequirements a list of types and values.

// requirementTypes are the wire's names of resource requirements, by ours.
var requirementTypes = map[string]string{"vcpu": "VCPU", "memory": "MEMORY", "gpu": "GPU"}

// toContainer rewrites a document of a container, or of overrides, into the wire's form.
func toContainer(doc map[string]any) map[string]any {
	doc = maps.Clone(doc)
	if environment, ok := doc["environment"].(map[string]any); ok {
		doc["environment"] = pairs(environment, "name", func(name string) string { return name })
	}
	if requirements, ok := doc["resourceRequirements"].(map[string]any); ok {
		doc["resourceRequirements"] = pairs(requirements, "type", func(name string) string { return requirementTypes[name] })
	}
	return doc
}

// fromContainer is the inverse of toContainer.
func fromContainer(doc map[string]any) map[string]any {
	doc = maps.Clone(doc)
	environment := map[string]any{}
	for name, value := range unpaired(doc["environment"], "name") {
		environment[name] = value
	}
	requirements := map[string]any{}
	for name, value := range unpaired(doc["resourceRequirements"], "type") {
		requirements[strings.ToLower(name)] = json.Number(value)
	}
	doc["environment"], doc["resourceRequirements"] = environment, requirements
	return doc
}

// fromRetryStrategy spells the actions of a retry strategy as requests do: the service answers them in lower case.
func fromRetryStrategy(doc any) {
	strategy, _ := doc.(map[string]any)
	rules, _ := strategy["evaluateOnExit"].([]any)
	for _, rule := range rules {
		if members, ok := rule.(map[string]any); ok {
			action, _ := members["action"].(string)
			members["action"] = strings.ToUpper(action)
		}
	}
}

func pairs(values map[string]any, key string, rename func(string) string) []any {
	list := make([]any, 0, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		list = append(list, map[string]any{key: rename(name), "value": fmt.Sprint(values[name])})
	}
	return list
}

func unpaired(list any, key string) map[string]string {
	values := map[string]string{}
	items, _ := list.([]any)
	for _, item := range items {
		members, _ := item.(map[string]any)
		value, _ := members["value"].(string) // a variable may have none
		values[fmt.Sprint(members[key])] = value
	}
	return values
}
