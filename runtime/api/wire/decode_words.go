package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
)

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func wrongType(path, given, allowed string) error {
	return &FieldError{firstOf(Brief(path), "body"), given, allowed}
}

func tokenKind(token json.Token) string {
	switch t := token.(type) {
	case json.Delim:
		if t == '[' {
			return "a list"
		}
		return "an object"
	case string:
		return fmt.Sprintf("the string %q", Brief(t))
	case nil:
		return "null"
	case bool:
		return fmt.Sprintf("the boolean %v", t)
	case json.Number:
		return "the number " + Brief(t.String())
	default:
		return fmt.Sprintf("a %T", t)
	}
}

func rawKind(raw json.RawMessage) string {
	token, err := tokens(bytes.NewReader(raw)).Token()
	if err != nil {
		return "text that is not JSON"
	}
	return tokenKind(token)
}

// typeName says in words what JSON fits t.
func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return typeName(t.Elem())
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int32:
		return "an integer of 32 bits"
	case reflect.Int, reflect.Int64:
		return "an integer"
	case reflect.Float64:
		return "a number"
	case reflect.Slice:
		return "a list, each element " + typeName(t.Elem())
	case reflect.Map:
		return "an object, each value " + typeName(t.Elem())
	default:
		return "an object"
	}
}
