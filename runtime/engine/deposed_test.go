package engine_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/store"
	"github.com/batchd/terraform-provider-batch/runtime/store/storetest"
)

// TestADeposedWriterHalts lets another runtime take the store over, noticed by a commit, by the load after a commit that failed
// for another reason, or between two commits. Nothing is accepted, nothing is written and no driver is told anything.
func TestADeposedWriterHalts(t *testing.T) {
	for name, notice := range map[string]func(w *world, next *storetest.Memory){
		"a commit": func(*world, *storetest.Memory) {},
		"a load": func(w *world, _ *storetest.Memory) {
			w.store.failing(func(*batch.Delta, func() error) error { return errors.New("the disk shook") }, func() error { return store.ErrDeposed })
		},
		"a look": func(w *world, _ *storetest.Memory) {
			w.engine.StoreGone(fmt.Errorf("look at the store: %w", store.ErrDeposed))
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.submit(submission("runs", "manual"))
				w.await("runs", batch.Running)
				rows, ok := w.store.Store.(*storetest.Memory)
				if !ok {
					w.Fatalf("the world's store is a %T, want one in memory", w.store.Store)
				}
				next := rows.Depose()
				notice(w, next)
				synctest.Wait()
				before := loaded(w, next)
				_, err := engine.Do(w.Context(), w.engine, submission("a", "quick"))
				w.wantError(err, batch.Unavailable, "")
				_, err = engine.Do(w.Context(), w.engine, submission("b", "quick"))
				w.wantError(err, batch.Unavailable, "another runtime has taken over the store")
				w.wantError(err, batch.Unavailable, "nothing was accepted")
				if h := w.engine.Health(); h.State != engine.Halted || !strings.Contains(h.Cause, "end it and start this one again") {
					w.Errorf("health = %+v, want halted, with what to do", h)
				}
				if after := loaded(w, next); !reflect.DeepEqual(after, before) {
					w.Errorf("the rows are %+v, want those that the next runtime found: %+v", after, before)
				}
				if began := w.driver.Began(); len(began) != 1 {
					w.Errorf("the driver began the attempts %v, want that of the job which ran before", began)
				}
			})
		})
	}
}

func loaded(w *world, s store.Store) batch.Snapshot {
	w.Helper()
	snapshot, err := s.Load(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	return snapshot
}
