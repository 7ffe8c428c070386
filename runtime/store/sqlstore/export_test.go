package sqlstore

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
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
var Schemas = len(migrations)

// MakeSchema makes an empty store of an earlier version of the schema.
func MakeSchema(t *testing.T, path string, version int) {
	t.Helper()
	if _, err := prepareFile(path); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open(driverName, dataSource(path))
	if err != nil {
		t.Fatal(err)
	}
	s, err := openSession(t.Context(), db, writerPragmas)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.migrate(t.Context(), migrations[:version]), s.close(), db.Close()); err != nil {
		t.Fatal(err)
	}
}

// Inserts returns a statement for each row of s that makes it again.
func Inserts(t *testing.T, s *Store) (statements []string) {
	t.Helper()
	var tables []string
	text := func(into *[]string) func(*sql.Rows) error {
		return func(rows *sql.Rows) error {
			var line string
			err := rows.Scan(&line)
			*into = append(*into, line)
			return err
		}
	}
	err := s.writer.each(t.Context(), "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'schema_version' ORDER BY name", nil, text(&tables))
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
