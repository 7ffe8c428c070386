package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// ErrNewer is wrapped by the error of opening a store that a later version wrote.
var ErrNewer = errors.New("the store was written by a newer version")

// migrate brings the schema to the newest version, one transaction for each.
func (s *session) migrate(ctx context.Context) error {
	steps := s.database.Migrations()
	version, err := s.version(ctx)
	if err != nil {
		return err
	}
	if version > len(steps) {
		return fmt.Errorf("%w: it has schema %d and this version knows schemas up to %d; use that version or a later one",
			ErrNewer, version, len(steps))
	}
	for ; version < len(steps); version++ {
		err := s.inTransaction(ctx, s.database.BeginWrite(), func(s *session) error { return s.apply(ctx, steps[version], version+1) })
		if err != nil {
			return fmt.Errorf("migrate to schema %d: %w", version+1, err)
		}
	}
	return nil
}

func (s *session) apply(ctx context.Context, statements []string, version int) error {
	for _, statement := range statements {
		if _, err := s.conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	_, err := s.exec(ctx, setSchemaVersion, version)
	return err
}

// version returns the version of the schema; 0 of a store just made.
func (s *session) version(ctx context.Context) (version int, err error) {
	tables, err := s.database.Tables(ctx, s.conn)
	if err != nil {
		return 0, err
	}
	if !slices.Contains(tables, "schema_version") {
		return 0, s.claim(ctx, tables)
	}
	found, err := s.one(ctx, schemaVersion, nil, &version)
	if err == nil && !found {
		err = fmt.Errorf("%w: its schema has no version", store.ErrCorrupt)
	}
	return version, err
}

// claim makes an empty database ours and refuses any other.
func (s *session) claim(ctx context.Context, tables []string) error {
	if len(tables) > 0 {
		return errors.New("it is a database, but not one of batchd; name another one")
	}
	return s.inTransaction(ctx, s.database.BeginWrite(), func(s *session) error {
		if _, err := s.conn.ExecContext(ctx, makeSchemaVersion); err != nil {
			return err
		}
		_, err := s.conn.ExecContext(ctx, firstSchemaVersion)
		return err
	})
}
