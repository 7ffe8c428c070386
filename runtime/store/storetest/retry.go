package storetest

import (
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// failed is j after an attempt of it failed, and what is left of the attempt.
func failed(j batch.Job, number int32, at batch.Time) (batch.Job, batch.Attempt) {
	code := int32(1)
	j.Status, j.Run, j.Attempt, j.StartedAt, j.StoppedAt, j.ExitCode = batch.Failed, nil, number, at-1, at, &code
	return j, batch.Attempt{ID: j.AttemptID(), StartedAt: at - 1, StoppedAt: at, ExitCode: &code}
}

// retried is j as it is when it is to run again.
func retried(j batch.Job) batch.Job {
	j.Status, j.StatusReason, j.StoppedAt, j.ExitCode, j.AttemptsBefore = batch.Runnable, "", 0, nil, j.Attempt
	return j
}

// succeeded is j after an attempt of it succeeded.
func succeeded(j batch.Job, at batch.Time, key string) batch.Job {
	j.Status, j.Run, j.StoppedAt, j.ContentKey = batch.Succeeded, nil, at, key
	j.Attempt++
	return j
}

// byStatus asks for jobs of queue q in a status.
func byStatus(t *testing.T, s store.Store, status batch.Status) []batch.JobID {
	t.Helper()
	return ids(must(s.ListJobs(t.Context(), store.JobQuery{Queue: "q", Statuses: []batch.Status{status}}))(t))
}

// A job that ended may be retried: it is live again wherever live jobs are found, and may end again.
func testRetrySingle(t *testing.T, open Open) {
	s, reopen := open(t)
	ctx := t.Context()
	single := batch.Job{ID: "single", Seq: 1, Name: "n", QueueID: "q", Status: batch.Runnable, Token: "t", Needs: []batch.Need{{Resource: "r", Quantity: 1}}}
	commit(t, s, batch.Delta{Jobs: []batch.Job{single}})
	single, first := failed(single, 1, 10)
	commit(t, s, batch.Delta{Jobs: []batch.Job{single}, Attempts: []batch.Attempt{first}})
	s = reopen()
	same(t, "Load when failed", must(s.Load(ctx))(t).Jobs, nil)

	single = retried(single)
	commit(t, s, batch.Delta{Jobs: []batch.Job{single}})
	twice(s, func() store.Store { s = reopen(); return s }, func(s store.Store) {
		same(t, "Load when retried", must(s.Load(ctx))(t).Jobs, []batch.Job{single})
		same(t, "failed", byStatus(t, s, batch.Failed), nil)
		same(t, "runnable", byStatus(t, s, batch.Runnable), []batch.JobID{"single"})
		same(t, "Counts", must(s.Counts(ctx))(t), [batch.StatusCount]int64{batch.Runnable: 1})
		same(t, "attempts", must(s.Attempts(ctx, []batch.JobID{"single"}))(t)["single"], []batch.Attempt{first})
		needing := store.JobQuery{Consumable: "r", Statuses: []batch.Status{batch.Runnable}}
		same(t, "needing", must(s.ListJobs(ctx, needing))(t), []batch.Job{single})
	})

	single = succeeded(single, 20, "00aa")
	commit(t, s, batch.Delta{Jobs: []batch.Job{single}})
	twice(s, reopen, func(s store.Store) {
		same(t, "Load when ended again", must(s.Load(ctx))(t).Jobs, nil)
		same(t, "Jobs", must(s.Jobs(ctx, []batch.JobID{"single"}))(t), []batch.Job{single})
		same(t, "Succeeded", must(s.Succeeded(ctx, store.SucceededQuery{Keys: []string{"00aa"}}))(t), map[string]batch.Job{"00aa": single})
	})
}

// Of an array, the children that failed are retried: those with a row and those its own row speaks for.
func testRetryArray(t *testing.T, open Open) {
	s, reopen := open(t)
	ctx := t.Context()
	array := runnable("array", 1, 6)
	child1, child3, child4 := born(&array, 1, batch.Failed), born(&array, 3, batch.Succeeded), born(&array, 4, batch.Failed)
	child1, _ = failed(child1, 2, 10)
	child3 = succeeded(child3, 11, "00aa")
	child4, _ = failed(child4, 1, 12)
	array.Status, array.StoppedAt = batch.Failed, 13
	array.Array.Unborn = batch.Unborn{Status: batch.Failed, StatusReason: "cancelled", At: 13}
	array.Array.Counts = [batch.StatusCount]int32{batch.Succeeded: 1, batch.Failed: 5}
	commit(t, s, batch.Delta{Jobs: []batch.Job{array, child1, child3, child4}})
	s = reopen()
	snapshot := must(s.Load(ctx))(t)
	same(t, "Load when failed", snapshot, batch.Snapshot{LastSeq: 1})
	same(t, "Children", must(s.Children(ctx, "array"))(t), []batch.Job{child1, child3, child4})

	child1, child4 = retried(child1), retried(child4)
	array = retried(array)
	array.Status = batch.Pending
	array.Array.Unborn = batch.Unborn{Status: batch.Runnable, At: 14}
	array.Array.Counts = [batch.StatusCount]int32{batch.Succeeded: 1, batch.Runnable: 5}
	commit(t, s, batch.Delta{Jobs: []batch.Job{array, child1, child4}})
	twice(s, func() store.Store { s = reopen(); return s }, func(s store.Store) {
		snapshot := must(s.Load(ctx))(t)
		same(t, "Load when retried", snapshot.Jobs, []batch.Job{array, child1, child4})
		same(t, "ended", snapshot.Ended, []batch.EndedChild{{Array: "array", Index: 3, Status: batch.Succeeded}})
		same(t, "Counts", must(s.Counts(ctx))(t), [batch.StatusCount]int64{batch.Succeeded: 1, batch.Runnable: 5})
		runnableOnly := store.JobQuery{Array: "array", AfterIndex: -1, Statuses: []batch.Status{batch.Runnable}}
		same(t, "runnable", must(s.ListJobs(ctx, runnableOnly))(t),
			[]batch.Job{array.Synthesise(0), child1, array.Synthesise(2), child4, array.Synthesise(5)})
	})

	child1, child4 = succeeded(child1, 20, "00ab"), succeeded(child4, 21, "00ac")
	array.Status, array.StoppedAt = batch.Failed, 22
	array.Array.Unborn = batch.Unborn{Status: batch.Failed, StatusReason: "again", At: 22}
	array.Array.Counts = [batch.StatusCount]int32{batch.Succeeded: 3, batch.Failed: 3}
	commit(t, s, batch.Delta{Jobs: []batch.Job{child4, array, child1}})
	twice(s, reopen, func(s store.Store) {
		same(t, "Load when ended again", must(s.Load(ctx))(t), batch.Snapshot{LastSeq: 1})
		same(t, "children", must(s.ListJobs(ctx, store.JobQuery{Array: "array", AfterIndex: -1}))(t),
			[]batch.Job{array.Synthesise(0), child1, array.Synthesise(2), child3, child4, array.Synthesise(5)})
		same(t, "Succeeded", must(s.Succeeded(ctx, store.SucceededQuery{Keys: []string{"00aa", "00ab"}}))(t), map[string]batch.Job{"00aa": child3, "00ab": child1})
	})
}

// A multi-node job is retried as a whole.
func testRetryNodes(t *testing.T, open Open) {
	s, reopen := open(t)
	ctx := t.Context()
	multi := multiNode("multi", 1, 3)
	node0, _ := failed(node(&multi, 0, batch.Running), 1, 10)
	node1 := succeeded(multi.SynthesiseNode(1), 11, "")
	multi, _ = failed(multi, 1, 12)
	commit(t, s, batch.Delta{Jobs: []batch.Job{multi, node0, node1}})
	same(t, "Load when failed", must(s.Load(ctx))(t).Jobs, nil)
	multi, node0, node1 = retried(multi), retried(node0), retried(node1)
	commit(t, s, batch.Delta{Jobs: []batch.Job{node1, node0, multi}})
	twice(s, reopen, func(s store.Store) {
		snapshot := must(s.Load(ctx))(t)
		same(t, "Load when retried", snapshot.Jobs, []batch.Job{multi, node0, node1})
		same(t, "ended", snapshot.Ended, nil)
		same(t, "nodes", must(s.ListJobs(ctx, store.JobQuery{Array: "multi", AfterIndex: -1}))(t), []batch.Job{node0, node1, multi.SynthesiseNode(2)})
	})
}
