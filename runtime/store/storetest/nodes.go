package storetest

import (
	"fmt"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// multiNode is a multi-node job of two ranges, none of whose nodes has a row.
func multiNode(id batch.JobID, seq int64, nodes int32) batch.Job {
	return batch.Job{
		ID: id, Seq: seq, Name: string(id), QueueID: "q", QueueName: "queue", Status: batch.Runnable, CreatedAt: 5,
		Definition: batch.DefinitionRef{Name: "gang", Revision: 1},
		Nodes: &batch.Nodes{Count: nodes, Ranges: []batch.NodeRange{
			{From: 0, To: 0, Shape: batch.Shape{MilliCPU: 1000}},
			{From: 1, To: nodes - 1, Shape: batch.Shape{MilliCPU: 2000, GPUs: 1}, InContainer: true, Needs: []batch.Need{{Resource: "licence", Quantity: 2}}},
		}},
	}
}

// node is a node of multi with a row.
func node(multi *batch.Job, index int32, status batch.Status) batch.Job {
	j := multi.SynthesiseNode(index)
	j.Status, j.Attempt = status, 1
	if status.Live() {
		j.Run = &batch.Run{Environment: "e", Host: fmt.Sprint("host", index), Held: index > 0}
	}
	return j
}

// Nodes are found as children are, and are not counted.
func testNodes(t *testing.T, open Open) {
	s, reopen := open(t)
	ctx := t.Context()
	waits, runs, over := multiNode("waits", 1, 3), multiNode("runs", 2, 5), multiNode("over", 3, 2)
	runs.Status, over.Status = batch.Running, batch.Failed
	node0, node2, node3 := node(&runs, 0, batch.Running), node(&runs, 2, batch.Succeeded), node(&runs, 3, batch.Starting)
	node2.ContentKey = "00aa"
	done := node(&over, 0, batch.Failed)
	attempt := batch.Attempt{ID: batch.AttemptID{Job: node2.ID, Number: 1}, Host: "host2"}
	line := batch.Transition{Seq: 1, Job: node2.ID, From: batch.Running, To: batch.Succeeded, At: 9}
	commit(t, s, batch.Delta{
		Jobs:     []batch.Job{node3, node2, node0, done, over, runs, waits, runnable("array", 4, 2)},
		Attempts: []batch.Attempt{attempt}, Results: []batch.Result{{Attempt: attempt.ID, Body: []byte("{}")}},
		Specs:       []batch.Spec{{Job: runs.ID}},
		Transitions: []batch.Transition{line},
	})
	twice(s, reopen, func(s store.Store) {
		snapshot := must(s.Load(ctx))(t)
		same(t, "jobs", snapshot.Jobs, []batch.Job{waits, runs, node0, node3, runnable("array", 4, 2)})
		same(t, "ended", snapshot.Ended, []batch.EndedChild{{Array: "runs", Index: 2, Status: batch.Succeeded}})
		got := must(s.Jobs(ctx, []batch.JobID{"runs#2", "runs#4", "runs#5", "runs:2", "waits#0", "array#0", "over#1", "array:1", "runs#02"}))(t)
		same(t, "Jobs", got, []batch.Job{
			node2, runs.SynthesiseNode(4), waits.SynthesiseNode(0), over.SynthesiseNode(1), must(s.Jobs(ctx, []batch.JobID{"array:1"}))(t)[0],
		})
		same(t, "Attempts", must(s.Attempts(ctx, []batch.JobID{"runs", "runs#2", "runs:2"}))(t), map[batch.JobID][]batch.Attempt{"runs#2": {attempt}})
		numbers := []batch.AttemptID{attempt.ID, {Job: "runs:2", Number: 1}}
		same(t, "Results", must(s.Results(ctx, numbers))(t), map[batch.AttemptID][]byte{attempt.ID: []byte("{}")})
		same(t, "Specs", must(s.Specs(ctx, []batch.JobID{"runs"}))(t), map[batch.JobID]batch.Spec{"runs": {Job: "runs"}})
		same(t, "Succeeded", must(s.Succeeded(ctx, store.SucceededQuery{Keys: []string{"00aa"}}))(t), map[string]batch.Job{"00aa": node2})
		same(t, "Transitions", must(s.Transitions(ctx, 0, 9))(t), []batch.Transition{line})
		same(t, "a queue", ids(must(s.ListJobs(ctx, store.JobQuery{Queue: "q"}))(t)), []batch.JobID{"waits", "runs", "over", "array"})
		all := must(s.ListJobs(ctx, store.JobQuery{Array: "runs", AfterIndex: -1}))(t)
		same(t, "nodes", all, []batch.Job{node0, runs.SynthesiseNode(1), node2, node3, runs.SynthesiseNode(4)})
		some := must(s.ListJobs(ctx, store.JobQuery{Array: "runs", AfterIndex: 0, Limit: 2, Statuses: []batch.Status{batch.Running, batch.Starting}}))(t)
		same(t, "some nodes", some, []batch.Job{runs.SynthesiseNode(1), node3})
		same(t, "Counts", must(s.Counts(ctx))(t), [batch.StatusCount]int64{batch.Runnable: 3, batch.Running: 1, batch.Failed: 1})
	})
}

// Children answers rows only.
func testChildren(t *testing.T, open Open) {
	s, reopen := open(t)
	array, multi := runnable("array", 1, 9), multiNode("multi", 2, 4)
	child7, child2 := born(&array, 7, batch.Failed), born(&array, 2, batch.Succeeded)
	node1 := node(&multi, 1, batch.Running)
	other := runnable("other", 3, 2)
	commit(t, s, batch.Delta{Jobs: []batch.Job{child7, array, multi, node1, child2, other, born(&other, 0, batch.Failed), {ID: "single", Seq: 4}}})
	twice(s, reopen, func(s store.Store) {
		for root, want := range map[batch.JobID][]batch.Job{"array": {child2, child7}, "multi": {node1}, "single": nil, "none": nil, "array:2": nil} {
			same(t, string(root), must(s.Children(t.Context(), root))(t), want)
		}
	})
}
