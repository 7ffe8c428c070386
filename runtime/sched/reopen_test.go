package sched_test

import (
	"errors"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
)

// TestRetryWithStaleRow retries a job with rows that were read before it was retried, or that do not belong together.
func TestRetryWithStaleRow(t *testing.T) {
	m, tell := fullWorld(t)
	now := time.UnixMilli(2_000_000)
	retry := func(id batch.JobID, row batch.Job, children ...batch.Job) error {
		_, err := m.Apply(now, sched.RetryJob{ID: id, Given: sched.Given{
			Jobs: map[batch.JobID]batch.Job{id: row}, Children: map[batch.JobID][]batch.Job{id: children},
		}})
		return err
	}
	old := tell(sched.CancelJob{ID: lastSubmitted(tell)}).Delta.Jobs[0]
	if err := retry(old.ID, old); err != nil {
		t.Fatal(err)
	}
	var conflict *batch.Error
	if err := retry(old.ID, old); !errors.As(err, &conflict) || conflict.Kind != batch.Conflict {
		t.Errorf("a job that lives again is retried: %v", err)
	}
	if _, err := m.Apply(now, sched.CancelJob{ID: old.ID}); err != nil {
		t.Fatal(err)
	}
	again := m.Take().Delta.Jobs[0]
	if err := retry(old.ID, old); !errors.Is(err, batch.ErrStale) {
		t.Errorf("retried with the row of its first end: %v", err)
	}
	if err := retry(old.ID, again); err != nil {
		t.Errorf("retried with the row of its last end: %v", err)
	}

	array := batch.Job{ID: "array", QueueID: "q", QueueName: "q", Size: 2, Status: batch.Failed, StoppedAt: 1, Array: &batch.Array{}}
	array.Array.Counts[batch.Failed] = 2
	child := batch.Job{ID: "array:0", Status: batch.Failed, StoppedAt: 1}
	if err := retry(array.ID, array, child); !errors.Is(err, batch.ErrStale) {
		t.Errorf("retried without the row of a child: %v", err)
	}
}

// lastSubmitted submits a job that finds no room.
func lastSubmitted(tell func(sched.Event) sched.Round) batch.JobID {
	tell(sched.SubmitJob{Request: submit.Request{ID: "waits", Queue: "q"}})
	return "waits"
}

// TestRetryMultiNode retries a multi-node job: the rows of its nodes are not looked at.
func TestRetryMultiNode(t *testing.T) {
	m, _ := fullWorld(t)
	row := batch.Job{
		ID: "gang", QueueID: "q", QueueName: "q", Status: batch.Failed, StoppedAt: 1, Attempt: 1,
		Nodes: &batch.Nodes{Count: 2, Ranges: []batch.NodeRange{{From: 0, To: 1}}},
	}
	reply, err := m.Apply(time.UnixMilli(2_000_000), sched.RetryJob{ID: row.ID, Given: sched.Given{
		Jobs:     map[batch.JobID]batch.Job{row.ID: row},
		Children: map[batch.JobID][]batch.Job{row.ID: {{ID: "gang#0", Status: batch.Failed}, {ID: "gang#1", Status: batch.Succeeded}}},
	}})
	if err != nil || reply != (sched.RetryReply{Retried: 1}) {
		t.Fatalf("%v, %v", reply, err)
	}
	if d := m.Take().Delta; len(d.Jobs) != 1 || d.Jobs[0].Status != batch.Runnable || d.Jobs[0].AttemptsBefore != 1 {
		t.Errorf("the rows are %+v", d.Jobs)
	}
}
