package storetest

import (
	"cmp"
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
	for id, j := range t.jobs {
		switch _, _, isPart := id.Part(); {
		case isPart:
		case j.Array != nil:
			for _, child := range t.parts(id) {
				child.QueueID = j.QueueID
				all = append(all, child)
			}
		default:
			all = append(all, j)
		}
	}
	return all
}

// QuotaShares implements store.Reader.
func (m *Memory) QuotaShares(ctx context.Context, queue string, q store.NameQuery) ([]batch.QuotaShare, error) {
	return query(ctx, m, func(t *tables) []batch.QuotaShare {
		return byName(q, sorted(t.quotaShares[queue], nil), func(s batch.QuotaShare) string { return s.Name })
	})
}

func (t *tables) accessKeys() []batch.AccessKey {
	return slices.SortedFunc(maps.Values(t.keys), func(a, b batch.AccessKey) int {
		return cmp.Or(cmp.Compare(a.CreatedAt, b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
}

// AccessKeys implements store.Reader.
func (m *Memory) AccessKeys(ctx context.Context) ([]batch.AccessKey, error) {
	return query(ctx, m, (*tables).accessKeys)
}

// AccessKey implements store.Reader.
func (m *Memory) AccessKey(ctx context.Context, id string) (key batch.AccessKey, found bool, err error) {
	keys, err := query(ctx, m, func(t *tables) map[string]batch.AccessKey { return pick(t.keys, []string{id}) })
	key, found = keys[id]
	return key, found, err
}

// lastLine is the number of the newest line of the transition log.
func (t *tables) lastLine() int64 { return t.forgotten + int64(len(t.transitions)) }

// Transitions implements store.Reader.
func (m *Memory) Transitions(ctx context.Context, after int64, n int) ([]batch.Transition, error) {
	return query(ctx, m, func(t *tables) []batch.Transition {
		after := min(max(after-t.forgotten, 0), int64(len(t.transitions)))
		if n <= 0 {
			return nil
		}
		return first(t.transitions[after:], n)
	})
}

// FirstTransition implements store.Reader.
func (m *Memory) FirstTransition(ctx context.Context) (int64, error) {
	return query(ctx, m, func(t *tables) int64 {
		if len(t.transitions) == 0 {
			return 0
		}
		return t.transitions[0].Seq
	})
}

// Cursors implements store.Reader.
func (m *Memory) Cursors(ctx context.Context) ([]batch.Cursor, error) {
	return query(ctx, m, func(t *tables) []batch.Cursor { return sorted(t.cursors, nil) })
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
	for len(t.transitions) > 1 && t.mayForget(r) {
		t.transitions = t.transitions[1:]
		t.forgotten++
		gone++
	}
	return gone, nil
}

// mayForget reports whether the oldest line of the log may go.
func (t *tables) mayForget(r store.Retention) bool {
	oldest, newest := t.transitions[0], t.transitions[len(t.transitions)-1]
	if int64(len(t.transitions)) > r.Lines {
		return true
	}
	for _, c := range t.cursors {
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
	for len(t.audits) > 1 && t.audits[len(t.audits)-1].At.Sub(t.audits[0].At) > r.AuditAge {
		t.audits = t.audits[1:]
		t.unaudited++
		gone++
	}
	return gone, nil
}

// Audits implements store.Reader. The number of a line is its place among all there ever were.
func (m *Memory) Audits(ctx context.Context, q store.AuditQuery) ([]store.AuditLine, error) {
	return query(ctx, m, func(t *tables) []store.AuditLine {
		var found []store.AuditLine
		for i, a := range slices.Backward(t.audits) {
			line := store.AuditLine{Seq: t.unaudited + int64(i) + 1, Audit: a}
			if (q.Before <= 0 || line.Seq < q.Before) && (q.Who == "" || a.Who == q.Who) &&
				(q.Action == "" || a.Action == q.Action) && (q.Denied == nil || a.Denied == *q.Denied) {
				found = append(found, line)
			}
		}
		return first(found, q.Limit)
	})
}
