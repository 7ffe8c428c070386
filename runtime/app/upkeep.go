package app

import (
	"context"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

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
