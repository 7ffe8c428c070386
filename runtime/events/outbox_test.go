package events

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/registry"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

func TestASinkIsToldInOrder(t *testing.T) {
	inWorld(t, func(w *world) {
		b := &basket{}
		o := w.outbox(b)
		w.submit("one", "work", "second", 0)
		w.submit("two", "other", "second", 0)
		w.expect(said(b.told), "one SUCCEEDED", "two SUCCEEDED")
		<-time.After(2 * cursorPause)
		synctest.Wait()
		if s := o.Stats()[0]; s.Lag != 0 || s.Delivered != 2 || s.Down || s.Failures != 0 {
			t.Errorf("stats = %+v", s)
		}
		last, _ := w.source.Last()
		cursors, err := w.store.Cursors(w.Context())
		w.must(err)
		if len(cursors) != 1 || cursors[0].Name != "sink/basket" || cursors[0].Seq != last {
			t.Errorf("cursors %+v, last line %d", cursors, last)
		}
		w.must(o.Stop(w.Context()))
		if !b.closed {
			t.Error("the sink was not closed")
		}
	})
}

func TestASinkThatIsDownAndARuntimeThatRestarts(t *testing.T) {
	inWorld(t, func(w *world) {
		b := &basket{}
		o := w.outbox(b)
		w.submit("one", "work", "second", 0)
		b.set(true)
		w.submit("two", "work", "second", 0)
		<-time.After(5 * time.Minute)
		if s := o.Stats()[0]; !s.Down || s.Failures == 0 || s.Lag == 0 {
			t.Errorf("stats of a sink that is down: %+v", s)
		}
		w.must(o.Stop(w.Context()))
		w.submit("three", "work", "second", 0) // nobody carries
		w.stop()
		w.driver = w.driver.Again()
		w.start()
		o = w.outbox(b)
		w.submit("four", "work", "second", 0)
		b.set(false)
		<-time.After(2 * maxBackoff)
		synctest.Wait()
		w.expect(said(b.told), "one SUCCEEDED", "two SUCCEEDED", "three SUCCEEDED", "four SUCCEEDED")
		w.must(o.Stop(w.Context()))
	})
}

// A new sink that has taken nothing keeps its place over a restart, even if the log was empty when it came.
func TestASinkThatNeverWasUp(t *testing.T) {
	inWorld(t, func(w *world) {
		b := &basket{down: true}
		o := w.outbox(b)
		w.submit("one", "work", "second", 0)
		w.must(o.Stop(w.Context()))
		o = w.outbox(b)
		b.set(false)
		<-time.After(2 * maxBackoff)
		synctest.Wait()
		w.expect(said(b.told), "one SUCCEEDED")
		w.must(o.Stop(w.Context()))
	})
}

// A sink that is not configured any more holds back no lines of the log; configured again it is a new one.
func TestASinkThatIsNotConfiguredAnyMore(t *testing.T) {
	inWorld(t, func(w *world) {
		b := &basket{}
		o := w.outbox(b)
		w.submit("one", "work", "second", 0)
		w.must(o.Stop(w.Context()))
		do(w, sched.Keep{Command: registry.MoveCursor{Name: "another reader", Seq: 1}})
		o = w.newOutbox()
		w.must(o.Start(w.Context()))
		cursors, err := w.store.Cursors(w.Context())
		w.must(err)
		if len(cursors) != 1 || cursors[0].Name != "another reader" {
			t.Errorf("cursors %+v", cursors)
		}
		w.submit("two", "work", "second", 0)
		w.must(o.Stop(w.Context()))
		o = w.outbox(b)
		w.submit("three", "work", "second", 0)
		w.expect(said(b.told), "one SUCCEEDED", "three SUCCEEDED")
		w.must(o.Stop(w.Context()))
	})
}

// That a place cannot be kept is said once, not each time that it is tried.
func TestACursorThatCannotBeMoved(t *testing.T) {
	inWorld(t, func(w *world) {
		var log bytes.Buffer
		o, err := NewOutbox(OutboxOptions{
			Source: w.source, Sinks: []SinkConfig{{Name: "basket", Type: TypeJSONLines, Path: "unused"}}, Cursors: w.store,
			Move:   func(context.Context, string, int64) error { return errors.New("the store is full") },
			Logger: slog.New(slog.NewTextHandler(&log, nil)),
		})
		w.must(err)
		b := &basket{}
		o.senders[0].to = b
		w.must(o.Start(w.Context()))
		w.submit("one", "work", "second", 0)
		<-time.After(time.Minute)
		w.must(o.Stop(w.Context()))
		if n := strings.Count(log.String(), "the store is full"); n != 1 || len(b.told) != 4 {
			t.Errorf("it was said %d times, and %d events were told: %s", n, len(b.told), log.String())
		}
	})
}

func TestALostAnswerIsADuplicate(t *testing.T) {
	inWorld(t, func(w *world) {
		b := &basket{refuse: 1}
		o := w.outbox(b)
		w.submit("one", "work", "second", 0)
		<-time.After(time.Minute)
		synctest.Wait()
		if len(b.told) != 2 || b.told[0].ID != b.told[1].ID {
			t.Errorf("told %q", said(b.told))
		}
		w.must(o.Stop(w.Context()))
	})
}

func TestASinkThatFallsBehindWhatIsKept(t *testing.T) {
	inWorld(t, func(w *world) {
		b := &basket{}
		o := w.outbox(b)
		w.submit("one", "work", "second", 0)
		w.must(o.Stop(w.Context()))
		w.submit("two", "work", "second", 0)
		w.submit("three", "work", "second", 0)
		gone, err := w.store.PruneTransitions(w.Context(), store.Retention{Lines: 3})
		w.must(err)
		o = w.outbox(b)
		<-time.After(time.Minute)
		synctest.Wait()
		if told := said(b.told); !slices.Equal(told, []string{"one SUCCEEDED", "three SUCCEEDED"}) {
			t.Errorf("told %q", told)
		}
		if s := o.Stats()[0]; s.Lost == 0 || s.Lost >= gone {
			t.Errorf("%d lines are gone, the sink says it lost %d", gone, s.Lost)
		}
		w.must(o.Stop(w.Context()))
	})
}
