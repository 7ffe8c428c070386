package registry

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// at is when every command of these tests is applied.
const at batch.Time = 7

// world is a registry and what exists beside it.
type world struct {
	registry *Registry
	delta    batch.Delta
	queues   []string
}

func newWorld(s batch.Snapshot, queues ...string) *world {
	return &world{registry: Load(s), queues: queues}
}

func (w *world) exists(resource string) bool {
	name, is := strings.CutPrefix(resource, batch.ResourceQueue+"/")
	return is && slices.Contains(w.queues, name)
}

func (w *world) apply(c Command) error {
	return w.registry.Apply(c, Scope{At: at, Delta: &w.delta, Exists: w.exists})
}

// must applies a command that is accepted.
func (w *world) must(t *testing.T) func(Command) {
	return func(c Command) {
		t.Helper()
		if err := w.apply(c); err != nil {
			t.Fatalf("%+v: %v", c, err)
		}
		if broken := w.check(); len(broken) > 0 {
			t.Errorf("%+v broke laws: %q", c, broken)
		}
	}
}

// refused applies a command that is refused with an error of that kind and changes nothing.
func (w *world) refused(t *testing.T) func(batch.ErrorKind, Command) {
	return func(kind batch.ErrorKind, c Command) {
		t.Helper()
		before, rows := w.dump(), batch.Text(w.delta)
		var domain *batch.Error
		if err := w.apply(c); !errors.As(err, &domain) || domain.Kind != kind {
			t.Errorf("%+v: %v, want an error of kind %d", c, err, kind)
		}
		if w.dump() != before || batch.Text(w.delta) != rows {
			t.Errorf("%+v: it was refused and changed something", c)
		}
	}
}

// take returns the rows since the last take.
func (w *world) take() batch.Delta {
	d := w.delta
	w.delta = batch.Delta{}
	return d
}

func (w *world) dump() string {
	var b strings.Builder
	w.registry.Dump(func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) })
	return b.String()
}

func (w *world) check() (broken []string) {
	w.registry.Check(w.exists, func(format string, args ...any) { broken = append(broken, fmt.Sprintf(format, args...)) })
	return broken
}

// TestARegistryFollowsFromItsRows loads a registry from what another one wrote.
func TestARegistryFollowsFromItsRows(t *testing.T) {
	w := newWorld(batch.Snapshot{}, "q")
	must := w.must(t)
	must(CreateKey{Key: batch.AccessKey{ID: "k", Role: batch.RoleReader, Sealed: []byte("never shown")}})
	must(CreateQuotaShare{Share: batch.QuotaShare{Queue: "q", Name: "s", Body: []byte(`{"a":1}`)}})
	must(MoveCursor{Name: "c", Seq: 5})
	must(CreateLogGroup{Name: "/g"})
	d := w.take()
	loaded := newWorld(batch.Snapshot{Keys: d.Keys, QuotaShares: d.QuotaShares, Cursors: d.Cursors, LogGroups: d.LogGroups}, "q")
	if loaded.dump() != w.dump() || strings.Count(w.dump(), "\n") != 4 {
		t.Errorf("loaded:\n%s\nwant:\n%s", loaded.dump(), w.dump())
	}
	if strings.Contains(w.dump(), "never shown") || strings.Contains(w.dump(), "bmV2ZXIgc2hvd24") {
		t.Error("the dump has what seals the secret of a key")
	}
}

// TestCheckFindsWhatIsBroken breaks each law and looks for it.
func TestCheckFindsWhatIsBroken(t *testing.T) {
	for name, plant := range map[string]func(*Registry){
		"a key under another id":          func(r *Registry) { r.keys["x"] = &batch.AccessKey{ID: "y", Role: batch.RoleAdmin} },
		"a key without a role":            func(r *Registry) { r.keys["x"] = &batch.AccessKey{ID: "x"} },
		"a quota share of another name":   func(r *Registry) { r.quotas[quotaName{"q", "s"}] = &batch.QuotaShare{Queue: "q", Name: "t"} },
		"a quota share of no queue":       func(r *Registry) { r.quotas[quotaName{"p", "s"}] = &batch.QuotaShare{Queue: "p", Name: "s"} },
		"a log group that nobody made":    func(r *Registry) { r.logGroups["/g"] = batch.LogGroup{Name: "/g"} },
		"a log group under another name":  func(r *Registry) { r.logGroups["/g"] = batch.LogGroup{Name: "/h", Created: true} },
		"a log group that is deleted too": func(r *Registry) { r.logGroups["/g"] = batch.LogGroup{Name: "/g", Created: true, Deleted: true} },
	} {
		w := newWorld(batch.Snapshot{}, "q")
		if plant(w.registry); len(w.check()) != 1 {
			t.Errorf("%s: Check says %q", name, w.check())
		}
	}
}

// TestTheLastAdminStays revokes keys.
func TestTheLastAdminStays(t *testing.T) {
	w := newWorld(batch.Snapshot{Keys: []batch.AccessKey{{ID: "a", Role: batch.RoleAdmin}, {ID: "b", Role: batch.RoleAdmin}, {ID: "r", Role: batch.RoleReader}}})
	must, refused := w.must(t), w.refused(t)
	refused(batch.NotFound, RevokeKey{ID: "x"})
	must(RevokeKey{ID: "r"})
	must(RevokeKey{ID: "a"})
	refused(batch.InvalidRequest, RevokeKey{ID: "b"})
	w.take()
	must(RevokeKey{ID: "a"})
	if d := w.take(); !d.Empty() {
		t.Errorf("revoking a revoked key writes %s", batch.Text(d))
	}
	refused(batch.Conflict, CreateKey{Key: batch.AccessKey{ID: "a", Role: batch.RoleReader}})
	refused(batch.InvalidRequest, CreateKey{Key: batch.AccessKey{ID: "c", Role: "king"}})
	refused(batch.InvalidRequest, CreateKey{Key: batch.AccessKey{ID: "c", Role: batch.RoleReader, Queues: []string{"q"}}})
	for i := w.registry.validKeys(""); i < maxKeys; i++ {
		must(CreateKey{Key: batch.AccessKey{ID: fmt.Sprint("key", i), Role: batch.RoleReader}})
	}
	refused(batch.InvalidRequest, CreateKey{Key: batch.AccessKey{ID: "one too many", Role: batch.RoleReader}})
}

// TestQuotaSharesGoWithTheirQueue follows the quota shares of a queue until it is deleted.
func TestQuotaSharesGoWithTheirQueue(t *testing.T) {
	w := newWorld(batch.Snapshot{}, "q")
	must, refused := w.must(t), w.refused(t)
	share := func(queue, name string) batch.QuotaShare {
		return batch.QuotaShare{Queue: queue, Name: name, Body: []byte(`{"a":1}`)}
	}
	refused(batch.NotFound, CreateQuotaShare{Share: share("p", "s")})
	refused(batch.NotFound, UpdateQuotaShare{Share: share("q", "s")})
	must(DeleteQuotaShare{Queue: "q", Name: "s"})
	must(CreateQuotaShare{Share: share("q", "s"), Tags: map[string]string{"k": "v"}})
	refused(batch.Conflict, CreateQuotaShare{Share: share("q", "s")})
	want := batch.QuotaShare{Queue: "q", Name: "s", State: batch.Disabled, CreatedAt: at, Revision: 1, Body: []byte(`{"b":2}`)}
	must(UpdateQuotaShare{Share: want})
	if err := w.apply(UpdateQuotaShare{Share: want}); !errors.Is(err, batch.ErrStale) {
		t.Errorf("the second update of a revision: %v", err)
	}
	want.Revision = 2
	if rows := w.take().QuotaShares; len(rows) != 2 || batch.Text(rows[1]) != batch.Text(want) {
		t.Errorf("made and changed by %s", batch.Text(rows))
	}
	if !w.registry.Has("job-queue/q/quota-share/s") || w.registry.Has("job-queue/q/quota-share/t") || w.registry.Has("job-queue/q") {
		t.Error("the registry does not know what it has")
	}
	for i := 1; i < batch.MaxQuotaShares; i++ {
		must(CreateQuotaShare{Share: share("q", fmt.Sprint("s", i))})
	}
	refused(batch.InvalidRequest, CreateQuotaShare{Share: share("q", "one too many")})
	w.take()
	w.registry.DropQuotaShares("q", &w.delta)
	if d := w.take(); len(d.QuotaShares) != batch.MaxQuotaShares || len(d.Tags) != batch.MaxQuotaShares || !d.QuotaShares[0].Deleted || w.dump() != "" {
		t.Errorf("with the queue go %s", batch.Text(d))
	}
}

// TestTagsAreChanged merges tags.
func TestTagsAreChanged(t *testing.T) {
	now := map[string]string{"a": "1", "b": "2"}
	tags, err := ChangeTags("job-queue/q", now, map[string]string{"b": "3", "c": "4"}, []string{"a", "c", "x"})
	if err != nil || batch.Text(tags) != `{"b":"3","c":"4"}` || batch.Text(now) != `{"a":"1","b":"2"}` {
		t.Errorf("%v, %v; what was there is %v", tags, err, now)
	}
	if tags, err := ChangeTags("job-queue/q", map[string]string{"a": "1"}, nil, []string{"a"}); err != nil || tags == nil || len(tags) != 0 {
		t.Errorf("without any: %v, %v", tags, err)
	}
	many := map[string]string{}
	for i := range maxTags {
		many[fmt.Sprint(i)] = ""
	}
	if _, err := ChangeTags("job-queue/q", many, map[string]string{"one too many": ""}, nil); err == nil {
		t.Error("more tags than allowed are accepted")
	}
}
