package eventpattern

import (
	"fmt"
	"slices"
	"strings"
)

func parseMatcher(path string, value any) (matcher, error) {
	operator, isOperator := value.(map[string]any)
	if !isOperator {
		return exactly(value), nil
	}
	if len(operator) != 1 {
		return nil, fmt.Errorf("%q has an operator with %d names, it must have one", path, len(operator))
	}
	for name, argument := range operator {
		switch name {
		case "prefix":
			if prefix, isText := argument.(string); isText {
				return beginning(prefix), nil
			}
		case "exists":
			if wanted, isBool := argument.(bool); isBool {
				return func(values []any) bool { return len(values) > 0 == wanted }, nil
			}
		case "anything-but":
			return otherThan(argument), nil
		default:
			return nil, fmt.Errorf("%q has the operator %q, known are prefix, anything-but and exists", path, name)
		}
		return nil, fmt.Errorf("%q has the operator %q with the argument %v, which is of the wrong type", path, name, argument)
	}
	return nil, nil // not reached: the object has one name
}

func exactly(wanted any) matcher {
	return func(values []any) bool {
		return slices.ContainsFunc(values, func(value any) bool { return scalar(value) && value == wanted })
	}
}

func beginning(prefix string) matcher {
	return func(values []any) bool {
		return slices.ContainsFunc(values, func(value any) bool {
			text, isText := value.(string)
			return isText && strings.HasPrefix(text, prefix)
		})
	}
}

// otherThan matches a field that is there and has none of the values.
func otherThan(argument any) matcher {
	unwanted, isList := argument.([]any)
	if !isList {
		unwanted = []any{argument}
	}
	return func(values []any) bool {
		return slices.ContainsFunc(values, func(value any) bool {
			return scalar(value) && !slices.ContainsFunc(unwanted, func(other any) bool { return scalar(other) && other == value })
		})
	}
}

// scalar reports whether value can be compared: objects and arrays cannot.
func scalar(value any) bool {
	switch value.(type) {
	case map[string]any, []any:
		return false
	}
	return true
}
