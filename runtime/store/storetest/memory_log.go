package storetest

import (
	"context"
	"maps"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// Counts implements store.Reader.
func (m *Memory) Counts(ctx context.Context) ([batch.StatusCount]int64, error) {
	return query(ctx, m, func(t *tables) (counts [batch.StatusCount]int64) {
		for _, j := range t.counted() {
			counts[j.Status]++
		}
		return counts
	})
}

// QueueCounts implements store.Reader.
func (m *Memory) QueueCounts(ctx context.Context) (map[string][batch.StatusCount]int64, error) {
	return queryMap(ctx, m, func(t *tables) map[string][batch.StatusCount]int64 {
		counts := map[string][batch.StatusCount]int64{}
		for _, j := range t.counted() {
			of := counts[j.QueueID]
			of[j.Status]++
			counts[j.QueueID] = of
		}
		return counts
	})
}

// counted lists single jobs, multi-node jobs and the children of arrays.
func (t *tables) counted() []batch.Job {
	var all []batch.Job
	for _, id := range t.Submissions {
		j := t.Jobs[id]
		if j.Array == nil {
			all = append(all, *j)
			continue
		}
		for _, child := range t.parts(id) {
			child.QueueID = j.QueueID
			all = append(all, child)
		}
	}
	return all
}

// AccessKeys implements store.Reader.
func (m *Memory) AccessKeys(ctx context.Context) ([]batch.AccessKey, error) {
	return query(ctx, m, func(t *tables) []batch.AccessKey {
		return slices.SortedFunc(maps.Values(t.Keys), batch.CompareKeys)
	})
}

// AccessKey implements store.Reader.
func (m *Memory) AccessKey(ctx context.Context, id string) (key batch.AccessKey, found bool, err error) {
	keys, err := query(ctx, m, func(t *tables) map[string]batch.AccessKey { return pick(t.Keys, []string{id}) })
	key, found = keys[id]
	return key, found, err
}

// Transitions implements store.Reader.
func (m *Memory) Transitions(ctx context.Context, after int64, n int) ([]batch.Transition, error) {
	return query(ctx, m, func(t *tables) []batch.Transition {
		if n <= 0 {
			return nil
		}
		forgotten := t.LastTransition() - int64(len(t.Transitions))
		return first(t.Transitions[min(max(after-forgotten, 0), int64(len(t.Transitions))):], n)
	})
}

// FirstTransition implements store.Reader.
func (m *Memory) FirstTransition(ctx context.Context) (int64, error) {
	return query(ctx, m, func(t *tables) int64 {
		if len(t.Transitions) == 0 {
			return 0
		}
		return t.Transitions[0].Seq
	})
}

// Cursors implements store.Reader.
func (m *Memory) Cursors(ctx context.Context) ([]batch.Cursor, error) {
	return query(ctx, m, func(t *tables) []batch.Cursor { return sorted(t.Cursors) })
}

// PruneTransitions implements store.Keeper.
func (m *Memory) PruneTransitions(ctx context.Context, r store.Retention) (gone int64, err error) {
	if err := m.usable(ctx); err != nil {
		return 0, err
	}
	r = r.WithDefaults()
	t := m.rows
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := m.leads(); err != nil {
		return 0, err
	}
	for len(t.Transitions) > 1 && t.mayForget(r) {
		t.Transitions = t.Transitions[1:]
		gone++
	}
	return gone, nil
}

// mayForget reports whether the oldest line of the log may go.
func (t *tables) mayForget(r store.Retention) bool {
	oldest, newest := t.Transitions[0], t.Transitions[len(t.Transitions)-1]
	if int64(len(t.Transitions)) > r.Lines {
		return true
	}
	for _, c := range t.Cursors {
		if c.Seq < oldest.Seq {
			return false
		}
	}
	return newest.At.Sub(oldest.At) > r.Age
}

// PruneAudits implements store.Keeper.
func (m *Memory) PruneAudits(ctx context.Context, r store.Retention) (gone int64, err error) {
	if err := m.usable(ctx); err != nil {
		return 0, err
	}
	r = r.WithDefaults()
	t := m.rows
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := m.leads(); err != nil {
		return 0, err
	}
	for len(t.Audits) > 1 && t.Audits[len(t.Audits)-1].At.Sub(t.Audits[0].At) > r.AuditAge {
		t.Audits = t.Audits[1:]
		t.unaudited++
		gone++
	}
	return gone, nil
}

// Audits implements store.Reader. The number of a line is its place among all there ever were.
func (m *Memory) Audits(ctx context.Context, q store.AuditQuery) ([]store.AuditLine, error) {
	return query(ctx, m, func(t *tables) []store.AuditLine {
		var found []store.AuditLine
		for i, a := range slices.Backward(t.Audits) {
			line := store.AuditLine{Seq: t.unaudited + int64(i) + 1, Audit: a}
			if (q.Before <= 0 || line.Seq < q.Before) && (q.Who == "" || a.Who == q.Who) &&
				(q.Action == "" || a.Action == q.Action) && (q.Denied == nil || a.Denied == *q.Denied) {
				found = append(found, line)
			}
		}
		return first(found, q.Limit)
	})
}
