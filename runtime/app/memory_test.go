package app

import (
	"runtime"
	"testing"
)

// A small heap that is collected often gets room; a large one is left to the collector.
func TestGrowth(t *testing.T) {
	const mib = 1 << 20
	for _, c := range []struct {
		live  uint64
		often bool
		want  int
	}{
		{spareHeap / 8, false, usualGrowth},
		{spareHeap / 8, true, 800},
		{0, true, 100 * spareHeap / smallHeap},
		{spareHeap / 2, true, 200},
		{spareHeap, true, usualGrowth},
		{4096 * mib, true, 100},
	} {
		if got := growth(c.live, c.often); got != c.want {
			t.Errorf("growth(%d MiB, %t) = %d, want %d", c.live/mib, c.often, got, c.want)
		}
	}
}

func TestACollectionIsTold(t *testing.T) {
	told := make(chan struct{}, 1)
	for range 2 {
		tellWhenCollected(told)
		runtime.GC()
		<-told
	}
	if liveHeap() == 0 {
		t.Error("nothing is live")
	}
}
