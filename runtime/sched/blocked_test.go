package sched_test

import (
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/why"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// round plays one event and returns the rows of jobs that were written.
func (s *scene) round(ev sched.Event) map[batch.JobID]batch.Job {
	s.t.Helper()
	if _, err := s.m.Apply(s.now, ev); err != nil {
		s.t.Fatalf("%T: %v", ev, err)
	}
	s.m.Dispatch(s.now)
	rows := map[batch.JobID]batch.Job{}
	for _, row := range s.take().Delta.Jobs {
		rows[row.ID] = row
	}
	return rows
}

func (s *scene) advance(by time.Duration) map[batch.JobID]batch.Job {
	s.now = s.now.Add(by)
	return s.round(sched.Tick{})
}

// TestHeadSaysWhyItWaits looks at the statusReason of the head of a queue: it comes when the cause has lasted, and goes
// when the job is placed.
func TestHeadSaysWhyItWaits(t *testing.T) {
	s := newScene(t)
	s.submit(job("a", "q", vcpus(2)), job("b", "q", vcpus(2)), job("c", "q"))
	if rows := s.advance(29 * time.Second); len(rows) != 0 {
		t.Fatalf("rows are written before the cause has lasted: %v", rows)
	}
	rows := s.advance(time.Second)
	if reason := rows["b"].StatusReason; !strings.HasPrefix(reason, "BUSY - ") {
		t.Errorf("the head says %q, want BUSY", reason)
	}
	if _, written := rows["c"]; written {
		t.Error("work behind the head is written")
	}
	s.now = s.now.Add(30 * time.Second)
	code := int32(0)
	rows = s.round(sched.Reported{Report: batch.AttemptExited{Exit: batch.Exit{
		Attempt: batch.AttemptID{Job: "a", Number: 1}, Kind: batch.Exited, StartedAt: 1, StoppedAt: batch.At(s.now), Code: &code,
	}}})
	if b := rows["b"]; b.Status != batch.Starting || b.StatusReason != "" || b.BlockedAt != 0 {
		t.Errorf("the head was placed and says %s %q since %d", b.Status, b.StatusReason, b.BlockedAt)
	}
}

// TestTimeLimit has a queue cancel what is blocked for too long, counted from when it was.
func TestTimeLimit(t *testing.T) {
	s := newScene(t)
	s.do(sched.CreateQueue{Queue: batch.Queue{
		Name: "limited", UUID: "limited", Environments: []batch.EnvironmentOrder{{Order: 1, Environment: "e"}},
		TimeLimits: []batch.TimeLimit{{Reason: string(why.MaxResource), After: 10 * time.Minute}},
	}})
	s.submit(job("wide", "limited", vcpus(3)), job("tall", "limited", memory(2000)), job("wider", "limited", vcpus(4), size(2)))
	s.advance(9 * time.Minute)
	// Changing something else does not begin the count again.
	s.round(updateQueue(&s.rows, "limited", func(q *batch.Queue) { q.Priority = 5 }))
	rows := s.advance(time.Minute)
	want := "Canceled by JobStateTimeLimit action due to reason: " + string(why.MaxResource)
	if wide := rows["wide"]; wide.Status != batch.Failed || wide.StatusReason != want || !wide.Cancelled {
		t.Errorf("job wide is %s %q, cancelled: %t; want FAILED %q", wide.Status, wide.StatusReason, wide.Cancelled, want)
	}
	if wider := rows["wider"]; wider.Status != batch.Failed || wider.Array.Counts[batch.Failed] != 2 {
		t.Errorf("array wider is %s with %v", wider.Status, wider.Array)
	}
	if _, written := rows["tall"]; written {
		t.Error("job tall waits for another reason and is written")
	}
	rows = s.round(updateQueue(&s.rows, "limited", func(q *batch.Queue) {
		q.TimeLimits = []batch.TimeLimit{{Reason: string(why.Requirement), After: 10 * time.Minute}}
	}))
	if len(rows) != 0 {
		t.Errorf("changing a limit writes %v", rows)
	}
	rows = s.advance(0)
	if tall := rows["tall"]; tall.Status != batch.Failed {
		t.Errorf("job tall has been blocked for as long as the new limit allows, and is %s", tall.Status)
	}
}
