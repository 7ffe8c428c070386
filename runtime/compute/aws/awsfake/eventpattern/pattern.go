// Package eventpattern decides which events an EventBridge rule matches. It has what rules about ECS and EC2 use: exact values, prefix,
// anything-but and exists, at any depth. Other operators are refused and not ignored, so that a rule never matches by an accident of the double.
//
// The source of the rules is "Creating Amazon EventBridge event patterns" in the EventBridge User Guide.
package eventpattern

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Pattern is what an event must have. For example, {"source": ["aws.ecs"], "detail": {"lastStatus": ["STOPPED"]}} matches an event of
// aws.ecs whose detail has that status.
type Pattern struct {
	fields map[string]Pattern
	any    []matcher // at least one must hold; only if fields is nil
}

// matcher tests the values that an event has for a field; none if it does not have the field.
type matcher func(values []any) bool

// Parse reads a pattern from its JSON.
func Parse(text string) (Pattern, error) {
	var document any
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		return Pattern{}, fmt.Errorf("the event pattern is not JSON: %w", err)
	}
	object, isObject := document.(map[string]any)
	if !isObject {
		return Pattern{}, errors.New("the event pattern is not an object")
	}
	return parseObject("", object)
}

func parseObject(path string, object map[string]any) (Pattern, error) {
	if len(object) == 0 {
		return Pattern{}, fmt.Errorf("%q is an empty object, it must have a field", path)
	}
	pattern := Pattern{fields: map[string]Pattern{}}
	for name, value := range object {
		below := path + "/" + name
		var err error
		switch value := value.(type) {
		case map[string]any:
			pattern.fields[name], err = parseObject(below, value)
		case []any:
			pattern.fields[name], err = parseValues(below, value)
		default:
			err = fmt.Errorf("%q must be an object or an array", below)
		}
		if err != nil {
			return Pattern{}, err
		}
	}
	return pattern, nil
}

func parseValues(path string, values []any) (Pattern, error) {
	if len(values) == 0 {
		return Pattern{}, fmt.Errorf("%q is an empty array, it must have a value", path)
	}
	var pattern Pattern
	for _, value := range values {
		match, err := parseMatcher(path, value)
		if err != nil {
			return Pattern{}, err
		}
		pattern.any = append(pattern.any, match)
	}
	return pattern, nil
}

// Matches reports whether event, a decoded JSON object, has all that the pattern asks for. Where the event has an array, one of its
// elements must match.
func (p Pattern) Matches(event map[string]any) bool { return p.matches([]any{event}) }

// Excludes reports whether no event matches that has this value in a field at the top, for example "aws.ec2" in "source". It spares making
// events that no rule wants.
func (p Pattern) Excludes(field string, value any) bool {
	below, asked := p.fields[field]
	return asked && !below.matches([]any{value})
}

func (p Pattern) matches(values []any) bool {
	if p.fields == nil {
		for _, match := range p.any {
			if match(values) {
				return true
			}
		}
		return false
	}
	for name, below := range p.fields {
		if !below.matches(members(values, name)) {
			return false
		}
	}
	return true
}

// members are the values of the field name in all objects among values, arrays being taken apart.
func members(values []any, name string) (found []any) {
	for _, value := range values {
		object, isObject := value.(map[string]any)
		if !isObject {
			continue
		}
		switch member := object[name].(type) {
		case []any:
			found = append(found, member...)
		default:
			if _, has := object[name]; has {
				found = append(found, member)
			}
		}
	}
	return found
}
