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
	return &tables{
		environments: maps.Clone(t.environments), queues: maps.Clone(t.queues), hosts: maps.Clone(t.hosts),
		policies: maps.Clone(t.policies), consumables: maps.Clone(t.consumables), logGroups: maps.Clone(t.logGroups), shares: copiedInside(t.shares),
		histories: maps.Clone(t.histories), definitions: maps.Clone(t.definitions), specs: maps.Clone(t.specs),
		points: copiedInside(t.points), pointKeys: maps.Clone(t.pointKeys), jobs: maps.Clone(t.jobs), attempts: copiedInside(t.attempts),
		results: maps.Clone(t.results), tags: maps.Clone(t.tags), keys: maps.Clone(t.keys),
		quotaShares: copiedInside(t.quotaShares), cursors: maps.Clone(t.cursors), bySeq: maps.Clone(t.bySeq),
		transitions: slices.Clone(t.transitions), forgotten: t.forgotten, audits: slices.Clone(t.audits), unaudited: t.unaudited,
	}
}

func copiedInside[K, I comparable, V any](all map[K]map[I]V) map[K]map[I]V {
	copied := maps.Clone(all)
	for k, inside := range copied {
		copied[k] = maps.Clone(inside)
	}
	return copied
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
	snapshot, err := query(ctx, m, (*tables).snapshot)
	if err == nil && snapshot.Revisions == nil {
		snapshot.Revisions = map[string]int32{}
	}
	return snapshot, err
}

func (t *tables) snapshot() batch.Snapshot {
	s := batch.Snapshot{Revisions: map[string]int32{}, LastTransition: t.lastLine()}
	s.Environments = sorted(t.environments, nil)
	s.Queues = t.liveQueues()
	s.Hosts = sorted(t.hosts, nil)
	s.Policies = sorted(t.policies, nil)
	s.Consumables = sorted(t.consumables, nil)
	s.LogGroups = sorted(t.logGroups, nil)
	s.Histories = sorted(t.histories, nil)
	for _, queue := range slices.Sorted(maps.Keys(t.shares)) {
		if q, ok := t.queues[queue]; ok && q.Health != batch.Deleted {
			s.Shares = append(s.Shares, sorted(t.shares[queue], nil)...)
		}
	}
	s.Keys = t.accessKeys()
	for _, queue := range slices.Sorted(maps.Keys(t.quotaShares)) {
		s.QuotaShares = append(s.QuotaShares, sorted(t.quotaShares[queue], nil)...)
	}
	s.Cursors = sorted(t.cursors, nil)
	for ref := range t.definitions {
		s.Revisions[ref.Name] = max(s.Revisions[ref.Name], ref.Revision)
	}
	for _, j := range t.ordered() {
		s.LastSeq = max(s.LastSeq, j.Seq)
		root, index, isPart := j.ID.Part()
		switch {
		case !j.Status.Terminal():
			s.Jobs = append(s.Jobs, j)
			if keys, ok := t.pointKeys[j.ID]; ok && !isPart {
				s.PointKeys = append(s.PointKeys, batch.PointKeys{Job: j.ID, Keys: keys})
			}
		case isPart && !t.jobs[root].Status.Terminal():
			s.Ended = append(s.Ended, batch.EndedChild{Array: root, Index: index, Status: j.Status})
		}
	}
	return s
}

// ordered lists all jobs that have a row by seq, then each submission before its parts by index.
func (t *tables) ordered() []batch.Job {
	return slices.SortedFunc(maps.Values(t.jobs), inSubmissionOrder)
}

func inSubmissionOrder(a, b batch.Job) int {
	place := func(j *batch.Job) int32 {
		if _, index, isPart := j.ID.Part(); isPart {
			return index
		}
		return -1
	}
	return cmp.Or(cmp.Compare(a.Seq, b.Seq), cmp.Compare(place(&a), place(&b)))
}

// sorted lists the values of a map by key, those that keep wants.
func sorted[K cmp.Ordered, V any](rows map[K]V, keep func(V) bool) []V {
	var all []V
	for _, key := range slices.Sorted(maps.Keys(rows)) {
		if keep == nil || keep(rows[key]) {
			all = append(all, rows[key])
		}
	}
	return all
}

func (t *tables) liveQueues() []batch.Queue {
	live := sorted(t.queues, func(q batch.Queue) bool { return q.Health != batch.Deleted })
	slices.SortFunc(live, func(a, b batch.Queue) int { return cmp.Compare(a.Name, b.Name) })
	return live
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
		return byName(q, sorted(t.environments, nil), func(e batch.Environment) string { return e.Name })
	})
}

// Queues implements store.Reader.
func (m *Memory) Queues(ctx context.Context, q store.NameQuery) ([]batch.Queue, error) {
	return query(ctx, m, func(t *tables) []batch.Queue {
		return byName(q, t.liveQueues(), func(q batch.Queue) string { return q.Name })
	})
}

// Policies implements store.Reader.
func (m *Memory) Policies(ctx context.Context, q store.NameQuery) ([]batch.Policy, error) {
	return query(ctx, m, func(t *tables) []batch.Policy {
		return byName(q, sorted(t.policies, nil), func(p batch.Policy) string { return p.Name })
	})
}

// LogGroups implements store.Reader.
func (m *Memory) LogGroups(ctx context.Context, q store.NameQuery) ([]batch.LogGroup, error) {
	return query(ctx, m, func(t *tables) []batch.LogGroup {
		return byName(q, sorted(t.logGroups, nil), func(g batch.LogGroup) string { return g.Name })
	})
}

// Consumables implements store.Reader.
func (m *Memory) Consumables(ctx context.Context, q store.NameQuery) ([]batch.Consumable, error) {
	return query(ctx, m, func(t *tables) []batch.Consumable {
		return byName(q, sorted(t.consumables, nil), func(r batch.Consumable) string { return r.Name })
	})
}

// Definitions implements store.Reader.
func (m *Memory) Definitions(ctx context.Context, q store.DefinitionQuery) ([]batch.Definition, error) {
	return query(ctx, m, func(t *tables) []batch.Definition {
		all := slices.SortedFunc(maps.Values(t.definitions), func(a, b batch.Definition) int {
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

// job returns a job, or what its array or multi-node job says of it.
func (t *tables) job(id batch.JobID) (batch.Job, bool) {
	if j, ok := t.jobs[id]; ok {
		return j, true
	}
	if array, index, ok := id.Split(); ok {
		j := t.jobs[array]
		if j.Array == nil || index >= j.Size {
			return batch.Job{}, false
		}
		return j.Synthesise(index), true
	}
	multi, index, ok := id.SplitNode()
	j := t.jobs[multi]
	if !ok || j.Nodes == nil || index >= j.Nodes.Count {
		return batch.Job{}, false
	}
	return j.SynthesiseNode(index), true
}

// Jobs implements store.Reader.
func (m *Memory) Jobs(ctx context.Context, ids []batch.JobID) ([]batch.Job, error) {
	return query(ctx, m, func(t *tables) []batch.Job {
		var all []batch.Job
		for _, id := range ids {
			if j, ok := t.job(id); ok {
				all = append(all, j)
			}
		}
		return all
	})
}

// parts lists all children of an array, or all nodes of a multi-node job, with a row or without.
func (t *tables) parts(root batch.JobID) []batch.Job {
	var all []batch.Job
	for i := range t.jobs[root].Size {
		if child, ok := t.job(root.Child(i)); ok {
			all = append(all, child)
		}
	}
	if nodes := t.jobs[root].Nodes; nodes != nil {
		for i := range nodes.Count {
			if node, ok := t.job(root.Node(i)); ok {
				all = append(all, node)
			}
		}
	}
	return all
}

// Children implements store.Reader.
func (m *Memory) Children(ctx context.Context, root batch.JobID) ([]batch.Job, error) {
	return query(ctx, m, func(t *tables) []batch.Job {
		return slices.DeleteFunc(t.ordered(), func(j batch.Job) bool {
			of, _, isPart := j.ID.Part()
			return !isPart || of != root
		})
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
		return first(slices.DeleteFunc(all, func(j batch.Job) bool { return !listed(q, j, t.jobs[j.ID.Root()].Share) }), q.Limit)
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
