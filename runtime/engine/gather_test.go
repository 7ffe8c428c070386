package engine

import (
	"maps"
	"slices"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store/storetest"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
)

// arrayRow is the row of an array of 3, of which nothing is said but how it stands.
func arrayRow(id batch.JobID, seq int64, status batch.Status, dependsOn ...batch.Dependency) batch.Job {
	j := batch.Job{
		ID: id, Seq: seq, Name: string(id), QueueID: "q1", QueueName: "work", Definition: batch.DefinitionRef{Name: "d", Revision: 1},
		Size: 3, Status: status, CreatedAt: 1, DependsOn: dependsOn, Array: &batch.Array{Unborn: batch.Unborn{Status: status, At: 2}},
	}
	if status.Terminal() {
		j.StoppedAt = 2
	}
	j.Array.Counts[status] = j.Size
	return j
}

func childRow(array batch.Job, index int32, status batch.Status) batch.Job {
	child := array.Synthesise(index)
	child.Status, child.Attempt = status, 1
	if status.Terminal() {
		child.StoppedAt = 2
	}
	return child
}

func single(id batch.JobID, seq int64, status batch.Status) batch.Job {
	j := arrayRow(id, seq, status)
	j.Size, j.Array = 0, nil
	return j
}

// stocked is an engine, not started, over a store with these rows.
func stocked(t *testing.T, rows ...batch.Job) *Engine {
	t.Helper()
	memory := storetest.NewMemory()
	if err := memory.Commit(t.Context(), &batch.Delta{Jobs: rows}); err != nil {
		t.Fatal(err)
	}
	return New(Options{Store: memory})
}

// wantGiven checks which jobs were given, and the rows of whose children.
func wantGiven(t *testing.T, g sched.Given, jobs []batch.JobID, children map[batch.JobID][]batch.JobID) {
	t.Helper()
	if got := slices.Sorted(maps.Keys(g.Jobs)); !slices.Equal(got, jobs) {
		t.Errorf("jobs %q, want %q", got, jobs)
	}
	if len(g.Children) != len(children) {
		t.Errorf("children of %d jobs, want of %d", len(g.Children), len(children))
	}
	for parent, want := range children {
		var got []batch.JobID
		for _, row := range g.Children[parent] {
			got = append(got, row.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("children of %s: %q, want %q", parent, got, want)
		}
	}
}

func TestASubmitIsGivenChildrenOfEndedArraysOnly(t *testing.T) {
	over, live := arrayRow("over", 1, batch.Failed), arrayRow("live", 2, batch.Pending)
	e := stocked(t, over, live, childRow(over, 0, batch.Succeeded), childRow(over, 2, batch.Failed),
		childRow(live, 1, batch.Succeeded), single("one", 3, batch.Succeeded))
	g, err := e.gather(t.Context(), sched.SubmitJob{Request: submit.Request{DependsOn: []batch.Dependency{
		{Job: "over", Kind: batch.DependNToN},
		{Job: "live", Kind: batch.DependNToN},
		{Job: "one"},
		{Kind: batch.DependSequential},
		{Job: "gone", Kind: batch.DependNToN},
	}}}.Needs())
	if err != nil {
		t.Fatal(err)
	}
	wantGiven(t, g, []batch.JobID{"live", "one", "over"}, map[batch.JobID][]batch.JobID{"over": {"over:0", "over:2"}})
}

func TestARetryIsGivenTheJobItsChildrenAndItsDependencies(t *testing.T) {
	first := arrayRow("first", 1, batch.Succeeded)
	whole := arrayRow("whole", 2, batch.Succeeded)
	live := arrayRow("live", 3, batch.Pending)
	again := arrayRow("again", 4, batch.Failed,
		batch.Dependency{Job: "first", Kind: batch.DependNToN}, batch.Dependency{Job: "whole"},
		batch.Dependency{Job: "live", Kind: batch.DependNToN}, batch.Dependency{Kind: batch.DependSequential})
	e := stocked(t, first, childRow(first, 1, batch.Succeeded), whole, childRow(whole, 0, batch.Succeeded),
		live, childRow(live, 0, batch.Succeeded), again, childRow(again, 0, batch.Succeeded), childRow(again, 1, batch.Failed))
	g, err := e.gather(t.Context(), sched.RetryJob{ID: "again"}.Needs())
	if err != nil {
		t.Fatal(err)
	}
	wantGiven(t, g, []batch.JobID{"again", "first", "live", "whole"},
		map[batch.JobID][]batch.JobID{"again": {"again:0", "again:1"}, "first": {"first:1"}})
}

func TestARetryOfAMultiNodeJobIsGivenItsNodes(t *testing.T) {
	j := single("nodes", 1, batch.Failed)
	j.Nodes = &batch.Nodes{Count: 2, Ranges: []batch.NodeRange{{From: 0, To: 1}}}
	node := j.SynthesiseNode(1)
	node.Attempt = 1
	e := stocked(t, j, node)
	g, err := e.gather(t.Context(), sched.RetryJob{ID: "nodes"}.Needs())
	if err != nil {
		t.Fatal(err)
	}
	wantGiven(t, g, []batch.JobID{"nodes"}, map[batch.JobID][]batch.JobID{"nodes": {"nodes#1"}})

	g, err = e.gather(t.Context(), sched.RetryJob{ID: "gone"}.Needs())
	if err != nil {
		t.Fatal(err)
	}
	wantGiven(t, g, nil, nil)
}
