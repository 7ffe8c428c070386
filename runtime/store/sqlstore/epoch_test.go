package sqlstore

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// A store that neither commits nor looks for longer than trustInterval does not answer from memory before it has found
// that it is still the writer. One that is not finds out by its next look.
func TestTrustEnds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	opened := func() *Store {
		s, err := Open(t.Context(), Options{Database: Untidy(path)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	write := func(s *Store, priority int32) {
		t.Helper()
		if err := s.Commit(t.Context(), &batch.Delta{Queues: []batch.Queue{{Name: "q", UUID: "q", Priority: priority}}}); err != nil {
			t.Fatal(err)
		}
	}
	read := func(s *Store) int32 {
		t.Helper()
		queues, err := s.Queues(t.Context(), store.NameQuery{Names: []string{"q"}})
		if err != nil || len(queues) != 1 {
			t.Fatal(queues, err)
		}
		return queues[0].Priority
	}
	first := opened()
	write(first, 1)
	for range defaultReaders {
		first.recent.next() // so that each connection is used
		read(first)
	}
	first.trust.until.Store(0) // as after trustInterval
	if got := read(first); got != 1 || !first.trust.holds() {
		t.Errorf("the only writer reads %d (trusted: %t), want 1 and to be trusted again", got, first.trust.holds())
	}

	second := opened()
	write(second, 2)
	first.trust.until.Store(0)
	for range 2 {
		if got := read(first); got != 2 || first.trust.holds() {
			t.Errorf("a deposed writer reads %d (trusted: %t), want what the next one wrote, and not to be trusted", got, first.trust.holds())
		}
	}
	if err := first.Check(t.Context()); !errors.Is(err, store.ErrDeposed) {
		t.Errorf("a look by a deposed writer: %v", err)
	}
	if err := second.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// A look that began before a writer was found to be deposed does not make it trusted again.
func TestTrustIsOver(t *testing.T) {
	var s trust
	begun := time.Now()
	s.end(store.ErrDeposed)
	s.renew(begun)
	if s.holds() {
		t.Error("a deposed writer is trusted")
	}
}
