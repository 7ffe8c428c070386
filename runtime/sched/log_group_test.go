package sched

import (
	"errors"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// TestLogGroups follows log groups that definitions name and that are created, in either order, through a restart.
func TestLogGroups(t *testing.T) {
	m := Load(batch.Snapshot{}, Config{})
	apply := func(ev Event) error {
		t.Helper()
		_, err := m.Apply(epoch.Std(), ev)
		return err
	}
	must := func(ev Event) {
		t.Helper()
		if err := apply(ev); err != nil {
			t.Fatalf("%+v: %v", ev, err)
		}
	}
	refused := func(kind batch.ErrorKind, ev Event) {
		t.Helper()
		before := m.Dump()
		var domain *batch.Error
		if err := apply(ev); !errors.As(err, &domain) || domain.Kind != kind {
			t.Errorf("%+v: %v, want an error of kind %d", ev, err, kind)
		}
		if m.Dump() != before {
			t.Errorf("%+v: it was refused and changed something", ev)
		}
	}
	register := func(names ...LogName) RegisterDefinition {
		return RegisterDefinition{Definition: batch.Definition{Name: "d"}, LogNames: names}
	}
	refused(batch.NotFound, SetLogRetention{Name: "/a", Days: 7})
	refused(batch.NotFound, DeleteLogGroup{Name: "/a"})
	refused(batch.NotFound, SetTags{Resource: "log-group//a", Set: map[string]string{"k": "v"}})
	must(register(LogName{Group: "/a"}, LogName{Group: "/a", Prefixed: true}, LogName{Group: "/b"}))
	must(CreateLogGroup{Name: "/a"})
	refused(batch.Conflict, CreateLogGroup{Name: "/a"})
	must(CreateLogGroup{Name: "/c"})
	must(SetLogRetention{Name: "/c", Days: 30})
	must(SetLogRetention{Name: batch.DefaultLogGroup, Days: 7})
	must(SetTags{Resource: "log-group//c", Set: map[string]string{"k": "v"}})
	must(DeleteLogGroup{Name: "/a"})

	delta := m.Take().Delta
	want := map[string]batch.LogGroup{
		"/a":                  {Name: "/a", Named: true, Prefixed: true, CreatedAt: epoch},
		"/b":                  {Name: "/b", Named: true, CreatedAt: epoch},
		"/c":                  {Name: "/c", Created: true, RetentionDays: 30, CreatedAt: epoch},
		batch.DefaultLogGroup: {Name: batch.DefaultLogGroup, Named: true, RetentionDays: 7, CreatedAt: epoch},
	}
	if len(delta.LogGroups) != len(want) {
		t.Errorf("the round writes %s", text(delta.LogGroups))
	}
	for _, row := range delta.LogGroups {
		if row != want[row.Name] {
			t.Errorf("the round writes %+v, want %+v", row, want[row.Name])
		}
	}
	if again := Load(batch.Snapshot{LogGroups: delta.LogGroups, Revisions: map[string]int32{"d": 1}}, Config{}); again.Dump() != m.Dump() {
		t.Errorf("loaded:\n%s\nwant:\n%s", again.Dump(), m.Dump())
	}

	must(DeleteLogGroup{Name: "/c"})
	if rows := m.Take().Delta.LogGroups; len(rows) != 1 || !rows[0].Deleted {
		t.Errorf("deleting one that was created only writes %+v", rows)
	}
	for i := len(m.logGroups); i < batch.MaxLogGroups; i++ {
		m.logGroups[string(rune(i+1000))] = batch.LogGroup{}
	}
	refused(batch.InvalidRequest, CreateLogGroup{Name: "/d"})
	refused(batch.InvalidRequest, register(LogName{Group: "/d"}))
	must(register(LogName{Group: "/b"}))
}
