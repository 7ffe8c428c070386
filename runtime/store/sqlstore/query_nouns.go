package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"math"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// Environments implements store.Reader.
func (s *Store) Environments(ctx context.Context, q store.NameQuery) ([]batch.Environment, error) {
	return byName(ctx, s, q, "list environments of", namedEnvironments, listEnvironments, environmentBody)
}

// Queues implements store.Reader. Those that are DELETED are left out.
func (s *Store) Queues(ctx context.Context, q store.NameQuery) ([]batch.Queue, error) {
	return byName(ctx, s, q, "list queues of", namedQueues, listQueues, queueBody)
}

// Policies implements store.Reader.
func (s *Store) Policies(ctx context.Context, q store.NameQuery) ([]batch.Policy, error) {
	return byName(ctx, s, q, "list policies of", namedPolicies, listPolicies, policyBody)
}

// Consumables implements store.Reader.
func (s *Store) Consumables(ctx context.Context, q store.NameQuery) ([]batch.Consumable, error) {
	return byName[batch.Consumable](ctx, s, q, "list consumables of", namedConsumables, listConsumables, nil)
}

// byName answers a NameQuery: by one statement if it has names, else by the other.
func byName[T any](ctx context.Context, s *Store, q store.NameQuery, what, named, list string, body func(*T) *[]byte) ([]T, error) {
	var all []T
	found := map[string]int{}
	scan := func(rows *sql.Rows) error {
		var name string
		row, err := scanDocument(rows, body, &name)
		found[name] = len(all)
		all = append(all, row)
		return err
	}
	err := s.read(ctx, what, func(r *session) error {
		all = nil
		if q.Names == nil {
			return r.each(ctx, list, []any{q.After, limit(q.Limit)}, scan)
		}
		return r.eachIn(ctx, named, anys(q.Names), scan)
	})
	if err != nil {
		return nil, err
	}
	if q.Names == nil {
		return all, nil
	}
	return inOrder(q.Names, func(name string) (T, bool) {
		at, ok := found[name]
		if !ok {
			var none T
			return none, false
		}
		return all[at], true
	}), nil
}

// inOrder returns what there is for each key, in the order of the keys.
func inOrder[K, T any](keys []K, get func(K) (T, bool)) []T {
	rows := make([]T, 0, len(keys))
	for _, k := range keys {
		if row, ok := get(k); ok {
			rows = append(rows, row)
		}
	}
	return rows
}

// anys makes arguments of texts.
func anys[T ~string](texts []T) []any {
	all := make([]any, len(texts))
	for i, t := range texts {
		all[i] = string(t)
	}
	return all
}

// limit is the LIMIT of a query; 0 is none.
func limit(n int) int64 {
	if n <= 0 {
		return math.MaxInt64
	}
	return int64(n)
}

// Definitions implements store.Reader.
func (s *Store) Definitions(ctx context.Context, q store.DefinitionQuery) (definitions []batch.Definition, err error) {
	err = s.read(ctx, "list definitions of", func(r *session) error {
		definitions = nil
		scan := func(rows *sql.Rows) error {
			d, err := scanDocument(rows, definitionBody)
			definitions = append(definitions, d)
			return err
		}
		if q.Refs == nil {
			low, high := int64(0), int64(1)
			if q.Active != nil {
				low, high = bit(*q.Active), bit(*q.Active)
			}
			return r.each(ctx, listDefinitions, []any{
				q.Name, q.Name, low, high,
				q.After.Name, q.After.Name, q.After.Revision, limit(q.Limit),
			}, scan)
		}
		for _, ref := range q.Refs {
			query, args := oneDefinition, []any{ref.Name, ref.Revision}
			if ref.Revision == 0 {
				query, args = newestDefinition, args[:1]
			}
			if err := r.each(ctx, query, args, scan); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || q.Refs == nil {
		return definitions, err
	}
	slices.SortFunc(definitions, func(a, b batch.Definition) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(b.Revision, a.Revision))
	})
	return slices.CompactFunc(definitions, func(a, b batch.Definition) bool { return a.Ref() == b.Ref() }), nil
}

// History implements store.Reader.
func (s *Store) History(ctx context.Context, names []string) (map[string]batch.History, error) {
	all := map[string]batch.History{}
	err := s.read(ctx, "read histories from", func(r *session) error {
		return r.eachIn(ctx, namedHistories, anys(names), func(rows *sql.Rows) error {
			history, err := scanDocument[batch.History](rows, nil)
			all[history.Definition] = history
			return err
		})
	})
	return all, err
}

// Tags implements store.Reader.
func (s *Store) Tags(ctx context.Context, resources []string) (map[string]map[string]string, error) {
	all := map[string]map[string]string{}
	err := s.read(ctx, "read tags from", func(r *session) error {
		return r.eachIn(ctx, tagsOfResources, anys(resources), func(rows *sql.Rows) error {
			tags, err := scanDocument[batch.Tags](rows, nil)
			all[tags.Resource] = tags.Values
			return err
		})
	})
	return all, err
}

// Transitions implements store.Reader.
func (s *Store) Transitions(ctx context.Context, after int64, n int) (lines []batch.Transition, err error) {
	if n <= 0 {
		return nil, nil
	}
	err = s.read(ctx, "read transitions from", func(r *session) error {
		lines = nil
		return r.each(ctx, linesAfter, []any{after + 1}, func(rows *sql.Rows) error {
			var first int64
			var count int
			var data sql.RawBytes
			if err := rows.Scan(&first, &count, &data); err != nil {
				return err
			}
			from := len(lines)
			var err error
			if lines, err = unpackLines(lines, first, count, data); err != nil {
				return err
			}
			if skip := after + 1 - first; skip > 0 {
				lines = slices.Delete(lines, from, from+int(min(skip, int64(count))))
			}
			if len(lines) >= n {
				lines = lines[:n]
				return errEnough
			}
			return nil
		})
	})
	return lines, err
}

// Audits implements store.Reader.
func (s *Store) Audits(ctx context.Context, n int) (lines []batch.Audit, err error) {
	err = s.read(ctx, "read audits from", func(r *session) error {
		lines = nil
		return r.each(ctx, newestAudits, []any{max(n, 0)}, func(rows *sql.Rows) error {
			line, err := scanDocument[batch.Audit](rows, nil)
			lines = append(lines, line)
			return err
		})
	})
	return lines, err
}
