package storetest

import (
	"context"
	"errors"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

var errQuery = errors.New("memory store: list jobs: a query must name either a queue, an array or a consumable resource")

// pick returns those rows whose keys are asked for.
func pick[K comparable, V any](rows map[K]V, keys []K) map[K]V {
	found := map[K]V{}
	for _, key := range keys {
		if row, ok := rows[key]; ok {
			found[key] = row
		}
	}
	return found
}

// values returns what of each row is asked for.
func values[K comparable, R, V any](rows map[K]R, value func(R) V) map[K]V {
	all := make(map[K]V, len(rows))
	for key, row := range rows {
		all[key] = value(row)
	}
	return all
}

// Specs implements store.Reader.
func (m *Memory) Specs(ctx context.Context, roots []batch.JobID) (map[batch.JobID]batch.Spec, error) {
	return queryMap(ctx, m, func(t *tables) map[batch.JobID]batch.Spec { return pick(t.Specs, roots) })
}

// Points implements store.Reader.
func (m *Memory) Points(ctx context.Context, array batch.JobID, from int32, n int) ([]map[string]string, error) {
	return query(ctx, m, func(t *tables) []map[string]string {
		all := t.Points[array]
		from := min(int(from), len(all))
		return all[from:min(from+max(n, 0), len(all))]
	})
}

// PointKeys implements store.Reader.
func (m *Memory) PointKeys(ctx context.Context, roots []batch.JobID) (map[batch.JobID][]byte, error) {
	return queryMap(ctx, m, func(t *tables) map[batch.JobID][]byte {
		return values(pick(t.PointKeys, roots), func(k batch.PointKeys) []byte { return k.Keys })
	})
}

// Attempts implements store.Reader.
func (m *Memory) Attempts(ctx context.Context, jobs []batch.JobID) (map[batch.JobID][]batch.Attempt, error) {
	return queryMap(ctx, m, func(t *tables) map[batch.JobID][]batch.Attempt { return pick(t.Attempts, jobs) })
}

// Results implements store.Reader.
func (m *Memory) Results(ctx context.Context, attempts []batch.AttemptID) (map[batch.AttemptID][]byte, error) {
	return queryMap(ctx, m, func(t *tables) map[batch.AttemptID][]byte {
		return values(pick(t.Results, attempts), func(r batch.Result) []byte { return r.Body })
	})
}

// Tags implements store.Reader.
func (m *Memory) Tags(ctx context.Context, resources []string) (map[string]map[string]string, error) {
	return queryMap(ctx, m, func(t *tables) map[string]map[string]string {
		return values(pick(t.Tags, resources), func(t batch.Tags) map[string]string { return t.Values })
	})
}

// JobByToken implements store.Reader.
func (m *Memory) JobByToken(ctx context.Context, token string) (id batch.JobID, found bool, err error) {
	id, err = query(ctx, m, func(t *tables) (id batch.JobID) {
		for _, submission := range t.Submissions {
			if token != "" && t.Jobs[submission].Token == token {
				id = submission
			}
		}
		return id
	})
	return id, id != "", err
}

// Succeeded implements store.Reader.
func (m *Memory) Succeeded(ctx context.Context, q store.SucceededQuery) (map[string]batch.Job, error) {
	return queryMap(ctx, m, func(t *tables) map[string]batch.Job {
		found := map[string]batch.Job{}
		for _, j := range t.ordered() {
			if j.Status == batch.Succeeded && j.ContentKey != "" && slices.Contains(q.Keys, j.ContentKey) && batch.MatchesQueue(q.Queues, j.QueueName) {
				found[j.ContentKey] = j
			}
		}
		return found
	})
}
