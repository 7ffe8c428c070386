package engine_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
)

// several is a driver that serves several kinds of host. It notes what it is asked.
type several struct {
	compute.Driver
	mu       sync.Mutex
	hosts    []string // that attempts were started on
	censuses int
}

func (*several) Kinds() []batch.Kind { return []batch.Kind{batch.Local, batch.EC2, batch.Spot} }

func (s *several) Start(ctx context.Context, starts []compute.Start) error {
	s.mu.Lock()
	for _, start := range starts {
		s.hosts = append(s.hosts, start.Host)
	}
	s.mu.Unlock()
	return s.Driver.Start(ctx, starts)
}

func (s *several) Census(ctx context.Context) (compute.Census, error) {
	s.mu.Lock()
	s.censuses++
	s.mu.Unlock()
	return s.Driver.Census(ctx)
}

// A driver has one mailbox and one census however many kinds it serves, and is told which host an attempt is for.
func TestADriverOfSeveralKindsIsOneDriver(t *testing.T) {
	inWorld(t, func(w *world) {
		s := &several{}
		w.wrap = func(d compute.Driver) compute.Driver { s.Driver = d; return s }
		w.restart()
		w.submit(submission("a", "quick"))
		w.await("a", batch.Succeeded)
		synctest.Wait()
		s.mu.Lock()
		defer s.mu.Unlock()
		if !slices.Equal(s.hosts, []string{batch.LocalHost}) {
			w.Errorf("attempts were started on the hosts %q", s.hosts)
		}
		if s.censuses > 2 { // one of the start, one because the host came
			w.Errorf("%d censuses were asked for", s.censuses)
		}
	})
}

func TestTwoDriversOfOneKindAreRefused(t *testing.T) {
	inWorld(t, func(w *world) {
		e := engine.New(engine.Options{Store: newMemory(), Drivers: []compute.Driver{&several{Driver: w.driver}, w.driver}})
		if err := e.Start(w.Context()); err == nil {
			w.Error("two drivers serve LOCAL, and the engine starts")
		}
	})
}
