package storetest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// query runs f over the rows of m and returns a copy of what it finds.
func query[T any](ctx context.Context, m *Memory, f func(*tables) T) (T, error) {
	if err := m.usable(ctx); err != nil {
		var none T
		return none, err
	}
	m.rows.mu.RLock()
	defer m.rows.mu.RUnlock()
	return clone(f(m.rows)), nil
}

// Together implements store.Readable.
func (m *Memory) Together(ctx context.Context, f func(store.Reader) error) error {
	if err := m.usable(ctx); err != nil {
		return err
	}
	m.rows.mu.RLock()
	rows := m.rows.copied()
	m.rows.mu.RUnlock()
	r := &Memory{rows: rows}
	defer func() { _ = r.Close() }() // it never fails
	return f(r)
}

// copied returns tables of their own with the same rows, which are never changed in place.
func (t *tables) copied() *tables {
	return &tables{Rows: containers(t.Rows), unaudited: t.unaudited}
}

// queryMap is query for maps: an empty answer is a map, not nil.
func queryMap[K comparable, V any](ctx context.Context, m *Memory, f func(*tables) map[K]V) (map[K]V, error) {
	found, err := query(ctx, m, f)
	if err == nil && found == nil {
		found = map[K]V{}
	}
	return found, err
}

// Load implements store.Writer.
func (m *Memory) Load(ctx context.Context) (batch.Snapshot, error) {
	snapshot, err := query(ctx, m, func(t *tables) batch.Snapshot { return t.Snapshot() })
	if err == nil && snapshot.Revisions == nil {
		snapshot.Revisions = map[string]int32{}
	}
	return snapshot, err
}

// ordered lists all jobs that have a row by seq, then each submission before its parts by index.
func (t *tables) ordered() []batch.Job {
	rows := t.WithParts(t.Submissions)
	all := make([]batch.Job, len(rows))
	for i, j := range rows {
		all[i] = *j
	}
	return all
}

// sorted lists the values of a map by key.
func sorted[K cmp.Ordered, V any](rows map[K]V) []V {
	all := make([]V, 0, len(rows))
	for _, key := range slices.Sorted(maps.Keys(rows)) {
		all = append(all, rows[key])
	}
	return all
}

// byName answers a NameQuery over rows sorted by name.
func byName[T any](q store.NameQuery, rows []T, name func(T) string) []T {
	var all []T
	if q.Names != nil {
		for _, want := range q.Names {
			for _, row := range rows {
				if name(row) == want {
					all = append(all, row)
				}
			}
		}
		return all
	}
	for _, row := range rows {
		if name(row) > q.After {
			all = append(all, row)
		}
	}
	return first(all, q.Limit)
}

// first returns at most limit rows; 0 is no limit.
func first[T any](rows []T, limit int) []T {
	if limit > 0 && len(rows) > limit {
		return rows[:limit]
	}
	return rows
}

// Environments implements store.Reader.
func (m *Memory) Environments(ctx context.Context, q store.NameQuery) ([]batch.Environment, error) {
	return query(ctx, m, func(t *tables) []batch.Environment {
		return byName(q, sorted(t.Environments), func(e batch.Environment) string { return e.Name })
	})
}

// Queues implements store.Reader.
func (m *Memory) Queues(ctx context.Context, q store.NameQuery) ([]batch.Queue, error) {
	return query(ctx, m, func(t *tables) []batch.Queue {
		return byName(q, t.LiveQueues(), func(q batch.Queue) string { return q.Name })
	})
}

// Policies implements store.Reader.
func (m *Memory) Policies(ctx context.Context, q store.NameQuery) ([]batch.Policy, error) {
	return query(ctx, m, func(t *tables) []batch.Policy {
		return byName(q, sorted(t.Policies), func(p batch.Policy) string { return p.Name })
	})
}

// Records implements store.Reader.
func (m *Memory) Records(ctx context.Context, q store.RecordQuery) ([]batch.Recorded, error) {
	return query(ctx, m, func(t *tables) []batch.Recorded {
		rows := slices.DeleteFunc(t.Rows.Records(q.Kind()), func(row batch.Recorded) bool { return row.Record().Scope != q.Scope })
		return byName(q.NameQuery, rows, func(row batch.Recorded) string { return row.Record().Name })
	})
}

// Definitions implements store.Reader.
func (m *Memory) Definitions(ctx context.Context, q store.DefinitionQuery) ([]batch.Definition, error) {
	return query(ctx, m, func(t *tables) []batch.Definition {
		all := slices.SortedFunc(maps.Values(t.Definitions), func(a, b batch.Definition) int {
			return compareRefs(a.Ref(), b.Ref())
		})
		newest := map[string]int32{}
		for _, d := range all {
			if d.Active {
				newest[d.Name] = max(newest[d.Name], d.Revision)
			}
		}
		kept := slices.DeleteFunc(all, func(d batch.Definition) bool { return !wanted(q, d, newest[d.Name]) })
		if q.Refs != nil {
			return kept
		}
		return first(kept, q.Limit)
	})
}

func compareRefs(a, b batch.DefinitionRef) int {
	return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(b.Revision, a.Revision))
}

func wanted(q store.DefinitionQuery, d batch.Definition, newest int32) bool {
	if q.Refs != nil {
		return slices.Contains(q.Refs, d.Ref()) ||
			d.Revision == newest && slices.Contains(q.Refs, batch.DefinitionRef{Name: d.Name})
	}
	return (q.Name == "" || q.Name == d.Name) && (q.Active == nil || *q.Active == d.Active) &&
		(q.After.Name == "" || compareRefs(d.Ref(), q.After) > 0)
}

// Jobs implements store.Reader.
func (m *Memory) Jobs(ctx context.Context, ids []batch.JobID) ([]batch.Job, error) {
	return query(ctx, m, func(t *tables) []batch.Job {
		var all []batch.Job
		for _, id := range ids {
			if j := t.Job(id); j != nil {
				all = append(all, *j)
			}
		}
		return all
	})
}

// parts lists all children of an array, or all nodes of a multi-node job, with a row or without.
func (t *tables) parts(root batch.JobID) []batch.Job {
	j := t.Jobs[root]
	if j == nil {
		return nil
	}
	var all []batch.Job
	for i := range j.Size {
		all = append(all, *t.Job(root.Child(i)))
	}
	if j.Nodes != nil {
		for i := range j.Nodes.Count {
			all = append(all, *t.Job(root.Node(i)))
		}
	}
	return all
}

// Children implements store.Reader.
func (m *Memory) Children(ctx context.Context, root batch.JobID) ([]batch.Job, error) {
	return query(ctx, m, func(t *tables) (all []batch.Job) {
		for _, part := range t.Parts[root] {
			all = append(all, *part)
		}
		return all
	})
}

// ListJobs implements store.Reader.
func (m *Memory) ListJobs(ctx context.Context, q store.JobQuery) ([]batch.Job, error) {
	named := 0
	for _, name := range []string{q.Queue, string(q.Array), q.Consumable} {
		if name != "" {
			named++
		}
	}
	if named != 1 {
		return nil, errQuery
	}
	return query(ctx, m, func(t *tables) []batch.Job {
		all := t.parts(q.Array)
		if q.Array == "" {
			all = t.ordered()
		}
		if q.Descending && q.Array == "" {
			slices.Reverse(all)
		}
		return first(slices.DeleteFunc(all, func(j batch.Job) bool { return !listed(q, j, t.Jobs[j.ID.Root()].Share) }), q.Limit)
	})
}

func listed(q store.JobQuery, j batch.Job, share string) bool {
	_, index, isPart := j.ID.Part()
	switch {
	case isPart != (q.Array != ""),
		isPart && index <= q.AfterIndex,
		q.Queue != "" && j.QueueID != q.Queue,
		q.Consumable != "" && !needs(j, q.Consumable),
		!isPart && q.AfterSeq > 0 && !q.Descending && j.Seq <= q.AfterSeq,
		!isPart && q.AfterSeq > 0 && q.Descending && j.Seq >= q.AfterSeq:
		return false
	}
	definition := j.Definition.String()
	return (len(q.Statuses) == 0 || slices.Contains(q.Statuses, j.Status)) &&
		(q.CreatedBefore == 0 || j.CreatedAt < q.CreatedBefore) &&
		(q.CreatedAfter == 0 || j.CreatedAt > q.CreatedAfter) &&
		(q.Share == "" || like(share, q.Share)) &&
		(q.Name == "" || like(strings.ToLower(j.Name), strings.ToLower(q.Name))) &&
		(q.Definition == "" || like(definition, q.Definition) || strings.HasPrefix(definition, q.Definition+":"))
}

// needs reports whether j or a node of it needs a consumable resource.
func needs(j batch.Job, resource string) bool {
	is := func(n batch.Need) bool { return n.Resource == resource }
	if slices.ContainsFunc(j.Needs, is) || j.Nodes == nil {
		return slices.ContainsFunc(j.Needs, is)
	}
	return slices.ContainsFunc(j.Nodes.Ranges, func(r batch.NodeRange) bool { return slices.ContainsFunc(r.Needs, is) })
}

// like matches a whole text, or its beginning if pattern ends in "*".
func like(text, pattern string) bool {
	if start, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(text, start)
	}
	return text == pattern
}
