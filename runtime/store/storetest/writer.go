package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// refusedAsDeposed checks that a store that is not the writer any more writes nothing.
func refusedAsDeposed(t *testing.T, s store.Store, n int32) {
	t.Helper()
	delta := version(n)
	if err := s.Commit(t.Context(), &delta); !errors.Is(err, store.ErrDeposed) {
		t.Fatalf("Commit: %v, want that the writer was deposed", err)
	}
	if _, err := s.PruneTransitions(t.Context(), store.Retention{Lines: 1}); !errors.Is(err, store.ErrDeposed) {
		t.Fatalf("PruneTransitions: %v, want that the writer was deposed", err)
	}
	if _, err := s.PruneAudits(t.Context(), store.Retention{AuditAge: time.Millisecond}); !errors.Is(err, store.ErrDeposed) {
		t.Fatalf("PruneAudits: %v, want that the writer was deposed", err)
	}
}

// Each writer of the same rows has a larger epoch than the one before it.
func testEpochs(t *testing.T, open Open) {
	s, reopen := open(t)
	last := s.Epoch()
	for range 3 {
		s = reopen()
		if s.Epoch() <= last {
			t.Fatalf("the epoch is %d after %d, want a larger one", s.Epoch(), last)
		}
		last = s.Epoch()
		commit(t, s, version(int32(last)))
		same(t, "the epoch after a commit", s.Epoch(), last)
	}
}

// A store that was opened again while it was open may not write any more, whatever it knows; the other one may.
func testDeposed(t *testing.T, takeOver Open) {
	s, next := takeOver(t)
	commit(t, s, version(1))
	same(t, "the first writer's rows", must(readVersion(t.Context(), s))(t), wholly(1))

	second := next()
	if second.Epoch() <= s.Epoch() {
		t.Fatalf("the epochs are %d, then %d, want a larger one", s.Epoch(), second.Epoch())
	}
	refusedAsDeposed(t, s, 2)
	same(t, "nothing of it was written", must(readVersion(t.Context(), second))(t), wholly(1))
	commit(t, second, version(2))
	same(t, "the second writer's rows", must(readVersion(t.Context(), second))(t), wholly(2))
	refusedAsDeposed(t, s, 3)

	third := next()
	refusedAsDeposed(t, second, 3)
	refusedAsDeposed(t, s, 3)
	same(t, "what the second wrote", must(readVersion(t.Context(), third))(t), wholly(2))
	commit(t, third, version(3))
}

// readFresh checks that a store that was deposed answers commit n, which is the newest, or refuses to answer because its writer
// was deposed, but nothing older.
func readFresh(t *testing.T, s store.Store, n int32) {
	t.Helper()
	said, err := readVersion(t.Context(), s)
	if err == nil {
		same(t, "a read of a deposed store", said, wholly(n))
		err = s.Together(t.Context(), func(r store.Reader) error {
			said, err := readVersion(t.Context(), r)
			if err == nil {
				same(t, "a read of a deposed store, together", said, wholly(n))
			}
			return err
		})
	}
	if err != nil && !errors.Is(err, store.ErrDeposed) && !errors.Is(err, store.ErrGone) {
		t.Fatal(err)
	}
}

// A store that knows that it was deposed answers what the next writer wrote, not what it remembers.
func testDeposedReads(t *testing.T, takeOver Open) {
	s, next := takeOver(t)
	commit(t, s, version(1))
	same(t, "before", must(readVersion(t.Context(), s))(t), wholly(1))
	second := next()
	refusedAsDeposed(t, s, 2)
	for n := int32(2); n < 5; n++ {
		commit(t, second, version(n))
		readFresh(t, s, n)
		job := batch.Job{ID: batch.JobID(fmt.Sprint("job", n)), Seq: int64(n), QueueID: "q", Token: fmt.Sprint("token", n)}
		commit(t, second, batch.Delta{Jobs: []batch.Job{job}})
		if id, found, err := s.JobByToken(t.Context(), job.Token); err == nil && (!found || id != job.ID) {
			t.Fatalf("the job of a token of the next writer is %q (%t, %v), want %q", id, found, err, job.ID)
		}
	}
}

// What a writer was told it had written before it was deposed is what the next one finds, and nothing is added to it: a
// commit lands before the next writer's first Load, or it is refused. If the outcome of the last one is unknown, because its
// connection was lost, it may have landed, too.
func testDeposedWhileWriting(t *testing.T, takeOver Open) {
	s, next := takeOver(t)
	last := int64(0)
	write := func(s store.Store) error {
		err := s.Commit(t.Context(), &batch.Delta{Transitions: []batch.Transition{{Seq: last + 1, Job: "job", At: batch.Time(last)}}})
		if err == nil {
			last++
		}
		return err
	}
	const beside = 20 // commits while the next writer opens the store; with more of them it might wait for its turn for long
	for range 5 {
		begun, opened, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		go func() {
			err := write(s)
			close(begun)
			for n := 0; err == nil; n++ {
				if n == beside {
					<-opened
				}
				err = write(s)
			}
			ended <- err
		}()
		<-begun
		second := next()
		close(opened)
		found := must(second.Load(t.Context()))(t).LastTransition
		err := <-ended
		refusedAsDeposed(t, s, 1)
		if unknown := !errors.Is(err, store.ErrDeposed); found != last && !(unknown && found == last+1) {
			t.Fatalf("the next writer found %d lines; the one before it was told that it wrote %d, then %v", found, last, err)
		}
		same(t, "afterwards", must(second.Load(t.Context()))(t).LastTransition, found)
		s, last = second, found
	}
}
