package sqlstore

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// The write-ahead log starts over once it is long.
func TestLogStartsOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	s, err := Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	seq := int64(0)
	fill := func(commits int) {
		for range commits {
			var d batch.Delta
			for range 100 {
				seq++
				d.Jobs = append(d.Jobs, batch.Job{ID: batch.JobID(fmt.Sprintf("%x-%d", seq*7919, seq)), Seq: seq, Name: "name"})
			}
			if err := s.Commit(t.Context(), &d); err != nil {
				t.Fatal(err)
			}
		}
	}
	logSize := func() int64 {
		info, err := os.Stat(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	const longest = 200
	for logSize() < 4*longest*4096 {
		fill(5)
		if err := s.tidy(t.Context(), longest); err != nil {
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
	path := filepath.Join(t.TempDir(), "state.db")
	s, err := Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	d := batch.Delta{Jobs: []batch.Job{{ID: "a", Seq: 1}}}
	for i := range int32(400) {
		d.Results = append(d.Results, batch.Result{Attempt: batch.AttemptID{Job: "a", Number: i + 1}, Body: make([]byte, 40<<10)})
	}
	if err := s.Commit(t.Context(), &d); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock() // keeps the store's own upkeep out
	defer s.mu.Unlock()
	if _, err := s.writer.exec(t.Context(), "DELETE FROM result"); err != nil {
		t.Fatal(err)
	}
	free := func() (pages int64) {
		if _, err := s.writer.one(t.Context(), "PRAGMA freelist_count", nil, &pages); err != nil {
			t.Fatal(err)
		}
		return pages
	}
	before := free()
	for range 3 {
		if err := s.writer.vacuum(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if after := free(); before < maxFreePages || after != before-3*vacuumStep {
		t.Errorf("%d free pages became %d, want %d fewer", before, after, 3*vacuumStep)
	}
}

// A commit that returned must survive the loss of power, which no test can cut.
func TestDurable(t *testing.T) {
	s, err := Open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "state.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "auto_vacuum": "2", "wal_autocheckpoint": "0",
	} {
		var got string
		if _, err := s.writer.one(t.Context(), "PRAGMA "+pragma, nil, &got); err != nil || got != want {
			t.Errorf("%s is %s, want %s (%v)", pragma, got, want, err)
		}
	}
}
