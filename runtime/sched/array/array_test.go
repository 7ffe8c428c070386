package array_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/bitset"
	"github.com/batchd/terraform-provider-batch/runtime/sched/array"
)

// child is a child with a row.
type child struct{ status batch.Status }

func (c *child) Status() batch.Status { return c.status }

// twin is an array that keeps the status of every child in a list.
type twin struct {
	row      batch.Job
	children *array.Children[*child]
	rows     []*child // nil: unborn
}

func newTwin(id batch.JobID, size int32, dependsOn ...batch.Dependency) *twin {
	a := &twin{row: batch.Job{ID: id, Size: size, DependsOn: dependsOn, Array: &batch.Array{}}, rows: make([]*child, size)}
	a.row.Array.Unborn.Status = batch.Pending
	a.children = array.Of[*child](&a.row)
	return a
}

func (a *twin) status(index int32) batch.Status {
	if c := a.rows[index]; c != nil {
		return c.status
	}
	return a.row.Array.Unborn.Status
}

// become puts the child at index into a status, with a row of its own.
func (a *twin) become(index int32, to batch.Status) {
	if a.rows[index] == nil {
		a.rows[index] = &child{status: a.row.Array.Unborn.Status}
		a.children.Bear(index, a.rows[index])
	}
	if a.rows[index].status = to; to.Terminal() {
		a.children.End(index, to)
	}
}

// those returns the indices of the children of which that is so.
func (a *twin) those(is func(index int32) bool) (found []int32) {
	for index := range a.row.Size {
		if is(index) {
			found = append(found, index)
		}
	}
	return found
}

// play lets things happen to children of a.
func (a *twin) play(t *rapid.T) {
	for range rapid.IntRange(0, 20).Draw(t, "steps") {
		if rapid.IntRange(0, 9).Draw(t, "unborn") == 0 {
			a.row.Array.Unborn.Status = rapid.SampledFrom([]batch.Status{batch.Pending, batch.Runnable, batch.Failed}).Draw(t, "status")
			continue
		}
		index := rapid.Int32Range(0, a.row.Size-1).Draw(t, "index")
		if !a.status(index).Terminal() {
			a.become(index, rapid.SampledFrom([]batch.Status{batch.Pending, batch.Runnable, batch.Running, batch.Succeeded, batch.Failed}).Draw(t, "to"))
		}
	}
}

func size(t *rapid.T) int32 {
	return rapid.SampledFrom([]int32{2, 3, 63, 64, 65, 130}).Draw(t, "size")
}

// TestChildrenAreWhatAListOfThemSays holds the sets against a list of all children.
func TestChildrenAreWhatAListOfThemSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := newTwin("a", size(t))
		a.play(t)
		c := a.children
		for index := range a.row.Size {
			if got, want := c.Status(index), a.status(index); got != want {
				t.Fatalf("child %d is %s, want %s", index, got, want)
			}
			live := a.rows[index]
			if live != nil && live.status.Terminal() {
				live = nil
			}
			if c.HasRow(index) != (a.rows[index] != nil) || c.Live(index) != live {
				t.Fatalf("child %d has a row: %t, is %v", index, c.HasRow(index), c.Live(index))
			}
		}
		unborn := a.those(func(i int32) bool { return a.rows[i] == nil })
		same(t, "are unborn", c.UnbornMask().Indices(), unborn)
		same(t, "are unborn one by one", slices.Collect(c.EachUnborn), unborn)
		same(t, "have failed", c.FailedMask().Indices(), a.those(func(i int32) bool { return a.status(i) == batch.Failed }))
		same(t, "wait", c.WaitingMask().Indices(), a.those(func(i int32) bool { return a.status(i) == batch.Pending }))
		if next := append(unborn, a.row.Size)[0]; c.Next() != next || int(c.Unborn()) != len(unborn) {
			t.Fatalf("of %v the first is %d, and there are %d", unborn, c.Next(), c.Unborn())
		}
		var pending []*child
		for _, i := range a.those(func(i int32) bool { return a.rows[i] != nil && a.status(i) == batch.Pending }) {
			pending = append(pending, a.rows[i])
		}
		if !slices.Equal(c.Pending(), pending) {
			t.Fatal("those with rows that wait are others, or in another order")
		}
		a.check(t)
	})
}

// check has a check itself, with counts that are right.
func (a *twin) check(t *rapid.T) {
	for index := range a.row.Size {
		a.row.Array.Counts[a.status(index)]++
	}
	ended := a.row.Array.Counts[batch.Succeeded]+a.row.Array.Counts[batch.Failed] == a.row.Size
	var broken []string
	fail := func(format string, args ...any) { broken = append(broken, fmt.Sprintf(format, args...)) }
	if a.children.Check(fail); len(broken) > 0 != ended {
		t.Fatalf("the array has ended: %t, and breaks %q", ended, broken)
	}
	a.row.Array.Counts[batch.Pending]++
	broken = nil
	if a.children.Check(fail); len(broken) == 0 {
		t.Fatal("a child too many was not noticed")
	}
}

func same(t *rapid.T, what string, got, want []int32) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("%v %s, want %v", got, what, want)
	}
}

// arrays are the arrays that have not ended.
type arrays map[batch.JobID]*twin

func (s arrays) Children(id batch.JobID) *array.Children[*child] {
	if a := s[id]; a != nil {
		return a.children
	}
	return nil
}

// TestGatesOpenForOneChildAfterTheOther holds the words of the gate against the rule for one child.
func TestGatesOpenForOneChildAfterTheOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := size(t)
		others := arrays{"b": newTwin("b", n)}
		others["b"].play(t)
		var dependsOn []batch.Dependency
		sequential, paired := rapid.Bool().Draw(t, "sequential"), rapid.Bool().Draw(t, "paired")
		if sequential {
			dependsOn = append(dependsOn, batch.Dependency{Kind: batch.DependSequential})
		}
		if paired {
			dependsOn = append(dependsOn, batch.Dependency{Job: "b", Kind: batch.DependNToN}, batch.Dependency{Job: "ended", Kind: batch.DependNToN})
		}
		a := newTwin("a", n, dependsOn...)
		a.play(t)
		met := func(i int32) bool {
			return (!sequential || i == 0 || a.status(i-1) == batch.Succeeded) && (!paired || others["b"].status(i) == batch.Succeeded)
		}
		c := a.children
		for i := range n {
			if c.Met(i, others) != met(i) {
				t.Fatalf("child %d may run: %t", i, c.Met(i, others))
			}
		}
		same(t, "may run", c.MayRun(others), a.those(func(i int32) bool { return met(i) && a.status(i) == batch.Pending }))
		if c.Gated(others) != (sequential || paired) || c.Sequential() != sequential || c.Gated(arrays{}) != sequential {
			t.Fatalf("gated: %t, sequential: %t", c.Gated(others), c.Sequential())
		}
	})
}

// TestFailingTakesFewRows fails some children as is said, and looks at what has become of all and at how many rows that took.
func TestFailingTakesFewRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var dependsOn []batch.Dependency
		if rapid.Bool().Draw(t, "sequential") {
			dependsOn = append(dependsOn, batch.Dependency{Kind: batch.DependSequential})
		}
		a := newTwin("a", size(t), dependsOn...)
		a.play(t)
		chosen := rapid.SliceOfN(rapid.Int32Range(0, a.row.Size-1), 0, 80).Draw(t, "chosen")
		set := bitset.NewMask(a.row.Size)
		for _, i := range chosen {
			set.Add(i)
		}
		want := make([]batch.Status, a.row.Size)
		for i := range want {
			want[i] = a.status(int32(i))
			if after := i > 0 && a.children.Sequential() && want[i-1] == batch.Failed && a.status(int32(i-1)) == batch.Pending; want[i] == batch.Pending && (slices.Contains(chosen, int32(i)) || after) {
				want[i] = batch.Failed
			}
		}
		before := a.children.Unborn()
		f := a.children.Fail(set)
		for _, i := range f.Bear {
			a.become(i, a.status(i))
		}
		if f.Unborn {
			a.row.Array.Unborn.Status = batch.Failed
		}
		for _, i := range f.Each {
			if a.status(i) == batch.Pending {
				a.become(i, batch.Failed)
			}
		}
		for i := range want {
			if got := a.status(int32(i)); got != want[i] {
				t.Fatalf("child %d is %s, want %s", i, got, want[i])
			}
		}
		if changed := before - a.children.Unborn(); changed > before/2 {
			t.Fatalf("of %d children without a row %d got one", before, changed)
		}
		if !slices.IsSortedFunc(f.Each, func(a, b int32) int { return int(b - a) }) {
			t.Fatalf("they fail in the order %v, want the last first", f.Each)
		}
	})
}

// TestWatchedChildrenAreToldOnce: each is returned once, in order.
func TestWatchedChildrenAreToldOnce(t *testing.T) {
	a := newTwin("a", 5)
	a.children.Watch(3)
	a.children.Watch(1)
	if !a.children.Watches(3) || a.children.Watches(2) {
		t.Error("others are watched")
	}
	if got := a.children.TakeWatched(); !slices.Equal(got, []int32{1, 3}) || a.children.TakeWatched() != nil {
		t.Errorf("watched are %v", got)
	}
}
