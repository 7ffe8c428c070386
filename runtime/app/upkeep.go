package app

import (
	"context"
	"errors"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/joblog"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// watchStore looks now and then whether the store is in its place and this runtime is its writer; each commit does so too.
// Once that is not so, nothing is accepted any more. A runtime that was deposed ends, because another one serves in its place.
// One without its lock lets go of its drivers: another runtime may serve from the directory, and the two would take the
// connection to the holder from each other. The lock may go later than a file of the store, so it is looked for until then.
func (a *App) watchStore(ctx context.Context) {
	due := time.NewTicker(filesInterval)
	defer due.Stop()
	for gone := false; ; {
		select {
		case <-ctx.Done():
			return
		case <-due.C:
		}
		if !gone {
			err := a.store.Check(ctx)
			deposed := errors.Is(err, store.ErrDeposed)
			if !deposed && !errors.Is(err, store.ErrGone) {
				continue // what else may be wrong, a commit finds out
			}
			a.engine.StoreGone(err)
			if deposed {
				a.end(err)
				return
			}
			gone = true
		}
		if !a.lock.Lost() {
			continue
		}
		if err := a.closeDrivers(ctx); err != nil {
			a.log.Warn("a driver did not close", "error", err)
		}
		return
	}
}

// upkeep deletes logs that are too old, or too many, now and then.
func (a *App) upkeep(ctx context.Context) {
	if a.machine.logsDir == "" {
		return
	}
	due := time.NewTicker(pruneInterval)
	defer due.Stop()
	for {
		freed, err := joblog.Prune(a.machine.logsDir, time.Now().Add(-logRetention), logBudget)
		switch {
		case err != nil:
			a.log.Warn("old logs could not be deleted", "error", err)
		case freed > 0:
			a.log.Info("old logs were deleted", "bytes", freed)
		}
		select {
		case <-ctx.Done():
			return
		case <-due.C:
		}
	}
}
