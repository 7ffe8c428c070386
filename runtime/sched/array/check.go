package array

import (
	"fmt"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/bitset"
)

// Check holds c against its laws and against the counts in the row of the array. It looks at everything, so it is for tests.
func (c *Children[C]) Check(fail func(string, ...any)) {
	id, counts := c.array.ID, c.array.Array.Counts
	var sum int32
	for s, n := range counts {
		if n < 0 {
			fail("array %s counts %d children %s", id, n, batch.Status(s))
		}
		sum += n
	}
	if sum != c.array.Size {
		fail("array %s counts %d children of %d", id, sum, c.array.Size)
	}
	for _, set := range []*bitset.Set{&c.hasRow, &c.succeeded} {
		if set.Recount() != set.Len() {
			fail("array %s counts %d in a set of %d children", id, set.Len(), set.Recount())
		}
	}
	if n := c.succeeded.Len(); n != counts[batch.Succeeded] {
		fail("array %s knows %d children that succeeded, its row says %d", id, n, counts[batch.Succeeded])
	}
	if n := c.array.Array.ResultErrors; n < 0 || n > counts[batch.Succeeded] {
		fail("array %s counts %d results that were not taken, and %d children that succeeded", id, n, counts[batch.Succeeded])
	}
	if n := len(c.watched); n > int(c.array.Size) {
		fail("array %s watches %d children of %d", id, n, c.array.Size)
	}
	if counts[batch.Succeeded]+counts[batch.Failed] == c.array.Size {
		fail("array %s has ended and is still kept", id)
	}
}

// CheckGate holds the children of a gated array against the laws of waiting. Await is for how many jobs and single children of others the
// whole array still waits; letGo excuses a child that runs before what it waits for has succeeded.
func (c *Children[C]) CheckGate(others Arrays[C], await int, letGo func(index int32) bool, fail func(string, ...any)) {
	failed := bitset.NewMask(c.array.Size)
	for _, d := range c.array.DependsOn {
		if other := others.Children(d.Job); d.Kind == batch.DependNToN && other != nil {
			failed.Union(other.FailedMask())
		}
	}
	for index := range c.array.Size {
		status, met := c.Status(index), c.Met(index, others)
		hopeless := failed.Has(index) || index > 0 && c.Sequential() && c.Status(index-1) == batch.Failed
		switch {
		case status == batch.Pending && (hopeless || met && await == 0):
			fail("child %d of array %s waits for nothing, hopeless: %t", index, c.array.ID, hopeless)
		case status >= batch.Runnable && status <= batch.Running && !met && !letGo(index):
			fail("child %d of array %s is %s before what it waits for", index, c.array.ID, status)
		}
	}
}

// String is c as text, the same for equal children.
func (c *Children[C]) String() string {
	return fmt.Sprintf("rows=%d next=%d has=%x succeeded=%x", c.hasRow.Len(), c.next, c.hasRow.Words(), c.succeeded.Words())
}
