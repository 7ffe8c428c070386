package engine_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

func TestACommitThatFailedIsForgotten(t *testing.T) {
	inWorld(t, func(w *world) {
		w.failOnce(false, errors.New("the disk shook"))
		_, err := engine.Do(w.Context(), w.engine, submission("a", "quick"))
		w.wantError(err, batch.Unavailable, "nothing was accepted")
		if _, there := w.store.job("a"); there {
			w.Error("the job is in the store")
		}
		w.submit(submission("a", "quick"))
		w.await("a", batch.Succeeded)
		w.ranOnce()
		if h := w.engine.Health(); h.State != engine.Working {
			w.Errorf("health = %+v, want working again", h)
		}
	})
}

func TestACommitThatLandedThoughItFailedIsAccepted(t *testing.T) {
	inWorld(t, func(w *world) {
		w.failOnce(true, errors.New("the connection dropped"))
		w.submit(submission("a", "second"))
		w.await("a", batch.Succeeded)
		w.ranOnce()

		w.failOnce(true, errors.New("the connection dropped"))
		reply, err := engine.Do(w.Context(), w.engine, sched.RegisterDefinition{Definition: batch.Definition{Name: "quick", Runs: true}})
		w.must(err)
		if reply.Ref.Revision != 2 {
			w.Errorf("revision %d, want 2", reply.Ref.Revision)
		}
	})
}

func TestAFullDisk(t *testing.T) {
	inWorld(t, func(w *world) {
		w.submit(submission("runs", "manual"))
		w.await("runs", batch.Running)
		w.store.failing(func(*batch.Delta, func() error) error { return fmt.Errorf("commit: %w", store.ErrFull) }, nil)
		for i := range 20 {
			_, err := engine.Do(w.Context(), w.engine, submission(fmt.Sprint("job", i), "quick"))
			w.wantError(err, batch.Unavailable, "no space left on /state")
		}
		if h := w.engine.Health(); h.State != engine.Recovering || !strings.Contains(h.Cause, "no space left") {
			w.Errorf("health = %+v, want recovering for want of space", h)
		}
		w.store.failing(nil, nil)
		<-time.After(10 * time.Second)
		w.submit(submission("after", "quick"))
		w.await("after", batch.Succeeded)
		w.driver.Finish(batch.AttemptID{Job: "runs", Number: 1}, 0)
		w.await("runs", batch.Succeeded)
		w.ranOnce()
	})
}

func TestAStoreThatCannotBeReadEither(t *testing.T) {
	inWorld(t, func(w *world) {
		broken := errors.New("gone")
		w.store.failing(func(*batch.Delta, func() error) error { return broken }, func() error { return broken })
		_, err := engine.Do(w.Context(), w.engine, submission("a", "quick"))
		w.wantError(err, batch.Unavailable, "not known")
		_, err = engine.Do(w.Context(), w.engine, submission("b", "quick"))
		w.wantError(err, batch.Unavailable, "nothing was accepted")
		w.store.failing(nil, nil)
		<-time.After(10 * time.Second)
		w.submit(submission("c", "quick"))
		w.await("c", batch.Succeeded)
	})
}

func TestACorruptStoreHalts(t *testing.T) {
	inWorld(t, func(w *world) {
		w.failOnce(false, store.ErrCorrupt)
		_, err := engine.Do(w.Context(), w.engine, submission("a", "quick"))
		w.wantError(err, batch.Unavailable, "corrupt")
		_, err = engine.Do(w.Context(), w.engine, submission("b", "quick"))
		w.wantError(err, batch.Unavailable, "corrupt")
		if h := w.engine.Health(); h.State != engine.Halted {
			w.Errorf("health = %+v, want halted", h)
		}
	})
}

// TestAStoreThatIsGoneHalts lets the files of the store go, noticed by a commit, by the load after a commit that failed for
// another reason, or between two commits. Each time nothing is acknowledged, and what is done about it is said.
func TestAStoreThatIsGoneHalts(t *testing.T) {
	gone := fmt.Errorf("commit to /state/batchd.db: %w", store.ErrGone)
	for name, lose := range map[string]func(*world) (first string){
		"a commit": func(w *world) string {
			w.store.failing(func(_ *batch.Delta, apply func() error) error { return errors.Join(apply(), gone) }, nil)
			return "not known"
		},
		"a load": func(w *world) string {
			w.store.failing(func(*batch.Delta, func() error) error { return errors.New("the disk shook") }, func() error { return gone })
			return "not known"
		},
		"a look": func(w *world) string {
			w.engine.StoreGone(gone)
			w.engine.StoreGone(gone)
			synctest.Wait()
			return "nothing was accepted"
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.submit(submission("runs", "manual"))
				w.await("runs", batch.Running)
				first := lose(w)
				_, err := engine.Do(w.Context(), w.engine, submission("a", "quick"))
				w.wantError(err, batch.Unavailable, first)
				_, err = engine.Do(w.Context(), w.engine, submission("b", "quick"))
				w.wantError(err, batch.Unavailable, "the state directory or a file of its store was removed")
				w.wantError(err, batch.Unavailable, "nothing was accepted")
				if h := w.engine.Health(); h.State != engine.Halted || !strings.Contains(h.Cause, "start the runtime again") {
					w.Errorf("health = %+v, want halted, with what to do", h)
				}
			})
		})
	}
}

// TestWhatIsCorruptIsForTheLog lets the store fail while it is loaded again: readers are told what to do, not where things lie.
func TestWhatIsCorruptIsForTheLog(t *testing.T) {
	inWorld(t, func(w *world) {
		w.store.failing(func(*batch.Delta, func() error) error { return errors.New("the disk shook") },
			func() error { return fmt.Errorf("open /home/anna/batchd.db: %w", store.ErrCorrupt) })
		_, err := engine.Do(w.Context(), w.engine, submission("a", "quick"))
		w.wantError(err, batch.Unavailable, "not known")
		_, err = engine.Do(w.Context(), w.engine, submission("b", "quick"))
		w.wantError(err, batch.Unavailable, "put back a good copy")
		if h := w.engine.Health(); h.State != engine.Halted || !strings.Contains(h.Cause, "put back a good copy") || strings.Contains(h.Cause, "/home") {
			w.Errorf("health = %+v, want halted without a path", h)
		}
	})
}

func TestACommitThatLandsWithoutItsOrders(t *testing.T) {
	inWorld(t, func(w *world) {
		for i := range 20 {
			id := fmt.Sprint("job", i)
			w.failOnce(true, errors.New("dropped"))
			w.submit(submission(id, "second"))
			w.restart()
			w.await(batch.JobID(id), batch.Succeeded)
		}
		w.ranOnce()
	})
}

// failOnce makes the next commit fail, after it has landed or without a trace.
func (w *world) failOnce(landed bool, err error) {
	failed := false
	w.store.failing(func(_ *batch.Delta, apply func() error) error {
		if failed {
			return apply()
		}
		failed = true
		if landed {
			w.must(apply())
		}
		return err
	}, nil)
}
