package sim

import (
	"strings"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// begins looks at an attempt that is about to run in the world.
func (w *world) begins(a *attempt) {
	if w.laws.blind {
		return
	}
	if n := w.host.true(a.id).begun; n > 0 {
		w.broken("once", "attempt %s begins to run again", a.id)
	}
	for _, other := range w.host.sorted() {
		if other != a && other.state == runs && other.id.Job == a.id.Job {
			w.broken("one live attempt", "attempt %s begins while %s runs", a.id, other.id)
		}
	}
	w.laws.unblocked("dependencies", a.id.Job, w.tried[a.id.Job.Root()].DependsOn)
	w.room(a)
}

// room looks whether what runs, with a, stays within its environment and on its host. What was live when a
// limit was lowered, the process was restarted or an order was lost, may be too much; when that has ended,
// nothing may be any more.
func (w *world) room(a *attempt) {
	used, onHost := a.shape, a.shape
	for _, other := range w.host.attempts {
		if other.state != runs || other == a {
			continue
		}
		onHost = onHost.Plus(other.shape)
		if other.order.Environment == a.order.Environment {
			used = used.Plus(other.shape)
		}
	}
	limit := roomOf(w.store.environment(a.order.Environment).Max)
	hostLimit := w.plan.host.Capacity
	hostLimit.MilliCPU = unbounded
	if used.Fits(limit) && onHost.Fits(hostLimit) || w.pardoned() {
		return
	}
	w.broken("capacity", "with attempt %s environment %s runs %v of %v, the host %v of %v", a.id, a.order.Environment, used, limit, onHost, hostLimit)
}

const unbounded = int64(1) << 40

// roomOf is a maximum as the laws read it: no bound of GPUs, none of memory if none is given.
func roomOf(limit batch.Shape) batch.Shape {
	limit.GPUs = unbounded
	if limit.MemoryMiB == 0 {
		limit.MemoryMiB = unbounded
	}
	return limit
}

// disturbed notes what is live now: it is pardoned if it runs beyond a limit.
func (w *world) disturbed() {
	for _, row := range w.store.openRows() {
		if row.Run != nil {
			w.laws.amnesty[row.AttemptID()] = true
		}
	}
	for id, a := range w.host.attempts {
		if a.state != ended {
			w.laws.amnesty[id] = true
		}
	}
}

// pardoned reports whether something that is pardoned is still live.
func (w *world) pardoned() bool {
	for id := range w.laws.amnesty {
		row := w.store.jobs[id.Job]
		a := w.host.attempts[id]
		if row != nil && row.Run != nil && row.Attempt == id.Number || a != nil && a.state != ended {
			return true
		}
	}
	clear(w.laws.amnesty)
	return false
}

// prompt looks, in a world without faults, whether everything ordered gets to the host, and everything late is stopped.
func (l *laws) prompt(open []*batch.Job) {
	now := l.w.wall()
	for _, row := range open {
		run := row.Run
		if run == nil {
			continue
		}
		id := row.AttemptID()
		a := l.w.host.attempts[id]
		overdue := now.Sub(run.OrderedAt) > std(promptly)
		if !run.Ahead && run.Stop == batch.NotStopped && overdue && (a == nil || a.state == waitsAhead) {
			l.w.broken("prompt", "attempt %s was ordered at %d and has not reached the host", id, run.OrderedAt-epoch)
		}
		ending := run.Stop == batch.StopTerminated || run.Stop == batch.StopTimeout
		if ending && a != nil && a.state == runs && now.Sub(run.StoppingAt) > std(longestGrace+promptly) {
			l.w.broken("stop", "attempt %s was to stop at %d and still runs", id, run.StoppingAt-epoch)
		}
		timeout := timeoutOf(l.w.tried[id.Job.Root()])
		if timeout > 0 && run.Stop == batch.NotStopped && run.StartedAt != 0 && now.Sub(run.StartedAt) > timeout+std(promptly) {
			l.w.broken("timeout", "attempt %s began at %d and still runs", id, run.StartedAt-epoch)
		}
	}
}

func timeoutOf(c sched.SubmitJob) time.Duration {
	if c.Timeout != nil {
		return *c.Timeout
	}
	return c.Given.Definition.Timeout
}

// idle looks whether the first work of a queue could have been placed after all.
func (l *laws) idle(open []*batch.Job) {
	s := l.w.store
	if h := s.hosts[batch.LocalHost]; !h.Ready {
		return
	}
	used := map[string]batch.Shape{}
	onHost := batch.Shape{}
	heads := map[string]*batch.Job{}
	for _, row := range open {
		top := s.jobs[row.ID.Root()]
		if row.Run != nil && !row.Run.Ahead {
			used[row.Run.Environment] = used[row.Run.Environment].Plus(top.Shape)
			onHost = onHost.Plus(top.Shape)
		}
		if !l.waitsForRoom(row) {
			continue
		}
		if head, ok := heads[row.QueueID]; !ok || rank(row, top).Before(rank(head, s.jobs[head.ID.Root()])) {
			heads[row.QueueID] = row
		}
	}
	free := l.w.plan.host.Capacity.Minus(onHost)
	free.MilliCPU = unbounded
	for queue, head := range heads {
		shape := s.jobs[head.ID.Root()].Shape
		for _, o := range s.queues[queue].Environments {
			e := s.environment(o.Environment)
			if e.Open() && e.Kind == batch.Local && place.Fit(shape, roomOf(e.Max).Minus(used[e.Name]), free) > 0 {
				l.w.broken("idle", "job %s waits at the head of queue %s, and environment %s has room: %v of %v", head.ID, s.queues[queue].Name, e.Name, used[e.Name], e.Max)
			}
		}
	}
}

// waitsForRoom reports whether row, or an unborn child of it, can be placed.
func (l *laws) waitsForRoom(row *batch.Job) bool {
	if strings.HasPrefix(row.StatusReason, "MISCONFIGURATION:") {
		return false
	}
	if row.Array == nil {
		return row.Status == batch.Runnable
	}
	return row.Array.Unborn.Status == batch.Runnable && int(row.Size) > len(l.w.store.children[row.ID])
}

func rank(row, top *batch.Job) place.Rank {
	_, index, _ := row.Parent()
	return place.Rank{Front: row.Array == nil && row.Attempt > 0, Seq: top.Seq, Index: index}
}
