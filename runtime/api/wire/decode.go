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

// Decode reads one JSON object of at most limit bytes into the struct into points to.
// It is strict: names match exactly, a member that is unknown, given twice or of the
// wrong type is a [*FieldError], and so is what is too large or not JSON. Nothing at
// all is read as an empty object. Errors of r itself are returned wrapped.
func Decode(r io.Reader, limit int64, into any) error {
	target := reflect.ValueOf(into)
	if target.Kind() != reflect.Pointer || target.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("wire: Decode into %T: want a pointer to a struct", into)
	}
	limited := &io.LimitedReader{R: r, N: limit + 1}
	d := &decoder{json: tokens(limited)}
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

// tokens reads JSON in parts. Numbers stay as they were written: not every one is a float64.
func tokens(r io.Reader) *json.Decoder {
	d := json.NewDecoder(r)
	d.UseNumber()
	return d
}

// errEmpty is a body without a single token.
var errEmpty = errors.New("empty")

// A decoder reads one request. A few bytes of JSON can be an element of some hundred bytes here, so that elements are
// counted: what is read takes no more memory than a body of the largest size does.
type decoder struct {
	json     *json.Decoder
	elements int
}

// count notes n more elements of the list or object at path.
func (d *decoder) count(n int, path string) error {
	if d.elements += n; d.elements > maxElements {
		return &FieldError{Brief(path), "an entry too many", fmt.Sprintf("at most %d entries in the lists and objects of one request", maxElements)}
	}
	return nil
}

// end makes sure that nothing but space follows the object.
func (d *decoder) end() error {
	switch _, err := d.json.Token(); {
	case errors.Is(err, io.EOF):
		return nil
	default:
		return &FieldError{"body", "more after the JSON object", "one JSON object"}
	}
}

// value reads the next value into v. Structs, and slices that hold them, are walked so
// that errors can name their place; the rest is left to encoding/json.
func (d *decoder) value(v reflect.Value, path string) error {
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
func (d *decoder) object(v reflect.Value, path string) (isNull bool, err error) {
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
func (d *decoder) member(v reflect.Value, fields map[string]int, seen map[string]bool, path, name string) error {
	place := join(path, name)
	if seen[name] {
		return &FieldError{place, "twice", "once"}
	}
	seen[name] = true
	index, known := fields[name]
	switch {
	case known:
		return d.value(v.Field(index), place)
	default:
		names := make([]string, 0, len(fields))
		for n := range fields {
			names = append(names, n)
		}
		slices.Sort(names)
		return &FieldError{Brief(place), "an unknown field", "one of " + strings.Join(names, ", ")}
	}
}

// list reads the next value, an array or null, into the slice v.
func (d *decoder) list(v reflect.Value, path string) error {
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
		place := fmt.Sprintf("%s[%d]", path, i)
		if i == maxArray {
			return &FieldError{Brief(place), "an entry too many", fmt.Sprintf("at most %d entries", maxArray)}
		}
		element := reflect.New(v.Type().Elem()).Elem()
		if err := d.element(element, place); err != nil {
			return err
		}
		v.Set(reflect.Append(v, element))
	}
	_, err := d.json.Token() // the closing bracket
	return d.syntax(err, path)
}

// element reads the next value into an element of a list. Objects of free names are the points of a sweep, which may
// be many and are bounded by the size of the body alone.
func (d *decoder) element(v reflect.Value, path string) error {
	if v.Kind() == reflect.Map {
		raw, err := d.raw(path)
		if err != nil {
			return err
		}
		return d.unmarshal(raw, v, path)
	}
	if err := d.count(1, path); err != nil {
		return err
	}
	return d.value(v, path)
}

func (d *decoder) raw(path string) (json.RawMessage, error) {
	var raw json.RawMessage
	err := d.json.Decode(&raw)
	return raw, d.syntax(err, path)
}

// leaf reads the next value, whatever it is, into v.
func (d *decoder) leaf(v reflect.Value, path string) error {
	raw, err := d.raw(path)
	if err != nil {
		return err
	}
	if k := v.Kind(); k == reflect.Map || k == reflect.Slice {
		if err := d.count(bytes.Count(raw, []byte{','}), path); err != nil { // as many elements at most
			return err
		}
	}
	return d.unmarshal(raw, v, path)
}

func (d *decoder) unmarshal(raw json.RawMessage, v reflect.Value, path string) error {
	if v.Type() == reflect.TypeFor[json.RawMessage]() {
		v.SetBytes(bytes.Clone(raw))
		return nil
	}
	if json.Unmarshal(raw, v.Addr().Interface()) != nil {
		return pinpoint(raw, v.Type(), path)
	}
	if v.Kind() == reflect.Map && v.Len() < members(raw) {
		return &FieldError{Brief(join(path, repeated(raw))), "twice", "once"}
	}
	// encoding/json reads a null inside a list or an object as an empty value.
	if k := v.Kind(); (k == reflect.Map || k == reflect.Slice) && !v.IsNil() && bytes.Contains(raw, []byte("null")) {
		return pinpoint(raw, v.Type(), path)
	}
	return nil
}

// members counts the members of an object whose values are neither lists nor objects; 0 for null.
func members(raw []byte) (n int) {
	inside := false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '"':
			inside = !inside
		case c == '\\' && inside:
			i++ // what is escaped ends nothing
		case c == ':' && !inside:
			n++
		}
	}
	return n
}

// repeated returns the first name that an object has given before.
func repeated(raw json.RawMessage) string {
	d := tokens(bytes.NewReader(raw))
	seen := map[json.Token]bool{}
	_, _ = d.Token() // the opening brace: it is known to be an object
	for d.More() {
		name, _ := d.Token()
		if text, ok := name.(string); ok && seen[name] {
			return text
		}
		seen[name] = true
		_, _ = d.Token() // the value
	}
	return ""
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
func (d *decoder) syntax(err error, path string) error {
	var malformed *json.SyntaxError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF) && path == "" && d.json.InputOffset() == 0:
		return errEmpty
	case errors.As(err, &malformed), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &FieldError{firstOf(path, "body"), fmt.Sprintf("text that is not JSON near byte %d (%v)", d.json.InputOffset(), err), "one JSON object"}
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
