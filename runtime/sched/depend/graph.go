package depend

import (
	"iter"
	"maps"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Waiter is a job that may wait for others.
type Waiter interface {
	comparable
	// Waits reports whether it, or any child of it, still waits for a dependency.
	Waits() bool
}

// Graph is who waits for whom. [New] makes one.
type Graph[W Waiter] struct {
	compare   func(a, b W) int
	awaited   map[batch.JobID][]W
	paired    map[batch.JobID][]W
	followers map[batch.JobID]map[W]struct{}
}

// New returns a graph without jobs. Compare orders them by submission; a job that is retried is equal to what it was before.
func New[W Waiter](compare func(a, b W) int) *Graph[W] {
	return &Graph[W]{
		compare: compare, awaited: map[batch.JobID][]W{}, paired: map[batch.JobID][]W{}, followers: map[batch.JobID]map[W]struct{}{},
	}
}

// Await notes that w awaits the end of a job or child. Added reports whether it did not already, and first whether nobody did.
func (g *Graph[W]) Await(id batch.JobID, w W) (added, first bool) {
	_, known := g.awaited[id]
	return g.insert(g.awaited, id, w), !known
}

// TakeAwaiting returns those who awaited the end of a job or child, in order of submission, and forgets them. Some may not wait any
// longer, or stop waiting when another of them is told.
func (g *Graph[W]) TakeAwaiting(id batch.JobID) []W {
	list, known := g.awaited[id]
	if known {
		delete(g.awaited, id)
	}
	return list
}

// Pair notes that the children of array w wait one by one for those of array id.
func (g *Graph[W]) Pair(id batch.JobID, w W) { g.insert(g.paired, id, w) }

// Paired returns the arrays whose children wait for those of array id, in order of submission. Some may not wait any longer.
func (g *Graph[W]) Paired(id batch.JobID) []W { return g.paired[id] }

// Unpair forgets who waits for the children of an array, which has ended.
func (g *Graph[W]) Unpair(id batch.JobID) { delete(g.paired, id) }

// Follow notes that live submission w depends on submission id or on a child of it.
func (g *Graph[W]) Follow(id batch.JobID, w W) {
	if g.followers[id] == nil {
		g.followers[id] = map[W]struct{}{}
	}
	g.followers[id][w] = struct{}{}
}

// Unfollow forgets w, which has ended, as a follower of what it depends on.
func (g *Graph[W]) Unfollow(w W, dependsOn []batch.Dependency) {
	for _, d := range dependsOn {
		if id := d.Job.Root(); g.followers[id] != nil {
			delete(g.followers[id], w)
			if len(g.followers[id]) == 0 {
				delete(g.followers, id)
			}
		}
	}
}

// Followers yields the followers of a submission, in no order.
func (g *Graph[W]) Followers(id batch.JobID) iter.Seq[W] { return maps.Keys(g.followers[id]) }

// insert adds w to those who wait for id, in order of submission, and reports whether it was not there. What w was before it was
// retried gives way to it.
func (g *Graph[W]) insert(lists map[batch.JobID][]W, id batch.JobID, w W) bool {
	list := lists[id]
	if len(list) == cap(list) { // before it grows: jobs that stop waiting are not taken out of it
		list = stillWaiting(list)
		list = slices.Grow(list, len(list)+1)
		lists[id] = list
	}
	at, found := slices.BinarySearchFunc(list, w, g.compare)
	switch {
	case !found:
		lists[id] = slices.Insert(list, at, w)
	case list[at] == w:
		return false
	default:
		list[at] = w
	}
	return true
}

// stillWaiting takes those who do not wait out of list.
func stillWaiting[W Waiter](list []W) []W {
	return slices.DeleteFunc(list, func(w W) bool { return !w.Waits() })
}

// EachAwaited yields by id who awaits each job or child, without those who do not wait any longer. It looks at everything.
func (g *Graph[W]) EachAwaited(yield func(batch.JobID, []W) bool) { each(g.awaited, yield) }

// EachPaired does so for the arrays whose children are waited for.
func (g *Graph[W]) EachPaired(yield func(batch.JobID, []W) bool) { each(g.paired, yield) }

func each[W Waiter](lists map[batch.JobID][]W, yield func(batch.JobID, []W) bool) {
	for _, id := range slices.Sorted(maps.Keys(lists)) {
		if list := stillWaiting(slices.Clone(lists[id])); len(list) > 0 && !yield(id, list) {
			return
		}
	}
}
