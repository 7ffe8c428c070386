package array

import (
	"maps"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/bitset"
)

// Child is a child of an array that has a row and has not ended.
type Child interface {
	Status() batch.Status
}

// Children are the children of one array.
type Children[C Child] struct {
	array     *batch.Job // its row
	live      map[int32]C
	hasRow    bitset.Set
	succeeded bitset.Set // what has a row, is not live and not here has failed
	next      int32      // no index below it is without a row
	watched   []int32
}

// Of returns the children of an array none of whose children has a row. The row must stay where it is.
func Of[C Child](array *batch.Job) *Children[C] {
	return &Children[C]{array: array, live: map[int32]C{}}
}

// Bear notes that the child at index, which has not ended, has a row.
func (c *Children[C]) Bear(index int32, child C) {
	c.mark(index)
	c.live[index] = child
}

// End notes how a child with a row ended.
func (c *Children[C]) End(index int32, status batch.Status) {
	c.mark(index)
	delete(c.live, index)
	if status == batch.Succeeded {
		c.succeeded.Add(index)
	}
}

// mark notes that the child at index has a row, and moves next to the first child that has none.
func (c *Children[C]) mark(index int32) {
	if !c.hasRow.Add(index) {
		return
	}
	for c.next < c.array.Size && c.hasRow.Has(c.next) {
		if c.next%64 == 0 && c.hasRow.Word(c.next/64) == ^uint64(0) {
			c.next += 64
			continue
		}
		c.next++
	}
	c.next = min(c.next, c.array.Size)
}

// Live returns the child at index; the zero C if it has no row or has ended.
func (c *Children[C]) Live(index int32) C { return c.live[index] }

// All yields the live children, in no order.
func (c *Children[C]) All(yield func(C) bool) {
	maps.Values(c.live)(yield)
}

// HasRow reports whether the child at index has a row.
func (c *Children[C]) HasRow(index int32) bool { return c.hasRow.Has(index) }

// Next is the lowest index of an unborn child; the size of the array if there is none.
func (c *Children[C]) Next() int32 { return c.next }

// Unborn is how many children have no row.
func (c *Children[C]) Unborn() int32 { return c.array.Size - c.hasRow.Len() }

// EachUnborn yields the indices of the unborn children, ascending.
func (c *Children[C]) EachUnborn(yield func(int32) bool) {
	for i := c.next; i < c.array.Size; i++ {
		if !c.hasRow.Has(i) && !yield(i) {
			return
		}
	}
}

// Status returns the status of the child at index, with a row or without.
func (c *Children[C]) Status(index int32) batch.Status {
	if !c.hasRow.Has(index) {
		return c.array.Array.Unborn.Status
	}
	if child, live := c.live[index]; live {
		return child.Status()
	}
	if c.succeeded.Has(index) {
		return batch.Succeeded
	}
	return batch.Failed
}

// Pending returns the live children that still wait for a dependency, by index.
func (c *Children[C]) Pending() (pending []C) {
	for _, index := range c.pending() {
		pending = append(pending, c.live[index])
	}
	return pending
}

func (c *Children[C]) pending() (indices []int32) {
	for index, child := range c.live {
		if child.Status() == batch.Pending {
			indices = append(indices, index)
		}
	}
	slices.Sort(indices)
	return indices
}

// UnbornMask is the set of the children without a row.
func (c *Children[C]) UnbornMask() bitset.Mask {
	set := bitset.FullMask(c.array.Size)
	for w := range set {
		set[w] &^= c.hasRow.Word(int32(w))
	}
	return set
}

// FailedMask is the set of the children that have failed.
func (c *Children[C]) FailedMask() bitset.Mask {
	set := bitset.NewMask(c.array.Size)
	if c.array.Array.Unborn.Status == batch.Failed {
		set = c.UnbornMask()
	}
	for w := range set {
		set[w] |= c.hasRow.Word(int32(w)) &^ c.succeeded.Word(int32(w))
	}
	for index := range c.live {
		set.Remove(index)
	}
	return set
}

// WaitingMask is the set of the children that still wait for a dependency.
func (c *Children[C]) WaitingMask() bitset.Mask {
	set := bitset.NewMask(c.array.Size)
	if c.array.Array.Unborn.Status == batch.Pending {
		set = c.UnbornMask()
	}
	for _, index := range c.pending() {
		set.Add(index)
	}
	return set
}

// Watch notes that somebody waits for the child at index alone, whether it has a row or not.
func (c *Children[C]) Watch(index int32) { c.watched = append(c.watched, index) }

// Watches reports whether it was noted that somebody waits for the child at index.
func (c *Children[C]) Watches(index int32) bool { return slices.Contains(c.watched, index) }

// TakeWatched returns the children for which somebody waits alone, by index, and forgets them.
func (c *Children[C]) TakeWatched() []int32 {
	watched := c.watched
	c.watched = nil
	slices.Sort(watched)
	return watched
}
