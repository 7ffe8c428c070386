package wire

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// decode sets the members of input to parameters: a tree of objects and lists, whose leaves are strings, numbers and booleans if it
// comes from JSON, and strings alone if it comes from a form.
func decode(parameters map[string]any, input any, names Names) error {
	value := reflect.ValueOf(input)
	if value.Kind() != reflect.Pointer || value.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("%T is not a pointer to a struct", input)
	}
	if err := (decoder{names}).structure(parameters, value.Elem()); err != nil {
		return malformed(err)
	}
	return nil
}

type decoder struct{ names Names }

// set sets target to node.
func (d decoder) set(node any, target reflect.Value) error {
	if node == nil {
		return nil
	}
	if _, ok := target.Interface().(time.Time); ok {
		at, err := instant(node)
		target.Set(reflect.ValueOf(at))
		return err
	}
	switch target.Kind() {
	case reflect.Pointer:
		target.Set(reflect.New(target.Type().Elem()))
		return d.set(node, target.Elem())
	case reflect.Struct:
		members, ok := node.(map[string]any)
		if !ok {
			return fmt.Errorf("%v is not an object", node)
		}
		return d.structure(members, target)
	case reflect.Slice:
		if target.Type().Elem().Kind() == reflect.Uint8 {
			bytes, err := base64.StdEncoding.DecodeString(fmt.Sprint(node))
			target.SetBytes(bytes)
			return err
		}
		return d.list(node, target)
	case reflect.Map:
		return d.dictionary(node, target)
	default:
		return scalar(fmt.Sprint(node), target)
	}
}

func (d decoder) structure(members map[string]any, target reflect.Value) error {
	for name, node := range members {
		index, known := d.field(target.Type(), name)
		if !known {
			return fmt.Errorf("%s: %s has no such member", name, target.Type().Name())
		}
		if err := d.set(node, target.Field(index)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// list sets a slice to a list of JSON, or to the numbered members of a form: {"1": a, "2": b}, which awsQuery has one level deeper,
// in "member".
func (d decoder) list(node any, target reflect.Value) error {
	elements, ok := node.([]any)
	if form, isForm := node.(map[string]any); isForm {
		if inner, wrapped := form["member"].(map[string]any); wrapped {
			form = inner
		}
		elements, ok = numbered(form)
	}
	if !ok {
		return fmt.Errorf("%v is not a list", node)
	}
	slice := reflect.MakeSlice(target.Type(), len(elements), len(elements))
	for i, element := range elements {
		if err := d.set(element, slice.Index(i)); err != nil {
			return fmt.Errorf("%d: %w", i+1, err)
		}
	}
	target.Set(slice)
	return nil
}

// numbered returns the members of a form's list in the order of their numbers.
func numbered(form map[string]any) (elements []any, ok bool) {
	byNumber := map[int]any{}
	for name, node := range form {
		number, err := strconv.Atoi(name)
		if err != nil {
			return nil, false
		}
		byNumber[number] = node
	}
	for _, number := range slices.Sorted(maps.Keys(byNumber)) {
		elements = append(elements, byNumber[number])
	}
	return elements, true
}

// dictionary sets a map to an object. Forms with maps are not needed by any operation that is served.
func (d decoder) dictionary(node any, target reflect.Value) error {
	object, ok := node.(map[string]any)
	if !ok {
		return fmt.Errorf("%v is not an object", node)
	}
	target.Set(reflect.MakeMapWithSize(target.Type(), len(object)))
	for name, member := range object {
		value := reflect.New(target.Type().Elem()).Elem()
		if err := d.set(member, value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		target.SetMapIndex(reflect.ValueOf(name).Convert(target.Type().Key()), value)
	}
	return nil
}

// scalar sets a string, a boolean or a number.
func scalar(text string, target reflect.Value) error {
	switch target.Kind() {
	case reflect.String:
		target.SetString(text)
	case reflect.Bool:
		value, err := strconv.ParseBool(text)
		target.SetBool(value)
		return err
	case reflect.Int32, reflect.Int64:
		value, err := strconv.ParseInt(text, 10, target.Type().Bits())
		target.SetInt(value)
		return err
	case reflect.Float32, reflect.Float64:
		value, err := strconv.ParseFloat(text, target.Type().Bits())
		target.SetFloat(value)
		return err
	default:
		return fmt.Errorf("a %s cannot be read", target.Type())
	}
	return nil
}

// instant reads a time: seconds since 1970 in JSON, RFC 3339 in a form.
func instant(node any) (time.Time, error) {
	switch node := node.(type) {
	case json.Number:
		seconds, err := node.Float64()
		return time.UnixMilli(int64(math.Round(seconds * 1000))).UTC(), err
	case string:
		return time.Parse(time.RFC3339, node)
	default:
		return time.Time{}, errors.New("not a time")
	}
}

// field returns the index of the field that a member is read into.
func (d decoder) field(structure reflect.Type, member string) (index int, known bool) {
	for i := range structure.NumField() {
		field := structure.Field(i)
		name := field.Name
		if wire, differs := d.names[structure.Name()+"."+name]; differs {
			name = wire
		}
		if field.IsExported() && strings.EqualFold(name, member) {
			return i, true
		}
	}
	return 0, false
}
