package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
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

// WriteOver calls write while the store does not write to its files, again until the time of modification of the file at path
// is another one.
func WriteOver(t *testing.T, s *Store, path string, write func(path string) error) {
	t.Helper()
	modified := func() time.Time {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.ModTime()
	}
	s.files.mu.Lock()
	defer s.files.mu.Unlock()
	for s.files.database.writes+s.files.log.writes > 0 {
		s.files.mu.Unlock()
		runtime.Gosched()
		s.files.mu.Lock()
	}
	for before := modified(); modified().Equal(before); {
		if err := write(path); err != nil {
			t.Fatal(err)
		}
	}
}

// Tidy moves what is committed from the log into the database, all of it.
func (s *Store) Tidy(ctx context.Context) error { return s.tidy(ctx, 0) }
