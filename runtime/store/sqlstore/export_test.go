package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore/sqlite"
)

// LimitPages bounds the size of the file, as a full disk would.
func LimitPages(t *testing.T, s *Store, pages int) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.writer.each(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages), nil, func(*sql.Rows) error { return nil }); err != nil {
		t.Fatal(err)
	}
}

// Schemas is how many versions of the schema there have been.
var Schemas = len(sqlite.New("").Migrations())

// older is a database as an earlier version of the schema knew it.
type older struct {
	Database
	version int
}

func (d older) Migrations() [][]string { return d.Database.Migrations()[:d.version] }

// MakeSchema makes an empty store of an earlier version of the schema.
func MakeSchema(t *testing.T, path string, version int) {
	t.Helper()
	database := older{sqlite.New(path), version}
	db, err := database.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s, err := openSession(t.Context(), db, database, database.Writer)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.migrate(t.Context()), s.close(), db.Close()); err != nil {
		t.Fatal(err)
	}
}

// Inserts returns a statement for each row of s that makes it again.
func Inserts(t *testing.T, s *Store) (statements []string) {
	t.Helper()
	s.mu.Lock() // the upkeep of s writes, too
	defer s.mu.Unlock()
	var tables []string
	text := func(into *[]string) func(*sql.Rows) error {
		return func(rows *sql.Rows) error {
			var line string
			err := rows.Scan(&line)
			*into = append(*into, line)
			return err
		}
	}
	err := s.writer.each(t.Context(), "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('schema_version', 'writer') ORDER BY name", nil, text(&tables))
	for _, table := range tables {
		var columns []string
		err = errors.Join(err, s.writer.each(t.Context(), "SELECT name FROM pragma_table_info('"+table+"')", nil, text(&columns)))
		values := "quote(" + strings.Join(columns, ") || ', ' || quote(") + ")"
		query := "SELECT 'INSERT INTO " + table + " VALUES (' || " + values + " || ')' FROM " + table
		err = errors.Join(err, s.writer.each(t.Context(), query, nil, text(&statements)))
	}
	if err != nil {
		t.Fatal(err)
	}
	return statements
}

// Untidy is the database in a file, without upkeep. When two stores are open on one file, the upkeep of each would be to the other
// what another program writes.
func Untidy(path string) Database { return untidy{sqlite.New(path)} }

type untidy struct{ Database }

func (untidy) Tidy(context.Context, *sql.DB, func(func() error) error) error { return nil }
