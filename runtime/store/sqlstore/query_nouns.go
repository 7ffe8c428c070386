package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"math"
	"slices"
	"strconv"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// Queues implements store.Reader. Those that are DELETED are left out.
func (s reader) Queues(ctx context.Context, q store.NameQuery) ([]batch.Queue, error) {
	return recallNamed(s, q, "queues", func() ([]batch.Queue, error) { return s.queuesByName(ctx, q) })
}

// recallNamed recalls the answer to a NameQuery about nouns, or has it read.
func recallNamed[T any](s reader, q store.NameQuery, nouns string, read func() ([]T, error)) ([]T, error) {
	asked := question{what: "list " + nouns, keys: q.After, limit: q.Limit}
	if q.Names != nil {
		asked = question{what: nouns, keys: joined(q.Names)}
	}
	return recall(s, asked, func() ([]T, int, error) {
		rows, err := read()
		return rows, len(rows), err
	})
}

// queuesByName answers a NameQuery: by one statement if it has names, else by another.
func (s reader) queuesByName(ctx context.Context, q store.NameQuery) (queues []batch.Queue, err error) {
	found := map[string]batch.Queue{}
	scan := func(rows *sql.Rows) error {
		row, err := scanDocument(rows, queueBody)
		found[row.Name] = row
		queues = append(queues, row)
		return err
	}
	err = s.read(ctx, "list queues of", func(r *session) error {
		queues = nil
		if q.Names == nil {
			return r.each(ctx, listQueues, []any{q.After, limit(q.Limit)}, scan)
		}
		return r.eachIn(ctx, namedQueues, anys(q.Names), scan)
	})
	if err != nil || q.Names == nil {
		return queues, err
	}
	return inOrder(q.Names, func(name string) (batch.Queue, bool) {
		row, ok := found[name]
		return row, ok
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
func (s reader) Definitions(ctx context.Context, q store.DefinitionQuery) ([]batch.Definition, error) {
	if q.Refs == nil {
		return s.definitions(ctx, q)
	}
	refs := make([]string, 0, 2*len(q.Refs))
	for _, ref := range q.Refs {
		refs = append(refs, ref.Name, strconv.Itoa(int(ref.Revision)))
	}
	return recall(s, question{what: oneDefinition, keys: joined(refs)}, func() ([]batch.Definition, int, error) {
		found, err := s.definitions(ctx, q)
		return found, len(found), err
	})
}

func (s reader) definitions(ctx context.Context, q store.DefinitionQuery) (definitions []batch.Definition, err error) {
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

// Tags implements store.Reader.
func (s reader) Tags(ctx context.Context, resources []string) (map[string]map[string]string, error) {
	if slices.ContainsFunc(resources, isJob) {
		return s.tags(ctx, resources)
	}
	return recall(s, question{what: tagsOfResources, keys: joined(resources)}, func() (map[string]map[string]string, int, error) {
		all, err := s.tags(ctx, resources)
		return all, len(all), err
	})
}

func (s reader) tags(ctx context.Context, resources []string) (map[string]map[string]string, error) {
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
