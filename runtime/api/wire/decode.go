package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// ignored are members of AWS's requests that are accepted anywhere and not kept, so
// that a newer SDK that sends them still works.
var ignored = map[string]bool{
	"context": true, // reserved by AWS, without meaning
}

// Decode reads one JSON object of at most limit bytes into the struct into points to.
// It is strict: names match exactly, a member that is unknown, given twice or of the
// wrong type is a [*FieldError], and so is what is too large or no JSON. Nothing at
// all is read as an empty object. Errors of r itself are returned wrapped.
func Decode(r io.Reader, limit int64, into any) error {
	target := reflect.ValueOf(into)
	if target.Kind() != reflect.Pointer || target.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("wire: Decode into %T: want a pointer to a struct", into)
	}
	limited := &io.LimitedReader{R: r, N: limit + 1}
	d := decoder{json: json.NewDecoder(limited)}
	err := d.value(target.Elem(), "")
	if err == nil {
		err = d.end()
	}
	switch {
	case limited.N <= 0:
		return &FieldError{"body", fmt.Sprintf("more than %d bytes", limit), fmt.Sprintf("at most %d bytes", limit)}
	case errors.Is(err, errEmpty):
		return nil
	}
	return err
}

// errEmpty is a body without a single token.
var errEmpty = errors.New("empty")

type decoder struct{ json *json.Decoder }

// end makes sure that nothing but space follows the object.
func (d decoder) end() error {
	switch _, err := d.json.Token(); {
	case errors.Is(err, io.EOF):
		return nil
	default:
		return &FieldError{"body", "more after the JSON object", "one JSON object"}
	}
}

// value reads the next value into v. Structs, and slices that hold them, are walked so
// that errors can name their place; the rest is left to encoding/json.
func (d decoder) value(v reflect.Value, path string) error {
	for v.Kind() == reflect.Pointer && v.Type().Elem().Kind() == reflect.Struct {
		if v.IsNil() {
			fresh := reflect.New(v.Type().Elem())
			isNull, err := d.object(fresh.Elem(), path)
			if err == nil && !isNull {
				v.Set(fresh)
			}
			return err
		}
		v = v.Elem()
	}
	switch {
	case v.Kind() == reflect.Struct:
		_, err := d.object(v, path)
		return err
	case v.Kind() == reflect.Slice && walked(v.Type().Elem()):
		return d.list(v, path)
	default:
		return d.leaf(v, path)
	}
}

// walked reports whether elements of type t are read one by one.
func walked(t reflect.Type) bool { return t.Kind() == reflect.Struct || t.Kind() == reflect.Map }

// object reads the next value, an object or null, into the struct v.
func (d decoder) object(v reflect.Value, path string) (isNull bool, err error) {
	switch open, err := d.json.Token(); {
	case err != nil:
		return false, d.syntax(err, path)
	case open == nil:
		return true, nil
	case open != json.Delim('{'):
		return false, wrongType(path, tokenKind(open), "an object")
	}
	fields := fieldsOf(v.Type())
	seen := make(map[string]bool, len(fields))
	for d.json.More() {
		token, err := d.json.Token()
		if err != nil {
			return false, d.syntax(err, path)
		}
		name, ok := token.(string)
		if !ok {
			return false, wrongType(path, tokenKind(token), "the name of a member")
		}
		if err := d.member(v, fields, seen, path, name); err != nil {
			return false, err
		}
	}
	if _, err := d.json.Token(); err != nil { // the closing brace
		return false, d.syntax(err, path)
	}
	return false, nil
}

// member reads the value of the member name of the struct v at path.
func (d decoder) member(v reflect.Value, fields map[string]int, seen map[string]bool, path, name string) error {
	place := join(path, name)
	if seen[name] {
		return &FieldError{place, "twice", "once"}
	}
	seen[name] = true
	index, known := fields[name]
	switch {
	case known:
		return d.value(v.Field(index), place)
	case ignored[name]:
		var skipped json.RawMessage
		return d.syntax(d.json.Decode(&skipped), place)
	default:
		names := make([]string, 0, len(fields))
		for n := range fields {
			names = append(names, n)
		}
		slices.Sort(names)
		return &FieldError{brief(place), "an unknown field", "one of " + strings.Join(names, ", ")}
	}
}

// list reads the next value, an array or null, into the slice v.
func (d decoder) list(v reflect.Value, path string) error {
	switch open, err := d.json.Token(); {
	case err != nil:
		return d.syntax(err, path)
	case open == nil:
		return nil
	case open != json.Delim('['):
		return wrongType(path, tokenKind(open), "a list")
	}
	v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	for i := 0; d.json.More(); i++ {
		element := reflect.New(v.Type().Elem()).Elem()
		if err := d.value(element, fmt.Sprintf("%s[%d]", path, i)); err != nil {
			return err
		}
		v.Set(reflect.Append(v, element))
	}
	_, err := d.json.Token() // the closing bracket
	return d.syntax(err, path)
}

// leaf reads the next value, whatever it is, into v.
func (d decoder) leaf(v reflect.Value, path string) error {
	var raw json.RawMessage
	if err := d.json.Decode(&raw); err != nil {
		return d.syntax(err, path)
	}
	if v.Type() == reflect.TypeFor[json.RawMessage]() {
		v.SetBytes(bytes.Clone(raw))
		return nil
	}
	if json.Unmarshal(raw, v.Addr().Interface()) != nil {
		return pinpoint(raw, v.Type(), path)
	}
	// encoding/json reads a null inside a list or an object as an empty value.
	if k := v.Kind(); (k == reflect.Map || k == reflect.Slice) && !v.IsNil() && bytes.Contains(raw, []byte("null")) {
		return pinpoint(raw, v.Type(), path)
	}
	return nil
}

// pinpoint names the element of raw that does not fit t, or else raw itself.
func pinpoint(raw json.RawMessage, t reflect.Type, path string) error {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var elements map[string]json.RawMessage
	var list []json.RawMessage
	switch {
	case t.Kind() == reflect.Map && json.Unmarshal(raw, &elements) == nil:
		for _, name := range slices.Sorted(maps.Keys(elements)) {
			if !fits(elements[name], t.Elem()) {
				return wrongType(join(path, name), rawKind(elements[name]), typeName(t.Elem()))
			}
		}
		return nil
	case t.Kind() == reflect.Slice && json.Unmarshal(raw, &list) == nil:
		for i, element := range list {
			if !fits(element, t.Elem()) {
				return wrongType(fmt.Sprintf("%s[%d]", path, i), rawKind(element), typeName(t.Elem()))
			}
		}
		return nil
	}
	return wrongType(path, rawKind(raw), typeName(t))
}

func fits(raw json.RawMessage, t reflect.Type) bool {
	return string(raw) != "null" && json.Unmarshal(raw, reflect.New(t).Interface()) == nil
}

// syntax makes an error of the decoder one that names the place; nil stays nil.
func (d decoder) syntax(err error, path string) error {
	var malformed *json.SyntaxError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF) && path == "" && d.json.InputOffset() == 0:
		return errEmpty
	case errors.As(err, &malformed), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &FieldError{firstOf(path, "body"), fmt.Sprintf("no JSON near byte %d (%v)", d.json.InputOffset(), err), "one JSON object"}
	default:
		return fmt.Errorf("read request body: %w", err)
	}
}

var fieldCache sync.Map // reflect.Type → map[string]int

// fieldsOf returns the index of each member of a struct type by its JSON name.
func fieldsOf(t reflect.Type) map[string]int {
	if cached, ok := fieldCache.Load(t); ok {
		if fields, ok := cached.(map[string]int); ok {
			return fields
		}
	}
	fields := map[string]int{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name != "" && name != "-" {
			fields[name] = i
		}
	}
	fieldCache.Store(t, fields)
	return fields
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func wrongType(path, given, allowed string) error {
	return &FieldError{firstOf(brief(path), "body"), given, allowed}
}

func tokenKind(token json.Token) string {
	switch t := token.(type) {
	case json.Delim:
		if t == '[' {
			return "a list"
		}
		return "an object"
	case string:
		return fmt.Sprintf("the string %q", brief(t))
	case nil:
		return "null"
	case bool:
		return fmt.Sprintf("the boolean %v", t)
	default:
		return fmt.Sprintf("the number %v", t)
	}
}

func rawKind(raw json.RawMessage) string {
	token, err := json.NewDecoder(bytes.NewReader(raw)).Token()
	if err != nil {
		return "no JSON"
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
