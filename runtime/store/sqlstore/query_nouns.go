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

// Environments implements store.Reader.
func (s reader) Environments(ctx context.Context, q store.NameQuery) ([]batch.Environment, error) {
	return recallByName(ctx, s, q, "list environments of", namedEnvironments, listEnvironments, environmentBody)
}

// Queues implements store.Reader. Those that are DELETED are left out.
func (s reader) Queues(ctx context.Context, q store.NameQuery) ([]batch.Queue, error) {
	return recallByName(ctx, s, q, "list queues of", namedQueues, listQueues, queueBody)
}

// Policies implements store.Reader.
func (s reader) Policies(ctx context.Context, q store.NameQuery) ([]batch.Policy, error) {
	return recallByName(ctx, s, q, "list policies of", namedPolicies, listPolicies, policyBody)
}

// LogGroups implements store.Reader.
func (s reader) LogGroups(ctx context.Context, q store.NameQuery) ([]batch.LogGroup, error) {
	return byName[batch.LogGroup](ctx, s, q, "list log groups of", namedLogGroups, listLogGroups, nil)
}

// Consumables implements store.Reader.
func (s reader) Consumables(ctx context.Context, q store.NameQuery) ([]batch.Consumable, error) {
	return byName[batch.Consumable](ctx, s, q, "list consumables of", namedConsumables, listConsumables, nil)
}

// recallByName is byName for what recent answers are about.
func recallByName[T any](ctx context.Context, s reader, q store.NameQuery, what, named, list string, body func(*T) *[]byte) ([]T, error) {
	asked := question{what: what, keys: q.After, limit: q.Limit}
	if q.Names != nil {
		asked = question{what: named, keys: joined(q.Names)}
	}
	return recall(s, asked, func() ([]T, int, error) {
		rows, err := byName(ctx, s, q, what, named, list, body)
		return rows, len(rows), err
	})
}

// byName answers a NameQuery: by one statement if it has names, else by the other.
func byName[T any](ctx context.Context, s reader, q store.NameQuery, what, named, list string, body func(*T) *[]byte) ([]T, error) {
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

// QuotaShares implements store.Reader. A queue has so few that they are picked from all of it.
func (s reader) QuotaShares(ctx context.Context, queue string, q store.NameQuery) (shares []batch.QuotaShare, err error) {
	args := []any{queue, q.After, limit(q.Limit)}
	if q.Names != nil {
		args = []any{queue, "", limit(0)}
	}
	err = s.read(ctx, "list quota shares of", func(r *session) error {
		shares = nil
		return documents(ctx, r, listQuotaShares, &shares, quotaShareBody, args...)()
	})
	if err != nil || q.Names == nil {
		return shares, err
	}
	return inOrder(q.Names, func(name string) (batch.QuotaShare, bool) {
		at := slices.IndexFunc(shares, func(s batch.QuotaShare) bool { return s.Name == name })
		if at < 0 {
			return batch.QuotaShare{}, false
		}
		return shares[at], true
	}), nil
}

// AccessKeys implements store.Reader.
func (s reader) AccessKeys(ctx context.Context) (keys []batch.AccessKey, err error) {
	err = s.read(ctx, "list access keys of", func(r *session) error {
		keys = nil
		return documents[batch.AccessKey](ctx, r, loadKeys, &keys, nil)()
	})
	return keys, err
}

// AccessKey implements store.Reader.
func (s reader) AccessKey(ctx context.Context, id string) (key batch.AccessKey, found bool, err error) {
	var keys []batch.AccessKey
	err = s.read(ctx, "read an access key from", func(r *session) error {
		return documents[batch.AccessKey](ctx, r, oneKey, &keys, nil, id)()
	})
	if err != nil || len(keys) == 0 {
		return batch.AccessKey{}, false, err
	}
	return keys[0], true, nil
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

// History implements store.Reader.
func (s reader) History(ctx context.Context, names []string) (map[string]batch.History, error) {
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
