package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

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

// failing is a driver whose starts fail, as it is told.
type failing struct {
	compute.Driver
	start func(context.Context) error
}

func (f *failing) Start(ctx context.Context, starts []compute.Start) error {
	if err := f.start(ctx); err != nil {
		return err
	}
	return f.Driver.Start(ctx, starts)
}

// TestARefusedStartIsAnAttemptThatItsHostRefused has the driver refuse a start for good. The job waits again, and is started when
// the driver permits it.
func TestARefusedStartIsAnAttemptThatItsHostRefused(t *testing.T) {
	inWorld(t, func(w *world) {
		var forbidden atomic.Bool
		forbidden.Store(true)
		w.wrap = func(d compute.Driver) compute.Driver {
			return &failing{Driver: d, start: func(context.Context) error {
				if forbidden.Load() {
					return &compute.Refusal{Why: batch.NotPermitted, Text: "the role may not run tasks"}
				}
				return nil
			}}
		}
		w.restart()
		<-time.After(time.Second) // the engine's clock is ahead by a millisecond after a census
		w.submit(submission("a", "quick"))
		<-time.After(time.Second / 2) // it is tried again after a second
		if j, ok := w.store.job("a"); !ok || j.Refusals.Back == 0 {
			w.Errorf("the job is %+v; its attempt was not refused", j)
		}
		forbidden.Store(false)
		w.await("a", batch.Succeeded)
		w.ranOnce()
	})
}

// TestStopsOvertakeStartsThatFail has the driver fail, refuse or keep to itself every start of one job. Another job, which runs, is
// stopped nonetheless, censuses are answered, and the start is given once when the driver takes it again.
func TestStopsOvertakeStartsThatFail(t *testing.T) {
	for name, fail := range map[string]func(context.Context) error{
		"fails": func(context.Context) error { return errors.New("the driver is away") },
		"throttled": func(context.Context) error {
			return &compute.Refusal{Why: batch.Throttled, Until: time.Now().Add(time.Second)}
		},
		"is slow": func(ctx context.Context) error {
			<-ctx.Done()
			return context.Cause(ctx)
		},
	} {
		inWorld(t, func(w *world) {
			var away atomic.Bool
			r := &recorder{}
			w.wrap = func(d compute.Driver) compute.Driver {
				r.Driver = d
				return &failing{Driver: r, start: func(ctx context.Context) error {
					if away.Load() {
						return fail(ctx)
					}
					return nil
				}}
			}
			w.restart()
			w.submit(submission("runs", "manual"))
			w.await("runs", batch.Running)
			away.Store(true)
			w.submit(submission("waits", "manual"))
			w.await("waits", batch.Starting)
			_, err := engine.Do(w.Context(), w.engine, sched.TerminateJob{ID: "runs", Reason: "enough"})
			w.must(err)
			w.await("runs", batch.Failed)
			<-time.After(3 * time.Minute) // censuses come and go
			away.Store(false)
			w.await("waits", batch.Running)
			w.ranOnce()
			r.mu.Lock()
			defer r.mu.Unlock()
			if given := slices.DeleteFunc(slices.Clone(r.calls), func(c string) bool { return c != "start waits/1" }); len(given) != 1 {
				w.Errorf("%s: the driver was told %d times to start it", name, len(given))
			}
		})
	}
}
