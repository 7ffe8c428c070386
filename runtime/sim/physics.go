package sim

import (
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// begins looks at an attempt that is about to run in the world.
func (w *world) begins(a *attempt) {
	if w.laws.blind {
		return
	}
	if n := w.truthOf(a.id).begun; n > 0 {
		w.broken("once", "attempt %s begins to run again", a.id)
	}
	root := a.id.Job.Root()
	main, isNode := w.mainOf(a.id)
	w.eachHeld(func(other *attempt) {
		again := other.id.Job == a.id.Job || isNode && other.id.Job.Root() == root && other.id.Number != a.id.Number
		if other != a && other.state == runs && again {
			w.broken("one live attempt", "attempt %s begins while %s runs", a.id, other.id)
		}
	})
	if isNode && main != a.id && w.truthOf(main).begun == 0 {
		w.broken("main first", "attempt %s begins before the main node, %s", a.id, main)
	}
	w.laws.strayBegin(a)
	w.laws.stillUnblocked(a.id.Job)
	w.room(a)
}

// mainOf returns the attempt of the main node that the attempt of a node belongs to.
func (w *world) mainOf(id batch.AttemptID) (batch.AttemptID, bool) {
	root, _, isNode := id.Job.SplitNode()
	top := w.store.Jobs[root]
	if !isNode || top == nil || top.Nodes == nil {
		return batch.AttemptID{}, false
	}
	return batch.AttemptID{Job: root.Node(top.Nodes.Main), Number: id.Number}, true
}

// room looks whether what runs, with a, stays within its environment and on its host. What was live when a
// limit was lowered, the process was restarted or an order was lost, may be too much; when that has ended,
// nothing may be any more.
func (w *world) room(a *attempt) {
	used, onHost := a.shape, a.shape
	w.eachHeld(func(other *attempt) {
		if other.state != runs || other == a {
			return
		}
		if other.order.Host == a.order.Host {
			onHost = onHost.Plus(other.shape)
		}
		if other.order.Environment == a.order.Environment {
			used = used.Plus(other.shape)
		}
	})
	limit := roomOf(w.store.Environments[a.order.Environment].Max)
	hostLimit := w.hostLimit(a.order.Host)
	if used.Fits(limit) && onHost.Fits(hostLimit) || w.pardoned() {
		return
	}
	w.broken("capacity", "with attempt %s environment %s runs %v of %v, host %s %v of %v", a.id, a.order.Environment, used, limit, a.order.Host, onHost, hostLimit)
}

// hostLimit is what attempts may hold of a host: what it really has, but for the vCPUs of a LOCAL one.
func (w *world) hostLimit(id string) batch.Shape {
	for _, d := range w.drivers {
		m := d.machine(id)
		switch {
		case m == nil:
		case d.kind == batch.Local:
			limit := m.row.Capacity
			limit.MilliCPU = unbounded
			return limit
		default:
			return m.row.Capacity
		}
	}
	return batch.Shape{}
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
	w.eachHeld(func(a *attempt) {
		if a.state != ended {
			w.laws.amnesty[a.id] = true
		}
	})
}

// pardoned reports whether something that is pardoned is still live.
func (w *world) pardoned() bool {
	for id := range w.laws.amnesty {
		row := w.store.Jobs[id.Job]
		a := w.held(id)
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
		if run == nil || row.Nodes != nil {
			continue
		}
		id := row.AttemptID()
		a := l.w.held(id)
		overdue := now.Sub(run.OrderedAt) > std(promptly)
		if !run.Ahead && !run.Held && run.Stop == batch.NotStopped && overdue && (a == nil || a.state == waitsAhead) {
			l.w.broken("prompt", "attempt %s was ordered at %d and has not reached the host", id, run.OrderedAt-epoch)
		}
		ending := run.Stop == batch.StopTerminated || run.Stop == batch.StopTimeout
		if ending && a != nil && a.state == runs && now.Sub(run.StoppingAt) > std(longestGrace+promptly) {
			l.w.broken("stop", "attempt %s was to stop at %d and still runs", id, run.StoppingAt-epoch)
		}
		timeout := timeoutOf(l.w.tried[id.Job.Root()])
		if main, isNode := l.w.mainOf(id); isNode && main != id {
			timeout = 0
		}
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
