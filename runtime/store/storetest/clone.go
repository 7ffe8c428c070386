package storetest

import "reflect"

// clone returns a copy of v that shares nothing with it. Empty slices and maps become nil,
// as they do in a store.
func clone[T any](v T) T {
	var copied T
	cloneInto(reflect.ValueOf(&copied).Elem(), reflect.ValueOf(&v).Elem())
	return copied
}

func cloneInto(to, from reflect.Value) {
	switch from.Kind() {
	case reflect.Pointer:
		if !from.IsNil() {
			to.Set(reflect.New(from.Type().Elem()))
			cloneInto(to.Elem(), from.Elem())
		}
	case reflect.Interface:
		if !from.IsNil() {
			value := reflect.New(from.Elem().Type()).Elem()
			cloneInto(value, from.Elem())
			to.Set(value)
		}
	case reflect.Slice:
		if from.Len() > 0 {
			to.Set(reflect.MakeSlice(from.Type(), from.Len(), from.Len()))
			for i := range from.Len() {
				cloneInto(to.Index(i), from.Index(i))
			}
		}
	case reflect.Map:
		if from.Len() > 0 {
			to.Set(reflect.MakeMapWithSize(from.Type(), from.Len()))
			for entry := from.MapRange(); entry.Next(); {
				value := reflect.New(from.Type().Elem()).Elem()
				cloneInto(value, entry.Value())
				to.SetMapIndex(entry.Key(), value)
			}
		}
	case reflect.Struct:
		for i := range from.NumField() {
			cloneInto(to.Field(i), from.Field(i))
		}
	default:
		to.Set(from)
	}
}

// containers returns a copy of v, a struct of maps and slices, that shares the rows with it, and neither the maps and slices
// nor those that are directly in them.
func containers[T any](v T) T {
	var copied T
	to, from := reflect.ValueOf(&copied).Elem(), reflect.ValueOf(&v).Elem()
	for i := range from.NumField() {
		copyContainer(to.Field(i), from.Field(i))
	}
	return copied
}

func copyContainer(to, from reflect.Value) {
	switch from.Kind() {
	case reflect.Map:
		to.Set(reflect.MakeMapWithSize(from.Type(), from.Len()))
		for entry := from.MapRange(); entry.Next(); {
			value := reflect.New(from.Type().Elem()).Elem()
			copyContainer(value, entry.Value())
			to.SetMapIndex(entry.Key(), value)
		}
	case reflect.Slice:
		to.Set(reflect.AppendSlice(reflect.MakeSlice(from.Type(), 0, from.Len()), from))
	default:
		to.Set(from)
	}
}
