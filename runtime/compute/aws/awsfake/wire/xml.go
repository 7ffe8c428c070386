package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// xmlWriter writes structs of the SDK as XML.
type xmlWriter struct {
	bytes.Buffer

	item  string // the name of a list's elements
	time  string // the form of a time
	names Names
	lower bool // whether members begin with a lower case letter
}

func (x *xmlWriter) open(name, namespace string) {
	x.WriteString("<" + name)
	if namespace != "" {
		x.WriteString(` xmlns="` + namespace + `"`)
	}
	x.WriteByte('>')
}

func (x *xmlWriter) close(name string) { x.WriteString("</" + name + ">") }

func (x *xmlWriter) text(name, value string) {
	x.open(name, "")
	_ = xml.EscapeText(x, []byte(value)) // writing to a buffer does not fail
	x.close(name)
}

func (x *xmlWriter) send(w http.ResponseWriter, request Request, status int) {
	w.Header().Set("Content-Type", "text/xml;charset=UTF-8")
	w.Header().Set("X-Amzn-Requestid", request.ID)
	w.WriteHeader(status)
	_, _ = w.Write(x.Bytes()) // a client that has gone needs no answer
}

// members writes what is set of the struct that output points to.
func (x *xmlWriter) members(output any) error {
	value := reflect.ValueOf(output)
	if value.Kind() != reflect.Pointer || value.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("%T is not a pointer to a struct", output)
	}
	return x.structure(value.Elem())
}

func (x *xmlWriter) structure(value reflect.Value) error {
	for i := range value.NumField() {
		field := value.Type().Field(i)
		if !field.IsExported() || field.Name == "ResultMetadata" {
			continue
		}
		if err := x.element(x.name(value.Type(), field.Name), value.Field(i)); err != nil {
			return err
		}
	}
	return nil
}

// name returns the name of a member.
func (x *xmlWriter) name(structure reflect.Type, field string) string {
	if name, differs := x.names[structure.Name()+"."+field]; differs {
		return name
	}
	if x.lower {
		return lowerFirst(field)
	}
	return field
}

func lowerFirst(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToLower(first)) + name[size:]
}

// element writes one member, or nothing if it is not set.
func (x *xmlWriter) element(name string, value reflect.Value) error {
	switch value.Kind() {
	case reflect.Pointer:
		if value.IsNil() {
			return nil
		}
		return x.element(name, value.Elem())
	case reflect.Slice:
		return x.list(name, value)
	case reflect.Map:
		return x.dictionary(name, value)
	case reflect.Struct:
		if at, ok := value.Interface().(time.Time); ok {
			x.text(name, at.UTC().Format(x.time))
			return nil
		}
		x.open(name, "")
		defer x.close(name)
		return x.structure(value)
	case reflect.String:
		if unset := value.String() == "" && value.Type() != reflect.TypeFor[string](); !unset { // an enum that is not set is empty
			x.text(name, value.String())
		}
	case reflect.Bool:
		x.text(name, strconv.FormatBool(value.Bool()))
	case reflect.Int32, reflect.Int64:
		x.text(name, strconv.FormatInt(value.Int(), 10))
	case reflect.Float32, reflect.Float64:
		x.text(name, strconv.FormatFloat(value.Float(), 'g', -1, 64))
	default:
		return fmt.Errorf("%s: a %s cannot be written as XML", name, value.Type())
	}
	return nil
}

func (x *xmlWriter) list(name string, value reflect.Value) error {
	if value.IsNil() {
		return nil
	}
	if value.Type().Elem().Kind() == reflect.Uint8 {
		x.text(name, base64.StdEncoding.EncodeToString(value.Bytes()))
		return nil
	}
	name, item, named := strings.Cut(name, ">")
	if !named {
		item = x.item
	}
	x.open(name, "")
	defer x.close(name)
	for i := range value.Len() {
		if err := x.element(item, value.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

// dictionary writes a map of strings, in the order of its keys.
func (x *xmlWriter) dictionary(name string, value reflect.Value) error {
	if value.IsNil() {
		return nil
	}
	x.open(name, "")
	defer x.close(name)
	keys := value.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, key := range keys {
		x.open("entry", "")
		x.text("key", key.String())
		if err := x.element("value", value.MapIndex(key)); err != nil {
			return err
		}
		x.close("entry")
	}
	return nil
}
