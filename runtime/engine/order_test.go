package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// recorder notes the orders it passes on, and fails as it is told.
type recorder struct {
	compute.Driver
	mu    sync.Mutex
	calls []string
	fail  func(call string) error
}

func (r *recorder) note(format string, args ...any) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	call := fmt.Sprintf(format, args...)
	if r.fail != nil {
		if err := r.fail(call); err != nil {
			return err
		}
	}
	r.calls = append(r.calls, call)
	return nil
}

func (r *recorder) Start(ctx context.Context, starts []compute.Start) error {
	for _, s := range starts {
		if err := r.note("start %s", s.Attempt); err != nil {
			return err
		}
	}
	return r.Driver.Start(ctx, starts)
}

func (r *recorder) Stop(ctx context.Context, stops []compute.Stop) error {
	for _, s := range stops {
		if err := r.note("stop %s", s.Attempt); err != nil {
			return err
		}
	}
	return r.Driver.Stop(ctx, stops)
}

func (r *recorder) Forget(ctx context.Context, ids []batch.AttemptID) error {
	for _, id := range ids {
		if err := r.note("forget %s", id); err != nil {
			return err
		}
	}
	return r.Driver.Forget(ctx, ids)
}

func TestOrdersKeepTheirOrderAndAreRepeated(t *testing.T) {
	inWorld(t, func(w *world) {
		w.stop()
		failures := 0
		r := &recorder{fail: func(call string) error {
			if strings.HasPrefix(call, "start") && failures < 3 {
				failures++
				return errors.New("the driver is away")
			}
			return nil
		}}
		w.driver = w.driver.Again()
		w.wrap = func(d compute.Driver) compute.Driver { r.Driver = d; return r }
		w.start()
		w.submit(submission("a", "manual"))
		_, err := engine.Do(w.Context(), w.engine, sched.TerminateJob{ID: "a", Reason: "enough"})
		w.must(err)
		w.await("a", batch.Failed)
		want := []string{"start a/1", "stop a/1", "forget a/1"}
		r.mu.Lock()
		defer r.mu.Unlock()
		if !slices.Equal(slices.Compact(r.calls), want) { // a census may have an exit forgotten twice
			w.Errorf("calls = %q, want %q", r.calls, want)
		}
	})
}
