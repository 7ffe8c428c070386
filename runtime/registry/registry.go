package registry

import (
	"maps"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Registry is everything that is kept. One goroutine owns it.
type Registry struct {
	keys      map[string]*batch.AccessKey
	quotas    map[quotaName]*batch.QuotaShare
	cursors   map[string]int64
	logGroups map[string]batch.LogGroup
}

// Command creates, changes or deletes something that the registry keeps. It may be refused with a [*batch.Error], and then has
// changed nothing.
type Command interface {
	apply(r *Registry, in Scope) error
}

// Scope is the round in which a command is applied.
type Scope struct {
	At    batch.Time
	Delta *batch.Delta // where rows are added
	// Exists reports whether a resource, for example "job-queue/high", exists outside of the registry.
	Exists func(resource string) bool
}

func (in Scope) audit(by batch.Caller, action, resource string) {
	in.Delta.Audits = append(in.Delta.Audits, by.Audit(in.At, action, resource))
}

// Load makes a registry from rows.
func Load(s batch.Snapshot) *Registry {
	r := &Registry{
		keys:      make(map[string]*batch.AccessKey, len(s.Keys)),
		quotas:    make(map[quotaName]*batch.QuotaShare, len(s.QuotaShares)),
		cursors:   make(map[string]int64, len(s.Cursors)),
		logGroups: make(map[string]batch.LogGroup, len(s.LogGroups)),
	}
	for _, k := range s.Keys {
		r.keys[k.ID] = &k
	}
	for _, q := range s.QuotaShares {
		r.quotas[quotaName{q.Queue, q.Name}] = &q
	}
	for _, c := range s.Cursors {
		r.cursors[c.Name] = c.Seq
	}
	for _, g := range s.LogGroups {
		r.logGroups[g.Name] = g
	}
	return r
}

// Apply has a command checked and applied.
func (r *Registry) Apply(c Command, in Scope) error { return c.apply(r, in) }

// Has reports whether the registry keeps the resource: a quota share or a log group.
func (r *Registry) Has(resource string) bool {
	kind, name, _ := strings.Cut(resource, "/")
	switch kind {
	case batch.ResourceQueue:
		queue, share, _ := strings.Cut(name, quotaMark)
		return r.quotas[quotaName{queue, share}] != nil
	case batch.ResourceLogGroup:
		_, known := r.logGroup(0, name)
		return known
	default:
		return false
	}
}

// Dump writes what is kept line by line, the same for equal registries. What seals the secret of a key is left out.
func (r *Registry) Dump(line func(format string, args ...any)) {
	for _, id := range slices.Sorted(maps.Keys(r.keys)) {
		row := *r.keys[id]
		row.Sealed = nil
		line("access key %s row=%s", id, batch.Text(row))
	}
	for _, id := range slices.SortedFunc(maps.Keys(r.quotas), quotaName.compare) {
		line("quota share %s of %s row=%s", id.name, id.queue, batch.Text(r.quotas[id]))
	}
	for _, name := range slices.Sorted(maps.Keys(r.cursors)) {
		line("cursor %s at=%d", name, r.cursors[name])
	}
	for _, name := range slices.Sorted(maps.Keys(r.logGroups)) {
		line("log group %s row=%s", name, batch.Text(r.logGroups[name]))
	}
}

// Check tells fail each law that is broken. It looks at everything.
func (r *Registry) Check(exists func(resource string) bool, fail func(format string, args ...any)) {
	for id, k := range r.keys {
		if k.ID != id || !slices.Contains(batch.Roles(), k.Role) {
			fail("access key %s of role %q is kept under %s", k.ID, k.Role, id)
		}
	}
	for id, q := range r.quotas {
		if id != (quotaName{q.Queue, q.Name}) || q.Deleted {
			fail("quota share %s of job queue %s is kept under %s of %s, deleted: %t", q.Name, q.Queue, id.name, id.queue, q.Deleted)
		}
		if !exists(batch.ResourceQueue + "/" + q.Queue) {
			fail("quota share %s is of job queue %s, which does not exist", q.Name, q.Queue)
		}
	}
	for name, g := range r.logGroups {
		if g.Name != name || g.Deleted || !g.Named && !g.Created {
			fail("log group %s is kept under %s, named: %t, created: %t, deleted: %t", g.Name, name, g.Named, g.Created, g.Deleted)
		}
	}
}
