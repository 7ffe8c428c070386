package fleet

import (
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
)

// Ask is what work of one kind asks for: one attempt, or the nodes of a multi-node job, all at once.
type Ask struct {
	// Demands is one demand of one request or, of a multi-node job, one for each range of its nodes, in their order.
	Demands []place.Demand
	Gang    bool // it is a multi-node job
	// Containers lists the ways in which its attempts run, each once: true for containers, false for processes.
	Containers []bool
	// Needs is how much of each consumable resource has to be there for it to start. Each resource is named once, in the
	// order in which they are named first.
	Needs []batch.Need
}

// Suits reports whether e can run work like a at all, whatever room it has. An environment that is provisioned runs containers, and
// processes only if it has an image for them.
func (a *Ask) Suits(e *Environment) bool {
	if e.Row.Provisioning.At == 0 || !slices.Contains(a.Containers, false) {
		return true
	}
	return e.Row.Resources != nil && e.Row.Resources.DefaultImage != ""
}

// Suiting returns those of the environments that can run work like a, in order. An environment that is not known suits.
func (f *Fleet) Suiting(a *Ask, tried []batch.EnvironmentOrder) []batch.EnvironmentOrder {
	unsuited := func(o batch.EnvironmentOrder) bool {
		e := f.Environments[o.Environment]
		return e != nil && !a.Suits(e)
	}
	if !slices.ContainsFunc(tried, unsuited) {
		return tried
	}
	return slices.DeleteFunc(slices.Clone(tried), unsuited)
}

// Total is what all of a asks for together.
func (a *Ask) Total() batch.Shape { return place.Total(a.Demands) }

// Shape is what one attempt asks for, if a is not a multi-node job.
func (a *Ask) Shape() batch.Shape { return a.Demands[0].Shape }

// Count is how many attempts a asks for.
func (a *Ask) Count() (n int64) {
	for _, d := range a.Demands {
		n += d.Count
	}
	return n
}

// eachNode goes over the requests of a in order, each with the host that it is given.
func (a *Ask) eachNode(hosts []*Host, do func(shape batch.Shape, h *Host) bool) bool {
	i := 0
	for _, d := range a.Demands {
		for range d.Count {
			if !do(d.Shape, hosts[i]) {
				return false
			}
			i++
		}
	}
	return true
}

// Work is work that waits for a place: the first of an array stands for those behind it.
type Work struct {
	*Ask
	Job   batch.JobID
	Queue string
	Rank  place.Rank    // among the work of all queues
	Lasts time.Duration // how long it is expected to run
}

// goesBefore reports whether w, the head of its queue, must not be delayed by other, which is of the same queue or does
// not rank before it.
func (w *Work) goesBefore(other *Work) bool {
	return other.Queue == w.Queue || !other.Rank.Before(w.Rank)
}

// SumNeeds returns the sum of needs for each resource, in the order in which resources are named first.
func SumNeeds(needs []batch.Need) (sums []batch.Need) {
	for _, n := range needs {
		i := slices.IndexFunc(sums, func(s batch.Need) bool { return s.Resource == n.Resource })
		if i < 0 {
			sums = append(sums, n)
			continue
		}
		sums[i].Quantity += n.Quantity
	}
	return sums
}
