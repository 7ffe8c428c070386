package document_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// everyMemberHasAValue sets one member of a document after another. Each has to change the row: a member that nobody has given a place among the
// typed values of the row fails. The function row returns the row, without Body, of a document that fill has been called with: once fill sets the
// member, and once it only makes the objects and entries of lists that the member is in. The excused are the members that change nothing, and why.
func everyMemberHasAValue(t *testing.T, row func(member string, fill func(document any)) any, members []string, excused map[string]string) {
	t.Helper()
	for _, member := range members {
		path := strings.Split(member, ".")
		without := row(member, func(document any) { set(reflect.ValueOf(document), path, false) })
		with := row(member, func(document any) { set(reflect.ValueOf(document), path, true) })
		switch same := reflect.DeepEqual(without, with); {
		case same && excused[member] == "":
			t.Errorf("%s changes nothing of the row: give it a place in the noun, or say in this test why it has none", member)
		case !same && excused[member] != "":
			t.Errorf("%s changes the row, though %s", member, excused[member])
		}
	}
	for member := range excused {
		if !slices.Contains(members, member) {
			t.Errorf("%s is excused and does not exist", member)
		}
	}
}

// leaves are the paths of the members of t that are not objects.
func leaves(t reflect.Type, path string) []string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return []string{path}
	}
	var all []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		all = slices.Concat(all, leaves(t.Field(i).Type, strings.TrimPrefix(path+"."+name, ".")))
	}
	return all
}

// set makes what is on the way to the member of v at path, and sets the member if it is to.
func set(v reflect.Value, path []string, member bool) {
	if len(path) == 0 && !member {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		set(v.Elem(), path, member)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		set(v.Index(0), path, member)
	case reflect.Struct:
		for i := range v.NumField() {
			if name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ","); name == path[0] {
				set(v.Field(i), path[1:], member)
			}
		}
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{"key": "text"}))
	case reflect.String:
		v.SetString("text")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64:
		v.SetInt(7)
	case reflect.Float64:
		v.SetFloat(7)
	default:
		panic("a member of kind " + v.Kind().String())
	}
}
