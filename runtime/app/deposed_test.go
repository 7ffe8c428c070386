package app_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/store"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore/sqlite"
)

// TestADeposedRuntimeEnds opens the store of a runtime again, as a runtime would that does not meet the lock of the state
// directory: the first one notices it without being asked for anything, and ends with the reason.
func TestADeposedRuntimeEnds(t *testing.T) {
	o := options(t)
	ended := run(t, o)
	next, err := sqlstore.Open(t.Context(), sqlstore.Options{Database: sqlite.New(filepath.Join(o.StateDir, "batchd.db"))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = next.Close() })
	select {
	case err := <-ended:
		if !errors.Is(err, store.ErrDeposed) {
			t.Errorf("it ended with %v, want that it was deposed", err)
		}
	case <-time.After(time.Minute):
		t.Fatal("it did not end")
	}
}
