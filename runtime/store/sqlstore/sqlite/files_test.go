package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore"
)

// idle is a database whose upkeep stops in its first round: a connection that is opened, or a checkpoint that is made, just when a
// file is removed may make the file again.
type idle struct {
	*Database
	once       sync.Once
	begun, end chan struct{}
}

func (d *idle) Tidy(context.Context, *sql.DB, func(func() error) error) error {
	d.once.Do(func() { close(d.begun) })
	<-d.end
	return nil
}

// TestFilesThatGo takes away, one by one, what an open store consists of. Nothing is acknowledged after that, no file is made
// in its place, and putting it back does not help before the store is opened again.
func TestFilesThatGo(t *testing.T) {
	remove := func(path string) error { return os.Remove(path) }
	empty := func(path string) error { return os.Truncate(path, 0) }
	replace := func(path string) error {
		text, err := os.ReadFile(path)
		return errors.Join(err, os.Rename(path, path+".old"), os.WriteFile(path, text, 0o600))
	}
	move := func(path string) error { return os.Rename(filepath.Dir(path), filepath.Dir(path)+".moved") }
	for _, test := range []struct {
		name string
		file string
		do   func(string) error
	}{
		{"the database is removed", "state.db", remove},
		{"the database is emptied", "state.db", empty},
		{"the database is replaced", "state.db", replace},
		{"the log is removed", "state.db-wal", remove},
		{"the log is emptied", "state.db-wal", empty},
		{"the log is replaced", "state.db-wal", replace},
		{"the index of the log is removed", "state.db-shm", remove},
		{"the lock is removed", "lock", remove},
		{"the lock is replaced", "lock", replace},
		{"the directory is moved", "state.db", move},
		{"the directory is removed", "state.db", func(path string) error { return os.RemoveAll(filepath.Dir(path)) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "state")
			lock := filepath.Join(dir, "lock")
			if err := errors.Join(os.Mkdir(dir, 0o700), os.WriteFile(lock, []byte("1\n"), 0o600)); err != nil {
				t.Fatal(err)
			}
			idle := &idle{Database: New(filepath.Join(dir, "state.db"), lock), begun: make(chan struct{}), end: make(chan struct{})}
			s, err := sqlstore.Open(t.Context(), sqlstore.Options{Database: idle})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }() // its file is gone
			defer close(idle.end)
			for seq := range int64(3) {
				if err := commitOne(t, s, seq+1); err != nil {
					t.Fatal(err)
				}
			}
			<-idle.begun
			if err := s.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, test.file)
			if err := test.do(path); err != nil {
				t.Fatal(err)
			}
			_, before := os.Stat(path)
			if err := commitOne(t, s, 4); !errors.Is(err, store.ErrGone) {
				t.Errorf("a commit after it: %v", err)
			}
			if err := s.Check(t.Context()); !errors.Is(err, store.ErrGone) {
				t.Errorf("a look after it: %v", err)
			}
			if _, err := s.Load(t.Context()); !errors.Is(err, store.ErrGone) {
				t.Errorf("a load after it: %v", err)
			}
			if _, after := os.Stat(path); (before == nil) != (after == nil) {
				t.Errorf("%s: before %v, after the calls %v", path, before, after)
			}
		})
	}
}

func commitOne(t *testing.T, s *sqlstore.Store, seq int64) error {
	t.Helper()
	id := batch.JobID(fmt.Sprint("job", seq))
	return s.Commit(t.Context(), &batch.Delta{Jobs: []batch.Job{{ID: id, Seq: seq, QueueID: "q", Name: "n"}}, Specs: []batch.Spec{{Job: id, Body: []byte("{}")}}})
}

// whileQuiet calls do while the store does not write to its files.
func whileQuiet(f *files, do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.database.writes+f.log.writes > 0 {
		f.mu.Unlock()
		runtime.Gosched()
		f.mu.Lock()
	}
	do()
}

// writeOver calls write while the store does not write to its files, again until the time of modification of the file at path
// is another one.
func writeOver(t *testing.T, f *files, path string, write func(path string) error) {
	t.Helper()
	modified := func() time.Time {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.ModTime()
	}
	whileQuiet(f, func() {
		for before := modified(); modified().Equal(before); {
			if err := write(path); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestFilesThatAreWrittenOver has another program write to the files of an open store in place. Nothing is acknowledged after
// that, the error says who wrote where and when, and closing the store leaves what was written.
func TestFilesThatAreWrittenOver(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no dependable time of modification there")
	}
	older := func(t *testing.T) []byte {
		path := filepath.Join(t.TempDir(), "older.db")
		s, err := sqlstore.Open(t.Context(), sqlstore.Options{Database: New(path)})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(commitOne(t, s, 1), s.Close()); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}(t)
	over := func(text []byte) func(string) error {
		return func(path string) error {
			file, err := os.OpenFile(path, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = file.WriteAt(text, 0)
			return errors.Join(err, file.Close())
		}
	}
	for _, test := range []struct {
		name string
		file string
		text []byte
	}{
		{"the database, by an earlier copy", "state.db", older},
		{"the database, by zeros", "state.db", make([]byte, len(older))},
		{"the database, by a longer file", "state.db", make([]byte, 1<<20)},
		{"the first byte of the database", "state.db", older[:1]},
		{"the log, by zeros", "state.db-wal", make([]byte, 4096)},
		{"the log, by a longer file", "state.db-wal", make([]byte, 1<<20)},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "state.db")
			d := New(path)
			s, err := sqlstore.Open(t.Context(), sqlstore.Options{Database: d})
			if err != nil {
				t.Fatal(err)
			}
			for seq := range int64(3) {
				if err := commitOne(t, s, seq+1); err != nil {
					t.Fatal(err)
				}
			}
			path = filepath.Join(filepath.Dir(path), test.file)
			writeOver(t, d.files, path, over(test.text))
			written, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			err = commitOne(t, s, 4)
			if !errors.Is(err, store.ErrGone) || !strings.Contains(err.Error(), "another program wrote to "+path+" at ") {
				t.Errorf("a commit after it: %v", err)
			}
			if err := s.Check(t.Context()); !errors.Is(err, store.ErrGone) {
				t.Errorf("a look after it: %v", err)
			}
			if err := s.Close(); err != nil {
				t.Errorf("closing it: %v", err)
			}
			if left, err := os.ReadFile(path); err != nil || !bytes.Equal(left, written) {
				t.Errorf("%d bytes were written, %d are left, or others: %v", len(written), len(left), err)
			}
		})
	}
}

// TestItsOwnWritesAreNone commits, prunes and moves the log into the database many times.
func TestItsOwnWritesAreNone(t *testing.T) {
	s, d := opened(t)
	db := again(t, d)
	alone := func(f func() error) error { return f() }
	for seq := range int64(200) {
		err := commitOne(t, s, seq+1)
		if seq%10 == 0 {
			_, pruned := s.PruneTransitions(t.Context(), store.Retention{})
			err = errors.Join(err, pruned, d.tidy(t.Context(), db, alone, 0))
		}
		if err := errors.Join(err, s.Check(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
