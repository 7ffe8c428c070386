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

// groupCommit is the plainest thing that answers only what is durable: one appends 256 bytes for each of those who wait, and
// syncs once.
type groupCommit struct {
	asks chan chan struct{}
	stop func()
}

func newGroupCommit(t *testing.T, workers int) *groupCommit {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "wal"))
	if err != nil {
		t.Fatal(err)
	}
	g := &groupCommit{asks: make(chan chan struct{}, workers)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for first := range g.asks {
			waiting := []chan struct{}{first}
			for len(g.asks) > 0 {
				waiting = append(waiting, <-g.asks)
			}
			if err := commitAll(f, len(waiting)); err != nil {
				t.Error(err)
			}
			for _, w := range waiting {
				w <- struct{}{}
			}
		}
	}()
	g.stop = sync.OnceFunc(func() {
		close(g.asks)
		<-ended
		_ = f.Close()
	})
	t.Cleanup(g.stop)
	return g
}

func commitAll(f *os.File, records int) error {
	for range records {
		if _, err := f.Write(make([]byte, 256)); err != nil {
			return err
		}
	}
	return f.Sync()
}

// commit returns when a record is durable. done has room for one.
func (g *groupCommit) commit(done chan struct{}) {
	g.asks <- done
	<-done
}

// syncLoop is the raw limit for durable answers: workers that commit one record after another. It returns records per second.
func syncLoop(t *testing.T, workers int, during time.Duration) float64 {
	t.Helper()
	g := newGroupCommit(t, workers)
	defer g.stop()
	var written atomic.Int64
	var all sync.WaitGroup
	begin := time.Now()
	for range workers {
		all.Go(func() {
			done := make(chan struct{}, 1)
			for time.Since(begin) < during {
				g.commit(done)
				written.Add(1)
			}
		})
	}
	all.Wait()
	return float64(written.Load()) / time.Since(begin).Seconds()
}
