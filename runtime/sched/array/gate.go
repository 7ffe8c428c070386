package array

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/bitset"
)

// Arrays finds the children of an array; nil if it has ended or is not an array.
type Arrays[C Child] interface {
	Children(id batch.JobID) *Children[C]
}

// Sequential reports whether each child waits for the one before it.
func (c *Children[C]) Sequential() bool {
	return slices.ContainsFunc(c.array.DependsOn, func(d batch.Dependency) bool { return d.Kind == batch.DependSequential })
}

// Gated reports whether children wait one by one.
func (c *Children[C]) Gated(others Arrays[C]) bool {
	return slices.ContainsFunc(c.array.DependsOn, func(d batch.Dependency) bool {
		return d.Kind == batch.DependSequential || d.Kind == batch.DependNToN && others.Children(d.Job) != nil
	})
}

// MetWord is the set of those of the children 64w to 64w+63 that wait for no other child, the lowest in the lowest bit.
func (c *Children[C]) MetWord(w int32, others Arrays[C]) uint64 {
	met := ^uint64(0)
	for _, d := range c.array.DependsOn {
		switch d.Kind {
		case batch.DependSequential:
			before := uint64(1) // the first waits for none
			if w > 0 {
				before = c.succeeded.Word(w-1) >> 63
			}
			met &= c.succeeded.Word(w)<<1 | before
		case batch.DependNToN:
			if other := others.Children(d.Job); other != nil {
				met &= other.succeeded.Word(w)
			}
		default:
		}
	}
	return met
}

// Met reports whether the child at index waits for no other child.
func (c *Children[C]) Met(index int32, others Arrays[C]) bool {
	return c.MetWord(index/64, others)>>(index%64)&1 == 1
}

// MayRun returns the children that wait for a dependency, though for no other child, ascending.
func (c *Children[C]) MayRun(others Arrays[C]) []int32 {
	open := c.WaitingMask()
	for w := range open {
		open[w] &= c.MetWord(int32(w), others)
	}
	return open.Indices()
}

// Failing says how children are failed with few rows.
type Failing struct {
	// Unborn reports whether most of the children without a row fail: they do in the row of the array, after those in Bear, which do not
	// fail, have got rows.
	Unborn bool
	Bear   []int32
	// Each are all that fail, the last first, so that none fails the one after it for another reason.
	Each []int32
}

// Fail returns how those children fail that are in set and wait; of a SEQUENTIAL array, with those that wait for them. It uses set up.
func (c *Children[C]) Fail(set bitset.Mask) (f Failing) {
	waiting := c.WaitingMask()
	set.Intersect(waiting)
	if c.Sequential() {
		for index := int32(1); index < c.array.Size; index++ {
			if set.Has(index-1) && waiting.Has(index) {
				set.Add(index)
			}
		}
	}
	stay := c.UnbornMask()
	stay.Subtract(set)
	if rest := stay.Len(); rest < c.Unborn()-rest {
		f.Unborn, f.Bear = true, stay.Indices()
	}
	f.Each = set.Indices()
	slices.Reverse(f.Each)
	return f
}
