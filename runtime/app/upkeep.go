package app

import (
	"context"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

// watchFiles looks whether the files of the store are in their places, now and then; each commit does so too. Once they
// are not, nothing is accepted any more. Without its lock the runtime also lets go of its driver: another runtime may serve from the
// directory, and the two would take the connection to the holder from each other.
func (a *App) watchFiles(ctx context.Context) {
	due := time.NewTicker(filesInterval)
	defer due.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-due.C:
		}
		if err := a.store.Check(); err != nil {
			a.engine.StoreGone(err)
			if !a.lock.Lost() {
				return
			}
			if err := a.closeDriver(ctx); err != nil {
				a.log.Warn("the driver of this machine did not close", "error", err)
			}
			return
		}
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
