package sqlstore_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore/sqlite"
)

// written makes a store with some rows in it, closed.
func written(t *testing.T, jobs int64) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state.db")
	s, err := sqlstore.Open(t.Context(), sqlstore.Options{Database: sqlite.New(path)})
	if err != nil {
		t.Fatal(err)
	}
	var d batch.Delta
	for seq := range jobs {
		j := single(seq + 1)
		d.Jobs, d.Specs = append(d.Jobs, j), append(d.Specs, specOf(&j))
	}
	if err := errors.Join(s.Commit(t.Context(), &d), s.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// alter runs statements on a closed store, as nobody should.
func alter(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// openError opens what must not open and checks what the error says.
func openError(t *testing.T, path string, is error, says ...string) {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), sqlstore.Options{Database: sqlite.New(path)})
	if err == nil {
		_, err = s.Load(t.Context())
		_ = s.Close()
	}
	if err == nil {
		t.Fatal("it opened and loaded")
	}
	if is != nil && !errors.Is(err, is) {
		t.Errorf("error %q does not wrap %q", err, is)
	}
	for _, words := range append(says, path) {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("error %q does not say %q", err, words)
		}
	}
}

func TestNotADatabase(t *testing.T) {
	path := fileWith(t, []byte("dear diary,"))
	openError(t, path, store.ErrCorrupt, "dear diary", "state.db", "backup")
}

func TestDamaged(t *testing.T) {
	small, large := contents(t, written(t, 100)), contents(t, written(t, 6000)) // checked whole at open, and not
	for name, damage := range map[string]func([]byte) []byte{
		"cut off":     func(file []byte) []byte { return file[:len(file)/2/4096*4096] },
		"overwritten": func(file []byte) []byte { return overwrite(file, 4096, len(file)) },
		"no schema":   func(file []byte) []byte { return overwrite(file, 100, 4096) },
	} {
		t.Run(name, func(t *testing.T) {
			for _, file := range [][]byte{small, large} {
				openError(t, fileWith(t, damage(slices.Clone(file))), store.ErrCorrupt, "backup")
			}
		})
	}
	t.Run("one page", func(t *testing.T) {
		clear(small[8192:12288])
		openError(t, fileWith(t, small), store.ErrCorrupt, "backup")
	})
}

func contents(t *testing.T, path string) []byte {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func fileWith(t *testing.T, content []byte) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "state.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func overwrite(file []byte, from, to int) []byte {
	for i := from; i < to; i++ {
		file[i] = byte(i * 7)
	}
	return file
}

func TestEmptiedBesideItsLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	for _, name := range []string{path, path + "-wal"} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	open(t, path) // as a crash right after the first open leaves it
	path = filepath.Join(t.TempDir(), "state.db")
	for name, content := range map[string]string{path: "", path + "-wal": "frames"} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	openError(t, path, store.ErrCorrupt, "-wal")
}

func TestDamagedRow(t *testing.T) {
	path := written(t, 3)
	alter(t, path, "UPDATE job SET data = x'0105aa' WHERE seq = 2")
	openError(t, path, store.ErrCorrupt, "cut off")
	alter(t, path, "UPDATE job SET data = x'7f' WHERE seq = 2")
	openError(t, path, store.ErrCorrupt, "unknown field 127")
}

func TestNewerSchema(t *testing.T) {
	path := written(t, 1)
	alter(t, path, "UPDATE schema_version SET version = 99")
	openError(t, path, sqlstore.ErrNewer, "schema 99")
}

func TestOtherDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "photos.db")
	alter(t, path, "CREATE TABLE photo (id INTEGER)")
	openError(t, path, nil, "not one of batchd")
}

func TestNoDirectory(t *testing.T) {
	openError(t, filepath.Join(t.TempDir(), "none", "state.db"), os.ErrNotExist)
}

// A name that means something to a URL or to SQLite is a file name like any other.
func TestOddPath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a ?mode=memory&x#%41.db")
	s := open(t, path)
	mustCommit(t, s, &batch.Delta{Hosts: []batch.Host{{ID: "h"}}})
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("mode %o, want 600: it holds secrets", mode)
	}
}

// When there is no room a commit fails whole, says so, and the store goes on.
func TestFull(t *testing.T) {
	path := written(t, 10)
	s := open(t, path)
	sqlstore.LimitPages(t, s, 200)
	var d batch.Delta
	for seq := range int64(5000) {
		d.Jobs = append(d.Jobs, single(seq+11))
	}
	err := s.Commit(t.Context(), &d)
	if !errors.Is(err, store.ErrFull) || !strings.Contains(err.Error(), filepath.Dir(path)) {
		t.Fatalf("error %v", err)
	}
	small := batch.Delta{Hosts: []batch.Host{{ID: "h"}}}
	mustCommit(t, s, &small)
	snapshot, err := s.Load(t.Context())
	if err != nil || len(snapshot.Jobs) != 10 || len(snapshot.Hosts) != 1 {
		t.Fatalf("%d jobs, %d hosts, %v", len(snapshot.Jobs), len(snapshot.Hosts), err)
	}
	sqlstore.LimitPages(t, s, 1<<30)
	mustCommit(t, s, &d)
}
