package app

import (
	"context"
	"os"
	"runtime"
	"runtime/debug"
	runtimemetrics "runtime/metrics"
	"time"
)

// tendMemory spends memory while there is much to do and returns it when there is not, until ctx ends. A collection costs
// about the same whatever it frees, so a small heap that is collected many times a second may grow by spareHeap in between.
// When a burst of work is over its memory goes back: the collector alone would keep, for long, as much again as is in use,
// which counts on a machine that is there for the jobs.
func tendMemory(ctx context.Context) {
	collected := make(chan struct{}, 1)
	if os.Getenv("GOGC") == "" { // who sets it knows better
		tellWhenCollected(collected)
		defer debug.SetGCPercent(debug.SetGCPercent(usualGrowth))
	}
	due := time.NewTicker(giveBackInterval)
	defer due.Stop()
	var before, now runtime.MemStats
	done := false // since the last burst
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-collected:
			often := time.Since(last) < oftenCollected
			last = time.Now()
			debug.SetGCPercent(growth(liveHeap(), often))
			tellWhenCollected(collected)
			continue
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

// growth is by how much the heap may grow before the next collection, in percent of what is live.
func growth(live uint64, often bool) int {
	if !often {
		return usualGrowth
	}
	return int(max(usualGrowth, 100*spareHeap/max(live, smallHeap)))
}

// tellWhenCollected sends to told once the collector has run.
func tellWhenCollected(told chan<- struct{}) {
	unreachable := new([2]*byte) // with a pointer, so that it shares its memory with nothing
	runtime.AddCleanup(unreachable, func(told chan<- struct{}) {
		select {
		case told <- struct{}{}:
		default:
		}
	}, told)
}

// liveHeap is how many bytes the last collection found in use.
func liveHeap() uint64 {
	sample := []runtimemetrics.Sample{{Name: "/gc/heap/live:bytes"}}
	runtimemetrics.Read(sample)
	if sample[0].Value.Kind() != runtimemetrics.KindUint64 {
		return 0
	}
	return sample[0].Value.Uint64()
}
