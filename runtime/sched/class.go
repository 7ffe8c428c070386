package sched

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/heap"
	"github.com/batchd/terraform-provider-batch/runtime/place"
	"github.com/batchd/terraform-provider-batch/runtime/place/fair"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// lineup is the work of one share that waits in a queue; without fair share a queue has one, named "". Work that asks for
// the same is kept together, so that what does not fit is looked at once, however much of it there is.
type lineup struct {
	queue   *queue
	share   string
	classes map[classKey]*class
	key     fair.Key // of its share in this pass
	heads   heads    // classes with work that are looked at, the one with the work served first on top
}

// classKey is all that decides whether work fits, and whether it may be placed before older work.
type classKey struct {
	shape     batch.Shape
	container bool
	// expects is what its expected duration follows from: its timeout, or else its definition.
	timeout    time.Duration
	definition string
	// rest is its consumable resources and its nodes, as text.
	rest string
}

// class is work that asks for the same.
type class struct {
	lineup  *lineup
	key     classKey
	ask     *fleet.Ask
	entries entries // served first on top
	place   int     // in lineup.heads; -1 if it is not there
	refs    int     // submissions that belong to it
	// blocked is the machine's stamp when its head was found not to fit: until that changes, it does not.
	blocked int64
	// full is the machine's stamp when no environment had room for its head, kept for others or not: until that changes, none has.
	full int64
}

// enter gives a submission its place among the classes of its queue.
func (m *Machine) enter(j *job) {
	l := j.queue.lineup(j.row.Share)
	key := keyOf(&j.row)
	c := l.classes[key]
	if c == nil {
		c = newClass(l, key, &j.row)
		l.classes[key] = c
	}
	c.refs++
	j.class = c
}

func newClass(l *lineup, key classKey, row *batch.Job) *class {
	return &class{lineup: l, key: key, ask: askOf(row), place: -1, blocked: neverClosed, full: neverClosed}
}

// askOf is what an attempt of a submission asks for, or all nodes of a multi-node job.
func askOf(row *batch.Job) *fleet.Ask {
	if row.Nodes == nil {
		return &fleet.Ask{Demands: []place.Demand{{Shape: row.Shape, Count: 1}}, Needs: row.Needs}
	}
	a := &fleet.Ask{Gang: true, Demands: make([]place.Demand, len(row.Nodes.Ranges))}
	needs := slices.Clone(row.Needs)
	for i, r := range row.Nodes.Ranges {
		nodes := int64(r.To-r.From) + 1
		a.Demands[i] = place.Demand{Shape: r.Shape, Count: nodes}
		for _, n := range r.Needs {
			needs = append(needs, batch.Need{Resource: n.Resource, Quantity: n.Quantity * nodes})
		}
	}
	a.Needs = fleet.SumNeeds(needs)
	return a
}

// ask is what j, or the next child of array j, asks for.
func (j *job) ask() *fleet.Ask { return j.classOf().ask }

// work is j, or the next child of array j, as placing sees it.
func (m *Machine) work(j *job) fleet.Work {
	return fleet.Work{Ask: j.ask(), Job: j.row.ID, Queue: j.queue.row.Name, Rank: j.rank().AmongQueues(), Lasts: m.lasts(j)}
}

// exit takes an ended submission out of its class.
func (m *Machine) exit(j *job) {
	c := j.class
	if c.refs--; c.refs == 0 {
		delete(c.lineup.classes, c.key)
		if len(c.lineup.classes) == 0 {
			delete(c.lineup.queue.lineups, c.lineup.share)
			c.lineup.queue.sorted = nil
		}
	}
}

func (q *queue) lineup(share string) *lineup {
	l := q.lineups[share]
	if l == nil {
		l = &lineup{queue: q, share: share, classes: map[classKey]*class{}}
		q.lineups[share], q.sorted = l, nil
	}
	return l
}

func keyOf(row *batch.Job) classKey {
	key := classKey{shape: row.Shape, container: row.InContainer, timeout: row.Timeout}
	if row.Timeout == 0 {
		key.definition = row.Definition.Name
	}
	var rest strings.Builder
	for _, n := range row.Needs {
		fmt.Fprintf(&rest, "%s=%d;", n.Resource, n.Quantity)
	}
	if row.Nodes != nil {
		fmt.Fprintf(&rest, "%d", row.Nodes.Main)
		for _, r := range row.Nodes.Ranges {
			fmt.Fprintf(&rest, "/%d-%d %v %t %v", r.From, r.To, r.Shape, r.InContainer, r.Needs)
		}
	}
	key.rest = rest.String()
	return key
}

// classOf returns the class of j: a child's is its array's.
func (j *job) classOf() *class {
	if j.array != nil {
		return j.array.class
	}
	return j.class
}

// push adds j unless it is there.
func (c *class) push(j *job) {
	if j.entry < 0 {
		c.entries.Push(j)
		c.show()
	}
}

// remove takes j out if it is there.
func (c *class) remove(j *job) {
	if j.entry >= 0 {
		c.entries.Remove(j.entry)
		c.show()
	}
}

// fix restores the order after the rank of j has changed.
func (c *class) fix(j *job) {
	if j.entry >= 0 {
		c.entries.Fix(j.entry)
		c.show()
	}
}

// show gives c its place among the classes of its lineup.
func (c *class) show() {
	h := &c.lineup.heads
	switch {
	case len(c.entries) == 0 && c.place >= 0:
		h.Remove(c.place)
	case len(c.entries) == 0:
	case c.place >= 0:
		h.Fix(c.place)
	default:
		h.Push(c)
	}
}

// hide takes c out of the order for the rest of a pass; show puts it back.
func (c *class) hide() {
	if c.place >= 0 {
		c.lineup.heads.Remove(c.place)
	}
}

func (c *class) head() *job { return c.entries[0] }

// heads is classes by the rank of their first work. Each class knows its place in it.
type heads = heap.Heap[*class]

// Before implements [heap.Item].
func (c *class) Before(other *class) bool { return c.head().Before(other.head()) }

// Moved implements [heap.Item].
func (c *class) Moved(to int) { c.place = to }

// first returns the class whose work is served first, nil if nothing waits.
func (q *queue) first() *class {
	var first *lineup
	for _, l := range q.ordered() {
		if len(l.heads) > 0 && (first == nil || l.before(first)) {
			first = l
		}
	}
	if first == nil {
		return nil
	}
	return first.heads[0]
}

// before reports whether the work of l is served before that of other, both of the same queue.
func (l *lineup) before(other *lineup) bool {
	return cmp.Or(l.key.Compare(other.key), strings.Compare(l.share, other.share)) < 0
}
