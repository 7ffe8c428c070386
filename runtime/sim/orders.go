package sim

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// orders looks at orders that are about to leave: each names something that is committed.
func (l *laws) orders(orders []sched.Order) {
	for i, o := range orders {
		switch o := o.(type) {
		case sched.ProvisionEnvironment:
			l.provisionOrder(o, orders[i+1:])
		case sched.RetireEnvironment:
			l.retireOrder(o)
		case sched.LaunchHosts:
			l.launchOrder(o)
			l.groupOrder(o)
		case sched.ReleaseHost:
			l.releaseOrder(o)
		case sched.StartAttempt:
			if !startsLater(orders[i+1:], o.Attempt) {
				l.startOrder(o, orders[i+1:])
			}
		case sched.ForgetAttempt:
			row := l.w.store.Jobs[o.Attempt.Job]
			if row != nil && row.Run != nil && row.AttemptID() == o.Attempt && !row.Run.Held && !startsLater(orders[i+1:], o.Attempt) {
				l.w.broken("order", "forget %s, which by the store has not ended: %s", o.Attempt, rowText(row))
			}
		case sched.StopAttempt:
			if l.w.store.Job(o.Attempt.Job) == nil {
				l.w.broken("order", "stop %s, of which the store has no job", o.Attempt)
			}
		}
	}
}

func (l *laws) startOrder(o sched.StartAttempt, later []sched.Order) {
	row := l.w.store.Jobs[o.Attempt.Job]
	switch {
	case slices.Contains(later, sched.Order(sched.ForgetAttempt{Attempt: o.Attempt, Host: o.Host})):
		// It was ordered again, and then heard to have ended.
	case row == nil || row.Run == nil || row.AttemptID() != o.Attempt:
		l.w.broken("order", "start %s: the store has %s", o.Attempt, rowText(row))
	case !l.w.store.Hosts[o.Host].Ready:
		l.w.broken("order", "start %s on host %s, which is gone", o.Attempt, o.Host)
	case o.Environment != row.Run.Environment || o.Host != row.Run.Host || o.Ahead != row.Run.Ahead || row.Run.Held || o.MainAddress != l.mainAddress(o):
		l.w.broken("order", "%s is not what the store has: %s", orderText(o), rowText(row))
	}
}

// mainAddress is where a node reaches the main one; empty for that and for all that is not a node.
func (l *laws) mainAddress(o sched.StartAttempt) string {
	main, isNode := l.w.mainOf(o.Attempt)
	if top := l.w.store.Jobs[o.Attempt.Job.Root()]; isNode && main != o.Attempt && top.Run != nil {
		return l.w.store.Hosts[top.Run.Host].Address
	}
	return ""
}

func startsLater(orders []sched.Order, id batch.AttemptID) bool {
	return slices.ContainsFunc(orders, func(o sched.Order) bool {
		start, ok := o.(sched.StartAttempt)
		return ok && start.Attempt == id
	})
}
