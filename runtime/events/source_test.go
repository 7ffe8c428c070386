package events

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
)

func TestTheLifeOfAJob(t *testing.T) {
	inWorld(t, func(w *world) {
		w.submit("one", "work", "second", 0)
		told := w.read(wire.EventFilter{})
		w.expect(said(told), "one RUNNABLE", "one STARTING", "one RUNNING", "one SUCCEEDED")
		ids := map[string]bool{}
		for i, again := range w.read(wire.EventFilter{}) {
			if again.ID != told[i].ID || ids[again.ID] {
				t.Errorf("event %d has the id %s, and had %s", i, again.ID, told[i].ID)
			}
			ids[again.ID] = true
		}
		first, last := told[0], told[3]
		if first.Version != "0" || first.Source != "aws.batch" || first.DetailType != "Batch Job State Change" || first.Account != "123456789012" || first.Region != "us-east-1" {
			t.Errorf("envelope = %+v", first)
		}
		arn := "arn:aws:batch:us-east-1:123456789012:job/one"
		if len(first.Resources) != 1 || first.Resources[0] != arn || first.Detail.Tags["resourceArn"] != arn || first.Detail.Tags["team"] != "blue" {
			t.Errorf("resources %q, tags %q", first.Resources, first.Detail.Tags)
		}
		if first.Detail.StoppedAt != 0 || first.Detail.StartedAt != 0 || first.Detail.Container.ExitCode != nil {
			t.Errorf("what was RUNNABLE is told to have run: %+v", first.Detail)
		}
		if last.Detail.StoppedAt == 0 || last.Detail.Container.ExitCode == nil || last.Batchd.PreviousStatus != "RUNNING" {
			t.Errorf("what has ended is told without its end: %+v", last.Detail)
		}
	})
}

func TestWhatIsWanted(t *testing.T) {
	inWorld(t, func(w *world) {
		w.submit("one", "work", "second", 0)
		w.submit("two", "other", "second", 0)
		w.expect(said(w.read(wire.EventFilter{Queues: []string{"oth*"}, Statuses: []string{"STARTING", "SUCCEEDED"}})), "two STARTING", "two SUCCEEDED")
		w.expect(said(w.read(wire.EventFilter{Job: "one", Statuses: []string{"RUNNING"}})), "one RUNNING")
		w.expect(said(w.read(wire.EventFilter{Job: "three"})))
	})
}

func TestOneLineStandsForManyChildren(t *testing.T) {
	inWorld(t, func(w *world) {
		w.submit("many", "work", "second", 3)
		for _, c := range []struct {
			filter wire.EventFilter
			want   []string
		}{
			{wire.EventFilter{Statuses: []string{"RUNNABLE"}}, []string{"many PENDING children RUNNABLE"}},
			{wire.EventFilter{Statuses: []string{"RUNNABLE"}, Children: true}, []string{"many:0 RUNNABLE", "many:1 RUNNABLE", "many:2 RUNNABLE", "many PENDING children RUNNABLE"}},
			{wire.EventFilter{Job: "many:1"}, []string{"many:1 RUNNABLE", "many:1 STARTING", "many:1 RUNNING", "many:1 SUCCEEDED"}},
			{wire.EventFilter{Job: "many", Statuses: []string{"SUCCEEDED"}}, []string{"many:0 SUCCEEDED", "many:1 SUCCEEDED", "many:2 SUCCEEDED", "many SUCCEEDED"}},
		} {
			told := w.read(c.filter)
			lines := said(told)
			slices.Sort(lines) // children that run beside each other end in any order
			slices.Sort(c.want)
			w.expect(lines, c.want...)
			ids := map[string]bool{}
			for _, e := range told {
				if ids[e.ID] {
					t.Errorf("%+v: two events have the id %s", c.filter, e.ID)
				}
				ids[e.ID] = true
			}
		}
	})
}

func TestAMillionChildrenAreNotExpanded(t *testing.T) {
	inWorld(t, func(w *world) {
		w.close()
		do(w, sched.SubmitJob{Request: submit.Request{ID: "many", Name: "many", Queue: "work", Definition: definition("second"), Size: 10_000}})
		do(w, sched.CancelJob{ID: "many", Reason: "enough"})
		told := w.read(wire.EventFilter{})
		if len(told) > 6 {
			t.Errorf("%d events: %q", len(told), said(told))
		}
		if n := len(w.read(wire.EventFilter{Children: true, Statuses: []string{"FAILED"}})); n != wire.MaxEventChildren+2 {
			t.Errorf("%d events with children one by one, want %d", n, wire.MaxEventChildren+2)
		}
	})
}

// However many children one asks for, a page is bounded: each event describes a whole job.
func TestAPageOfManyChildren(t *testing.T) {
	inWorld(t, func(w *world) {
		w.close()
		for _, id := range []batch.JobID{"a", "b", "c", "d"} {
			do(w, sched.SubmitJob{Request: submit.Request{ID: id, Name: string(id), Queue: "work", Definition: definition("second"), Size: wire.MaxEventChildren}})
		}
		filter := wire.EventFilter{Children: true, Statuses: []string{"RUNNABLE"}}
		page, err := w.source.Read(w.Context(), 0, filter)
		w.must(err)
		if n := len(page.Events); n < pageEvents || n > pageEvents+wire.MaxEventChildren+1 {
			t.Errorf("%d events in a page, at least %d are enough", n, pageEvents)
		}
		// Of each array: its children, its children together, and that it is at the head of a queue that is blocked.
		if n := len(w.read(filter)); n != 4*(wire.MaxEventChildren+2) {
			t.Errorf("%d events in all, want %d", n, 4*(wire.MaxEventChildren+2))
		}
	})
}

// What happens to the children of an array is not told of one that had ended before.
func TestAChildThatEndedAlone(t *testing.T) {
	inWorld(t, func(w *world) {
		w.close()
		do(w, sched.SubmitJob{Request: submit.Request{ID: "many", Name: "many", Queue: "work", Definition: definition("second"), Size: 3}})
		do(w, sched.CancelJob{ID: "many:1", Reason: "this one"})
		<-time.After(time.Second)
		do(w, sched.CancelJob{ID: "many", Reason: "all"})
		w.expect(said(w.read(wire.EventFilter{Job: "many:1"})), "many:1 RUNNABLE", "many:1 FAILED")
		w.expect(said(w.read(wire.EventFilter{Job: "many:2"})), "many:2 RUNNABLE", "many:2 FAILED")
	})
}

func TestABlockedQueue(t *testing.T) {
	inWorld(t, func(w *world) {
		w.submit("giant", "work", "huge", 0)
		told := w.read(wire.EventFilter{Job: "giant"})
		w.expect(said(told), "giant RUNNABLE", "giant RUNNABLE blocked")
		blocked := told[1]
		if blocked.Detail.StatusReason == "" || fmt.Sprint(blocked.Resources) != "[arn:aws:batch:us-east-1:123456789012:job/giant arn:aws:batch:us-east-1:123456789012:job-queue/work]" {
			t.Errorf("blocked: %q of %q", blocked.Detail.StatusReason, blocked.Resources)
		}
	})
}

func TestAReaderThatComesTooLate(t *testing.T) {
	inWorld(t, func(w *world) {
		w.submit("one", "work", "second", 0)
		w.submit("two", "work", "second", 0)
		last, _ := w.source.Last()
		gone, err := w.store.PruneTransitions(w.Context(), store.Retention{Lines: 2})
		w.must(err)
		page, err := w.source.Read(w.Context(), 1, wire.EventFilter{})
		w.must(err)
		if page.Lost != gone-1 || page.Next != last || gone == 0 {
			t.Errorf("lost %d of %d lines that are gone, next %d of %d", page.Lost, gone, page.Next, last)
		}
		w.expect(said(page.Events), "two RUNNING", "two SUCCEEDED")
	})
}
