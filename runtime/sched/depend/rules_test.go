package depend_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched/depend"
)

// TestBreaks: success is the default, AFTER_ANY takes any end, AFTER_FAILED wants a failure.
func TestBreaks(t *testing.T) {
	for kind, want := range map[batch.DependencyKind][2]string{ // after success, after failure
		batch.DependOnSuccess:   {"", "Dependent Job failed"},
		batch.DependAfterAny:    {"", ""},
		batch.DependAfterFailed: {"Dependent Job did not fail", ""},
	} {
		if got := [2]string{depend.Breaks(kind, batch.Succeeded), depend.Breaks(kind, batch.Failed)}; got != want {
			t.Errorf("type %q: %q, want %q", kind, got, want)
		}
		if reason := depend.Breaks(kind, batch.Running); reason != "" {
			t.Errorf("type %q fails while the other runs: %s", kind, reason)
		}
	}
	both := []batch.Dependency{{Job: "a", Kind: batch.DependAfterFailed}, {Job: "b"}}
	if got := depend.BreaksAll(both, "b", batch.Failed); got != depend.Failed {
		t.Errorf("the second dependency breaks as %q", got)
	}
	if got := depend.BreaksAll(both, "b", batch.Succeeded); got != "" {
		t.Errorf("what the first wants of a holds for b: %q", got)
	}
}

// TestEntriesThatBreakARule by themselves.
func TestEntriesThatBreakARule(t *testing.T) {
	for name, c := range map[string]struct {
		entry batch.Dependency
		size  int32
		want  string // a part of the refusal; empty: none
	}{
		"another job":                {batch.Dependency{Job: "b"}, 0, ""},
		"a child of an array":        {batch.Dependency{Job: "b:7"}, 0, ""},
		"no job":                     {batch.Dependency{}, 0, "has no jobId"},
		"itself":                     {batch.Dependency{Job: "a"}, 0, "job a would wait for itself"},
		"a child of itself":          {batch.Dependency{Job: "a:1"}, 3, "job a:1 would wait for itself"},
		"a node":                     {batch.Dependency{Job: "b#1"}, 0, "is a node; name its job, b"},
		"an unknown type":            {batch.Dependency{Job: "b", Kind: "LATER"}, 0, `type "LATER" is not known`},
		"one child after the other":  {batch.Dependency{Kind: batch.DependSequential}, 3, ""},
		"that of a single job":       {batch.Dependency{Kind: batch.DependSequential}, 0, "is for array jobs"},
		"that with a job":            {batch.Dependency{Job: "b", Kind: batch.DependSequential}, 3, "takes no jobId, and b is given"},
		"child by child":             {batch.Dependency{Job: "b", Kind: batch.DependNToN}, 3, ""},
		"child by child without one": {batch.Dependency{Job: "b", Kind: batch.DependNToN}, 0, "is for array jobs"},
	} {
		t.Run(name, func(t *testing.T) {
			err := depend.CheckEntry(c.entry, "a", c.size)
			if (err != nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
	array := batch.Job{ID: "b", Size: 3, Array: &batch.Array{}}
	if err := depend.CheckPair(&array, 3); err != nil {
		t.Error(err)
	}
	if err := depend.CheckPair(&array, 4); err == nil || !strings.Contains(err.Error(), "job b has 3 children and this array 4") {
		t.Errorf("arrays of different sizes: %v", err)
	}
	if err := depend.CheckPair(&batch.Job{ID: "b"}, 3); err == nil || !strings.Contains(err.Error(), "job b is not an array") {
		t.Errorf("an array and a single job: %v", err)
	}
}

// TestFailedOf: what has no row has ended as the row of the array says.
func TestFailedOf(t *testing.T) {
	array := batch.Job{ID: "a", Size: 4, Array: &batch.Array{}}
	rows := []batch.Job{{ID: "a:1", Status: batch.Failed}, {ID: "a:3", Status: batch.Succeeded}}
	for unborn, want := range map[batch.Status][]int32{batch.Succeeded: {1}, batch.Failed: {0, 1, 2}} {
		array.Array.Unborn.Status = unborn
		array.Array.Counts = [batch.StatusCount]int32{batch.Failed: int32(len(want))}
		if set, ok := depend.FailedOf(&array, rows); !ok || !slices.Equal(set.Indices(), want) {
			t.Errorf("with unborn children %s %v have failed, complete: %t; want %v", unborn, set.Indices(), ok, want)
		}
	}
	array.Array.Unborn.Status, array.Array.Counts = batch.Succeeded, [batch.StatusCount]int32{batch.Failed: 1}
	if _, ok := depend.FailedOf(&array, rows[1:]); ok {
		t.Error("a row that is missing was not noticed")
	}
}
