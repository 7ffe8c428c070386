package registry

import (
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// TestLogGroups follows log groups that definitions name and that are created, in either order, through a restart.
func TestLogGroups(t *testing.T) {
	w := newWorld(batch.Snapshot{})
	must, refused := w.must(t), w.refused(t)
	register := func(names ...LogName) Command { return naming(names) }
	refused(batch.NotFound, SetLogRetention{Name: "/a", Days: 7})
	refused(batch.NotFound, DeleteLogGroup{Name: "/a"})
	must(register(LogName{Group: "/a"}, LogName{Group: "/a", Prefixed: true}, LogName{Group: "/b"}))
	must(CreateLogGroup{Name: "/a"})
	refused(batch.Conflict, CreateLogGroup{Name: "/a"})
	must(CreateLogGroup{Name: "/c"})
	must(SetLogRetention{Name: "/c", Days: 30})
	must(SetLogRetention{Name: batch.DefaultLogGroup, Days: 7})
	must(DeleteLogGroup{Name: "/a"})

	delta := w.take()
	want := map[string]batch.LogGroup{
		"/a":                  {Name: "/a", Named: true, Prefixed: true, CreatedAt: at},
		"/b":                  {Name: "/b", Named: true, CreatedAt: at},
		"/c":                  {Name: "/c", Created: true, RetentionDays: 30, CreatedAt: at},
		batch.DefaultLogGroup: {Name: batch.DefaultLogGroup, Named: true, RetentionDays: 7, CreatedAt: at},
	}
	if len(delta.LogGroups) != len(want) {
		t.Errorf("the round writes %s", batch.Text(delta.LogGroups))
	}
	for _, row := range delta.LogGroups {
		if row != want[row.Name] {
			t.Errorf("the round writes %+v, want %+v", row, want[row.Name])
		}
	}
	if again := newWorld(batch.Snapshot{LogGroups: delta.LogGroups}); again.dump() != w.dump() {
		t.Errorf("loaded:\n%s\nwant:\n%s", again.dump(), w.dump())
	}

	must(DeleteLogGroup{Name: "/c"})
	if rows := w.take().LogGroups; len(rows) != 1 || !rows[0].Deleted {
		t.Errorf("deleting one that was created only writes %+v", rows)
	}
	for i := len(w.registry.logGroups); i < batch.MaxLogGroups; i++ {
		name := string(rune(i + 1000))
		w.registry.logGroups[name] = batch.LogGroup{Name: name, Created: true}
	}
	refused(batch.InvalidRequest, CreateLogGroup{Name: "/d"})
	refused(batch.InvalidRequest, register(LogName{Group: "/d"}))
	must(register(LogName{Group: "/b"}))
}

// naming is a command of the machine that names log groups, as the registration of a job definition does.
type naming []LogName

func (n naming) apply(r *Registry, in Scope) error { return r.NameLogGroups(n, in) }
