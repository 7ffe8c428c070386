package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore"
)

// opened is a store in a new file, and the database that it uses.
func opened(t *testing.T) (*sqlstore.Store, *Database) {
	t.Helper()
	d := New(filepath.Join(t.TempDir(), "state.db"))
	s, err := sqlstore.Open(t.Context(), sqlstore.Options{Database: d})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, d
}

// again opens the file of a database once more, beside a store.
func again(t *testing.T, d *Database) *sql.DB {
	t.Helper()
	db, err := sql.Open(driverName, dataSource(d.path))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// writer is a connection to the file of a database, as a store writes through one.
func writer(t *testing.T, d *Database) *sql.Conn {
	t.Helper()
	conn, err := again(t, d).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := d.Writer(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	return conn
}

// The write-ahead log starts over once it is long.
func TestLogStartsOver(t *testing.T) {
	s, d := opened(t)
	db := again(t, d)
	seq := int64(0)
	fill := func(commits int) {
		for range commits {
			var delta batch.Delta
			for range 100 {
				seq++
				delta.Jobs = append(delta.Jobs, batch.Job{ID: batch.JobID(fmt.Sprintf("%x-%d", seq*7919, seq)), Seq: seq, Name: "name"})
			}
			if err := s.Commit(t.Context(), &delta); err != nil {
				t.Fatal(err)
			}
		}
	}
	logSize := func() int64 {
		info, err := os.Stat(d.path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	alone := func(f func() error) error { return f() } // this goroutine is the one that commits
	const longest = 200
	for logSize() < 4*longest*4096 {
		fill(5)
		if err := d.tidy(t.Context(), db, alone, longest); err != nil {
			t.Fatal(err)
		}
		if seq > 5_000 {
			return // it started over again and again
		}
	}
	t.Errorf("the log grew to %d bytes", logSize())
}

// What is deleted gives its room back, a little at a time.
func TestVacuum(t *testing.T) {
	s, d := opened(t)
	delta := batch.Delta{Jobs: []batch.Job{{ID: "a", Seq: 1}}}
	for i := range int32(400) {
		delta.Results = append(delta.Results, batch.Result{Attempt: batch.AttemptID{Job: "a", Number: i + 1}, Body: make([]byte, 40<<10)})
	}
	if err := s.Commit(t.Context(), &delta); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil { // its own upkeep would give room back, too
		t.Fatal(err)
	}
	conn := writer(t, d)
	if _, err := conn.ExecContext(t.Context(), "DELETE FROM result"); err != nil {
		t.Fatal(err)
	}
	before := ask[int64](t, conn, "freelist_count")
	for range 3 {
		if err := vacuum(t.Context(), conn); err != nil {
			t.Fatal(err)
		}
	}
	if after := ask[int64](t, conn, "freelist_count"); before < maxFreePages || after != before-3*vacuumStep {
		t.Errorf("%d free pages became %d, want %d fewer", before, after, 3*vacuumStep)
	}
}

// A commit that returned must survive the loss of power, which no test can cut.
func TestDurable(t *testing.T) {
	_, d := opened(t)
	conn := writer(t, d)
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "auto_vacuum": "2", "wal_autocheckpoint": "0",
	} {
		if got := ask[string](t, conn, pragma); got != want {
			t.Errorf("%s is %s, want %s", pragma, got, want)
		}
	}
}

// ask returns the value of a pragma.
func ask[T any](t *testing.T, conn *sql.Conn, pragma string) (value T) {
	t.Helper()
	if err := conn.QueryRowContext(context.Background(), "PRAGMA "+pragma).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}
