package sqlstore

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore/sqlite"
)

func opened(t testing.TB) *Store {
	t.Helper()
	s, err := Open(t.Context(), Options{Database: sqlite.New(filepath.Join(t.TempDir(), "state.db"))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// addLines commits n more lines of the transition log, a minute apart.
func addLines(t testing.TB, s *Store, from, n int64) {
	t.Helper()
	var d batch.Delta
	for seq := from; seq < from+n; seq++ {
		d.Transitions = append(d.Transitions, batch.Transition{Seq: seq, Job: "a", At: batch.Time(seq * time.Minute.Milliseconds())})
	}
	if err := s.Commit(t.Context(), &d); err != nil {
		t.Fatal(err)
	}
}

func firstKept(t *testing.T, s *Store) int64 {
	t.Helper()
	first, err := s.FirstTransition(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return first
}

// The upkeep looks for old lines now and then, and at once when the log is too long.
func TestPruneIfDue(t *testing.T) {
	s := opened(t) // its own upkeep keeps what this test makes
	r := store.Retention{Age: 10 * time.Minute, Lines: 50}
	now := time.Now()
	for _, step := range []struct {
		from, n int64
		last    time.Time
		first   int64
	}{
		{1, 30, now, 1},                          // not due
		{31, 1, now.Add(-2 * pruneInterval), 21}, // due
		{32, 39, now, 21},                        // 50 lines are not too many
		{71, 1, now, 61},                         // 51 are
	} {
		addLines(t, s, step.from, step.n)
		last, err := s.pruneIfDue(t.Context(), r, step.last)
		if err != nil {
			t.Fatal(err)
		}
		if first := firstKept(t, s); first != step.first {
			t.Errorf("up to line %d: the first is %d, want %d", step.from+step.n-1, first, step.first)
		}
		if looked := last.After(step.last); looked != (step.n == 1) {
			t.Errorf("up to line %d: looked for old lines: %t", step.from+step.n-1, looked)
		}
	}
}

// The upkeep forgets old lines of the audit log too.
func TestPruneAuditsIfDue(t *testing.T) {
	s := opened(t) // its own upkeep keeps what this test makes
	r := store.Retention{AuditAge: time.Hour}.WithDefaults()
	old := batch.Audit{At: 1, Who: "k", Action: "SubmitJob"}
	recent := old
	recent.At = old.At.Add(r.AuditAge + time.Millisecond)
	if err := s.Commit(t.Context(), &batch.Delta{Audits: []batch.Audit{old, recent}}); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		last time.Time
		kept int
	}{{time.Now(), 2}, {time.Now().Add(-2 * pruneInterval), 1}} {
		if _, err := s.pruneIfDue(t.Context(), r, step.last); err != nil {
			t.Fatal(err)
		}
		if lines, err := s.Audits(t.Context(), store.AuditQuery{}); err != nil || len(lines) != step.kept {
			t.Errorf("last looked at %s: %d lines are kept, want %d (%v)", step.last, len(lines), step.kept, err)
		}
	}
}

// A store that is closed forgets nothing more.
func TestPruneClosed(t *testing.T) {
	s := opened(t)
	addLines(t, s, 1, 10)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if gone, err := s.PruneTransitions(t.Context(), store.Retention{Lines: 1}); err == nil || gone != 0 {
		t.Errorf("%d lines went, %v", gone, err)
	}
}
