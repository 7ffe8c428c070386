package storetest

import (
	"reflect"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// Every kind of record is replaced whole, found by name and in pages, and goes when it is deleted. A new kind needs no test of
// its own here.
func testRecords(t *testing.T, open Open) {
	s, reopen := open(t)
	twin := NewMemory()
	filled := FilledDelta(t)
	write := func(d batch.Delta) {
		commit(t, s, d)
		commit(t, twin, d)
	}
	write(changed(t, &filled, func(int, batch.Recorded) bool { return true }))
	compareRecords(t, s, twin, &filled)
	write(changed(t, &filled, func(i int, row batch.Recorded) bool { return i == 0 && bare(row) }))
	compareRecords(t, s, twin, &filled)
	write(changed(t, &filled, func(i int, row batch.Recorded) bool { return i == 1 && deleted(row) }))
	compareRecords(t, s, twin, &filled)
	compareRecords(t, reopen(), twin, &filled)
}

// changed returns the records of d that change says, as change leaves them. It is told how many of the same kind came before.
func changed(t *testing.T, d *batch.Delta, change func(i int, row batch.Recorded) bool) (result batch.Delta) {
	t.Helper()
	seen := map[string]int{}
	err := d.EachRecord(func(row batch.Recorded) error {
		kind := row.Record().Kind
		if change(seen[kind], row) {
			appendRow(&result, row)
		}
		seen[kind]++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// bare takes out of row all but what names it.
func bare(row batch.Recorded) bool {
	of, named := reflect.ValueOf(row).Elem(), row.Record()
	for i := range of.NumField() {
		was := reflect.ValueOf(of.Field(i).Interface())
		of.Field(i).SetZero()
		if now := row.Record(); now.Name != named.Name || now.Scope != named.Scope {
			of.Field(i).Set(was)
		}
	}
	return true
}

// deleted makes row one that goes, and reports whether there can be such a row.
func deleted(row batch.Recorded) bool {
	if e, ok := row.(*batch.Environment); ok {
		e.Health = batch.Deleted
	}
	if field := reflect.ValueOf(row).Elem().FieldByName("Deleted"); field.IsValid() {
		field.SetBool(true)
	}
	return row.Record().Gone
}

// compareRecords asks both stores about the kinds and names of d, and for all they are loaded from.
func compareRecords(t *testing.T, got, want store.Store, d *batch.Delta) {
	t.Helper()
	same(t, "Load", must(got.Load(t.Context()))(t), must(want.Load(t.Context()))(t))
	_ = changed(t, d, func(_ int, row batch.Recorded) bool {
		record := row.Record()
		for _, names := range []store.NameQuery{{}, {Limit: 1}, {After: record.Name}, {Names: []string{"none", record.Name}}} {
			q := store.RecordQuery{New: fresh(row), Scope: record.Scope, NameQuery: names}
			same(t, record.Kind, must(got.Records(t.Context(), q))(t), must(want.Records(t.Context(), q))(t))
		}
		return false
	})
}

// fresh makes rows of the type of row.
func fresh(row batch.Recorded) func() batch.Recorded {
	kind := reflect.TypeOf(row).Elem()
	return func() batch.Recorded {
		made, _ := reflect.New(kind).Interface().(batch.Recorded)
		return made
	}
}

// appendRow appends row to the slice of d for its type.
func appendRow(d *batch.Delta, row batch.Recorded) {
	of := reflect.ValueOf(d).Elem()
	for i := range of.NumField() {
		if one := reflect.ValueOf(row).Elem(); of.Field(i).Type().Elem() == one.Type() {
			of.Field(i).Set(reflect.Append(of.Field(i), one))
		}
	}
}
