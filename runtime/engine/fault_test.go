package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// fragile is a machine that breaks a law when it is told to cancel a job.
type fragile struct{ *sched.Machine }

func (f fragile) Apply(now time.Time, ev sched.Event) (any, error) {
	if c, ok := ev.(sched.CancelJob); ok {
		panic(fmt.Sprintf("sched: job %s may not go from RUNNING to SUBMITTED", c.ID))
	}
	return f.Machine.Apply(now, ev)
}

// forgetful is a store that keeps nothing.
type forgetful struct{ store.Store }

func (forgetful) Load(context.Context) (batch.Snapshot, error) { return batch.Snapshot{}, nil }
func (forgetful) Commit(context.Context, *batch.Delta) error   { return nil }
func (forgetful) Audits(context.Context, store.AuditQuery) ([]store.AuditLine, error) {
	return nil, nil
}

func withFragile(t *testing.T, body func(t *testing.T, e *Engine)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e := New(Options{Store: forgetful{}})
		e.load = func(s batch.Snapshot, c sched.Config) machine { return fragile{sched.Load(s, c)} }
		if err := e.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		body(t, e)
		if err := e.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func cancel(ctx context.Context, e *Engine, id batch.JobID) error {
	_, err := Do(ctx, e, sched.CancelJob{ID: id})
	return err
}

func wantUnavailable(t *testing.T, err error, text string) {
	t.Helper()
	var refusal *batch.Error
	if !errors.As(err, &refusal) || refusal.Kind != batch.Unavailable || !strings.Contains(refusal.Message, text) {
		t.Errorf("error = %v, want unavailable with %q", err, text)
	}
}

func create(ctx context.Context, e *Engine, name string) error {
	_, err := Do(ctx, e, sched.CreateEnvironment{Environment: batch.Environment{Name: name, UUID: name, Kind: batch.Local}})
	return err
}

func TestABrokenLawIsSurvived(t *testing.T) {
	withFragile(t, func(t *testing.T, e *Engine) {
		wantUnavailable(t, cancel(t.Context(), e, "a"), "job a may not go")
		if h := e.Health(); h.State != Working {
			t.Errorf("health = %+v, want working", h)
		}
		if err := create(t.Context(), e, "here"); err != nil {
			t.Errorf("after the rebuild: %v", err)
		}
		wantUnavailable(t, cancel(t.Context(), e, "b"), "job b may not go")
		<-time.After(2 * repeatWindow)
		wantUnavailable(t, cancel(t.Context(), e, "b"), "job b may not go")
		if h := e.Health(); h.State != Working {
			t.Errorf("health = %+v, want working: the same law was broken long ago", h)
		}
	})
}

func TestALawBrokenTwiceHalts(t *testing.T) {
	withFragile(t, func(t *testing.T, e *Engine) {
		wantUnavailable(t, cancel(t.Context(), e, "a"), "job a")
		wantUnavailable(t, cancel(t.Context(), e, "a"), "job a")
		wantUnavailable(t, create(t.Context(), e, "here"), "job a may not go")
		if h := e.Health(); h.State != Halted || !strings.Contains(h.Cause, "job a may not go") {
			t.Errorf("health = %+v, want halted, naming the job", h)
		}
	})
}

func TestRecordsThatBreakTheMachineAreRefused(t *testing.T) {
	e := New(Options{Store: forgetful{}})
	e.load = func(batch.Snapshot, sched.Config) machine { panic("sched: a child without an array") }
	if err := e.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "a child without an array") {
		t.Errorf("Start = %v, want an error that names the law", err)
	}
}

func TestTheClockNeverGoesBack(t *testing.T) {
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	now := begin
	c := newClock(func() time.Time { return now }, time.Time{})
	last := c.now()
	for _, step := range []time.Duration{time.Second, -500 * time.Millisecond, 0, -time.Hour, time.Minute, 2 * time.Hour} {
		now = now.Add(step)
		if got := c.now(); got.Before(last) {
			t.Errorf("after a step of %s: %s, which is before %s", step, got, last)
		} else {
			last = got
		}
	}
	if !last.Equal(now) {
		t.Errorf("the clock shows %s, the wall %s", last, now)
	}
}

func TestASplitPartsBeforeFromAfter(t *testing.T) {
	c := newClock(time.Now, time.Now().Add(time.Hour))
	before := batch.At(c.now())
	split := batch.At(c.split())
	if after := batch.At(c.now()); before >= split || after < split {
		t.Errorf("before %d, split %d, after %d", before, split, after)
	}
}

func TestTheCacheForgetsWhatIsOld(t *testing.T) {
	c := newCache[int, int](10)
	for i := range 100 {
		c.put(i, i)
		c.get(0)
	}
	if _, ok := c.get(0); !ok {
		t.Error("what was used all the time is gone")
	}
	if _, ok := c.get(1); ok {
		t.Error("what was never used is there")
	}
	for i := 91; i < 100; i++ {
		if _, ok := c.get(i); !ok {
			t.Errorf("%d is gone though it is new", i)
		}
	}
}
