package app

import (
	"context"
	"runtime"
	"runtime/debug"
	"time"
)

// giveBack returns memory to the machine when a burst of work is over: the collector alone would keep, for long, as much
// again as is in use, which counts on a machine that is there for the jobs.
func giveBack(ctx context.Context) {
	due := time.NewTicker(giveBackInterval)
	defer due.Stop()
	var before, now runtime.MemStats
	done := false // since the last burst
	for {
		select {
		case <-ctx.Done():
			return
		case <-due.C:
		}
		runtime.ReadMemStats(&now)
		quiet := now.TotalAlloc-before.TotalAlloc < quietBytes
		if quiet && !done && now.HeapSys-now.HeapReleased-now.HeapAlloc > giveBackAbove {
			debug.FreeOSMemory()
		}
		done = quiet
		before = now
	}
}
