package sqlstore

import (
	"context"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// recorded is what R is, if a pointer to it is stored as a record.
type recorded[R any] interface {
	*R
	batch.Recorded
}

// about returns a statement about records of the kind of R.
func about[R any, P recorded[R]](statement string) string {
	return strings.Replace(statement, "KIND", P(new(R)).Record().Kind, 1)
}

// recordBody returns where a row has the client's own document; nil if it has none.
func recordBody[R any, P recorded[R]](row *R) *[]byte { return P(row).Record().Body }

// records reads at most n rows of one scope whose names come after another one; n 0 is no limit.
func records[R any, P recorded[R]](ctx context.Context, r *session, scope, after string, n int) (rows []R, err error) {
	err = documents(ctx, r, about[R, P](scopedRecords), &rows, recordBody[R, P], scope, after, limit(n))()
	return rows, err
}

// recordsByName answers a NameQuery about what has no scope.
func recordsByName[R any, P recorded[R]](ctx context.Context, s reader, q store.NameQuery, what string) ([]R, error) {
	return byName(ctx, s, q, what, about[R, P](namedRecords), about[R, P](listRecords), recordBody[R, P])
}

// recallRecords is recordsByName for what recent answers are about.
func recallRecords[R any, P recorded[R]](ctx context.Context, s reader, q store.NameQuery, what string) ([]R, error) {
	return recallByName(ctx, s, q, what, about[R, P](namedRecords), about[R, P](listRecords), recordBody[R, P])
}

// Environments implements store.Reader.
func (s reader) Environments(ctx context.Context, q store.NameQuery) ([]batch.Environment, error) {
	return recallRecords[batch.Environment](ctx, s, q, "list environments of")
}

// Policies implements store.Reader.
func (s reader) Policies(ctx context.Context, q store.NameQuery) ([]batch.Policy, error) {
	return recallRecords[batch.Policy](ctx, s, q, "list policies of")
}

// LogGroups implements store.Reader.
func (s reader) LogGroups(ctx context.Context, q store.NameQuery) ([]batch.LogGroup, error) {
	return recordsByName[batch.LogGroup](ctx, s, q, "list log groups of")
}

// Consumables implements store.Reader.
func (s reader) Consumables(ctx context.Context, q store.NameQuery) ([]batch.Consumable, error) {
	return recordsByName[batch.Consumable](ctx, s, q, "list consumables of")
}

// Cursors implements store.Reader.
func (s reader) Cursors(ctx context.Context) ([]batch.Cursor, error) {
	return recordsByName[batch.Cursor](ctx, s, store.NameQuery{}, "read cursors from")
}

// AccessKeys implements store.Reader.
func (s reader) AccessKeys(ctx context.Context) ([]batch.AccessKey, error) {
	keys, err := recordsByName[batch.AccessKey](ctx, s, store.NameQuery{}, "list access keys of")
	slices.SortFunc(keys, batch.CompareKeys)
	return keys, err
}

// AccessKey implements store.Reader.
func (s reader) AccessKey(ctx context.Context, id string) (key batch.AccessKey, found bool, err error) {
	keys, err := recordsByName[batch.AccessKey](ctx, s, store.NameQuery{Names: []string{id}}, "read an access key from")
	if err != nil || len(keys) == 0 {
		return batch.AccessKey{}, false, err
	}
	return keys[0], true, nil
}

// History implements store.Reader.
func (s reader) History(ctx context.Context, names []string) (map[string]batch.History, error) {
	all := map[string]batch.History{}
	if len(names) == 0 {
		return all, nil
	}
	found, err := recordsByName[batch.History](ctx, s, store.NameQuery{Names: names}, "read histories from")
	for _, h := range found {
		all[h.Definition] = h
	}
	return all, err
}

// QuotaShares implements store.Reader. A queue has so few that they are picked from all of it.
func (s reader) QuotaShares(ctx context.Context, queue string, q store.NameQuery) (shares []batch.QuotaShare, err error) {
	if q.Names != nil {
		q.After, q.Limit = "", 0
	}
	err = s.read(ctx, "list quota shares of", func(r *session) (err error) {
		shares, err = records[batch.QuotaShare](ctx, r, queue, q.After, q.Limit)
		return err
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
