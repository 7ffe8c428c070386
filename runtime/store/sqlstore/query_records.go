package sqlstore

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// Records implements store.Reader.
func (s reader) Records(ctx context.Context, q store.RecordQuery) (rows []batch.Recorded, err error) {
	err = s.read(ctx, "list rows of kind "+q.Kind()+" of", func(r *session) (err error) {
		rows, err = r.records(ctx, q)
		return err
	})
	return rows, err
}

// records answers a RecordQuery. Of what has a scope there is so little that names are picked from all of it.
func (s *session) records(ctx context.Context, q store.RecordQuery) (rows []batch.Recorded, err error) {
	found := map[string]batch.Recorded{}
	scan := func(from *sql.Rows) error {
		row, err := scanRecord(from, q.New)
		found[row.Record().Name] = row
		rows = append(rows, row)
		return err
	}
	about := func(statement string) string { return strings.Replace(statement, "KIND", q.Kind(), 1) }
	switch {
	case q.Names == nil:
		err = s.each(ctx, about(listRecords), []any{q.Scope, q.After, limit(q.Limit)}, scan)
		return rows, err
	case q.Scope != "":
		err = s.each(ctx, about(listRecords), []any{q.Scope, "", limit(0)}, scan)
	default:
		err = s.eachIn(ctx, about(namedRecords), anys(q.Names), scan)
	}
	return inOrder(q.Names, func(name string) (batch.Recorded, bool) {
		row, ok := found[name]
		return row, ok
	}), err
}

// scanRecord reads a row from its columns data and body.
func scanRecord(rows *sql.Rows, fresh func() batch.Recorded) (batch.Recorded, error) {
	row := fresh()
	var data sql.RawBytes
	var body []byte
	if err := rows.Scan(&data, &body); err != nil {
		return row, err
	}
	return row, fillRecord(row, data, body)
}

// fillRecord makes row what was stored.
func fillRecord(row batch.Recorded, data, body []byte) error {
	err := unmarshal(data, row)
	if own := row.Record().Body; own != nil {
		*own = body
	}
	return err
}

// Environments implements store.Reader.
func (s reader) Environments(ctx context.Context, q store.NameQuery) ([]batch.Environment, error) {
	return recallNamed(s, q, "environments", func() ([]batch.Environment, error) { return store.Named[batch.Environment](ctx, s, q) })
}

// Policies implements store.Reader.
func (s reader) Policies(ctx context.Context, q store.NameQuery) ([]batch.Policy, error) {
	return recallNamed(s, q, "policies", func() ([]batch.Policy, error) { return store.Named[batch.Policy](ctx, s, q) })
}

// Cursors implements store.Reader.
func (s reader) Cursors(ctx context.Context) ([]batch.Cursor, error) {
	return store.Named[batch.Cursor](ctx, s, store.NameQuery{})
}

// AccessKeys implements store.Reader.
func (s reader) AccessKeys(ctx context.Context) ([]batch.AccessKey, error) {
	keys, err := store.Named[batch.AccessKey](ctx, s, store.NameQuery{})
	slices.SortFunc(keys, batch.CompareKeys)
	return keys, err
}

// AccessKey implements store.Reader.
func (s reader) AccessKey(ctx context.Context, id string) (key batch.AccessKey, found bool, err error) {
	keys, err := store.Named[batch.AccessKey](ctx, s, store.NameQuery{Names: []string{id}})
	if err != nil || len(keys) == 0 {
		return batch.AccessKey{}, false, err
	}
	return keys[0], true, nil
}
