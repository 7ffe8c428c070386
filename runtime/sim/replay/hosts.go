package replay

import (
	"fmt"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/heap"
)

// cluster is the imagined hosts: it runs what it is told to, and watches that nothing is given away twice.
type cluster struct {
	hosts        map[string]*room
	environments map[string]*room
	running      map[batch.AttemptID]run
	exits        heap.Heap[exit]
	order        int64
}

// room is what a host has, or an environment may hold, and what attempts hold of it.
type room struct{ capacity, used batch.Shape }

// run is an attempt that runs.
type run struct {
	order             int64 // of its start, from 1
	startedAt         batch.Time
	shape             batch.Shape
	host, environment *room
}

// boundless stands for a bound that is not set.
const boundless = int64(1) << 60

func newCluster(hosts []batch.Host, environments []batch.Environment) *cluster {
	c := &cluster{hosts: map[string]*room{}, environments: map[string]*room{}, running: map[batch.AttemptID]run{}}
	for _, h := range hosts {
		capacity := h.Capacity
		if h.Kind == batch.Local {
			capacity.MilliCPU = boundless // the environment alone bounds it
		}
		c.hosts[h.ID] = &room{capacity: capacity}
	}
	for _, e := range environments {
		capacity := batch.Shape{MilliCPU: e.Max.MilliCPU, MemoryMiB: e.Max.MemoryMiB, GPUs: boundless}
		if capacity.MemoryMiB == 0 {
			capacity.MemoryMiB = boundless
		}
		c.environments[e.Name] = &room{capacity: capacity}
	}
	return c
}

// start runs an attempt until now+lasts, unless it is stopped. It fails if there is no room for it: then the machine has
// given away what is not there.
func (c *cluster) start(now batch.Time, id batch.AttemptID, host, environment string, shape batch.Shape, lasts int64) error {
	h, e := c.hosts[host], c.environments[environment]
	if h == nil || e == nil {
		return fmt.Errorf("attempt %s was placed on host %q of environment %q, which is not there", id, host, environment)
	}
	if _, twice := c.running[id]; twice {
		return nil // an order may be repeated
	}
	for _, r := range []*room{h, e} {
		if !r.used.Plus(shape).Fits(r.capacity) {
			return fmt.Errorf("attempt %s of %+v was placed on host %q of environment %q: more than there is, %+v, of which %+v is used", id, shape, host, environment, r.capacity, r.used)
		}
		r.used = r.used.Plus(shape)
	}
	c.order++
	c.running[id] = run{order: c.order, startedAt: now, shape: shape, host: h, environment: e}
	c.exits.Push(exit{at: now + batch.Time(lasts), order: c.order, attempt: id})
	return nil
}

// end takes an attempt off its host; ok is false if it does not run.
func (c *cluster) end(id batch.AttemptID) (r run, ok bool) {
	if r, ok = c.running[id]; ok {
		delete(c.running, id)
		r.host.used, r.environment.used = r.host.used.Minus(r.shape), r.environment.used.Minus(r.shape)
	}
	return r, ok
}

// next is when the next attempt ends by itself; 0 if none runs.
func (c *cluster) next() batch.Time {
	for len(c.exits) > 0 && c.running[c.exits[0].attempt].order != c.exits[0].order {
		c.exits.Pop() // it was stopped before
	}
	if len(c.exits) == 0 {
		return 0
	}
	return c.exits[0].at
}

// exit is an end to come.
type exit struct {
	at      batch.Time
	order   int64
	attempt batch.AttemptID
}

// Before implements [heap.Item]: ends are ordered by time, then by the start of their attempts.
func (e exit) Before(other exit) bool {
	return e.at < other.at || e.at == other.at && e.order < other.order
}

// Moved implements [heap.Item].
func (exit) Moved(int) {}
