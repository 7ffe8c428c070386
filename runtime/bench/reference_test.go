package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// execLoop is the raw limit for processes: workers that start command, one after another, with a log file each.
// It returns processes per second.
func execLoop(t *testing.T, n, workers int, command string) float64 {
	t.Helper()
	dir := t.TempDir()
	var next atomic.Int64
	var all sync.WaitGroup
	begin := time.Now()
	for range workers {
		all.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				log, err := os.Create(filepath.Join(dir, fmt.Sprint(i)))
				if err != nil {
					t.Error(err)
					return
				}
				c := exec.Command(command)
				c.Stdout, c.Stderr = log, log
				if err := c.Run(); err != nil {
					t.Error(err)
				}
				_ = log.Close()
			}
		})
	}
	all.Wait()
	return float64(n) / time.Since(begin).Seconds()
}

// syncLoop is the raw limit for durable answers: workers that wait for the one who appends 256 bytes for each of
// those who wait, and syncs once. It returns records per second.
func syncLoop(t *testing.T, workers int, during time.Duration) float64 {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "wal"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	asks := make(chan chan struct{}, workers)
	stop := make(chan struct{})
	var written atomic.Int64
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			done := make(chan struct{}, 1)
			for {
				select {
				case <-stop:
					return
				case asks <- done:
				}
				select {
				case <-done:
				case <-stop:
					return
				}
			}
		})
	}
	record := make([]byte, 256)
	begin := time.Now()
	for time.Since(begin) < during {
		waiting := []chan struct{}{<-asks}
		for len(asks) > 0 {
			waiting = append(waiting, <-asks)
		}
		for range waiting {
			if _, err := f.Write(record); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.Sync(); err != nil {
			t.Fatal(err)
		}
		for _, w := range waiting {
			w <- struct{}{}
		}
		written.Add(int64(len(waiting)))
	}
	rate := float64(written.Load()) / time.Since(begin).Seconds()
	close(stop)
	all.Wait()
	return rate
}
