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

// Specs implements store.Reader.
func (m *Memory) Specs(ctx context.Context, roots []batch.JobID) (map[batch.JobID]batch.Spec, error) {
	return queryMap(ctx, m, func(t *tables) map[batch.JobID]batch.Spec { return pick(t.specs, roots) })
}

// Points implements store.Reader.
func (m *Memory) Points(ctx context.Context, array batch.JobID, from int32, n int) ([]map[string]string, error) {
	return query(ctx, m, func(t *tables) []map[string]string {
		var all []map[string]string
		for i := from; n > 0; i, n = i+1, n-1 {
			point, ok := t.points[array][i]
			if !ok {
				break
			}
			all = append(all, point)
		}
		return all
	})
}

// PointKeys implements store.Reader.
func (m *Memory) PointKeys(ctx context.Context, roots []batch.JobID) (map[batch.JobID][]byte, error) {
	return queryMap(ctx, m, func(t *tables) map[batch.JobID][]byte { return pick(t.pointKeys, roots) })
}

// Attempts implements store.Reader.
func (m *Memory) Attempts(ctx context.Context, jobs []batch.JobID) (map[batch.JobID][]batch.Attempt, error) {
	return queryMap(ctx, m, func(t *tables) map[batch.JobID][]batch.Attempt {
		found := map[batch.JobID][]batch.Attempt{}
		for id, attempts := range pick(t.attempts, jobs) {
			found[id] = sorted(attempts, nil)
		}
		return found
	})
}

// Results implements store.Reader.
func (m *Memory) Results(ctx context.Context, attempts []batch.AttemptID) (map[batch.AttemptID][]byte, error) {
	return queryMap(ctx, m, func(t *tables) map[batch.AttemptID][]byte { return pick(t.results, attempts) })
}

// History implements store.Reader.
func (m *Memory) History(ctx context.Context, names []string) (map[string]batch.History, error) {
	return queryMap(ctx, m, func(t *tables) map[string]batch.History { return pick(t.histories, names) })
}

// Tags implements store.Reader.
func (m *Memory) Tags(ctx context.Context, resources []string) (map[string]map[string]string, error) {
	return queryMap(ctx, m, func(t *tables) map[string]map[string]string { return pick(t.tags, resources) })
}

// JobByToken implements store.Reader.
func (m *Memory) JobByToken(ctx context.Context, token string) (id batch.JobID, found bool, err error) {
	id, err = query(ctx, m, func(t *tables) (id batch.JobID) {
		for _, j := range t.ordered() {
			if _, _, isPart := j.ID.Part(); !isPart && token != "" && j.Token == token {
				id = j.ID
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
