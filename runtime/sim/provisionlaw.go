package sim

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// provisionOrder looks at an order to provision an environment: it is what is committed, with the hosts that are. Hosts that are ordered
// later are not among them.
func (l *laws) provisionOrder(o sched.ProvisionEnvironment, later []sched.Order) {
	a := l.w.provisioner()
	if a == nil {
		l.w.broken("order", "environment %s is to be provisioned, and no environment of this story is", o.Environment.Name)
		return
	}
	row := l.w.store.Environments[o.Environment.Name]
	if row.UUID != o.Environment.UUID || row.Revision != o.Environment.Revision || row.Health == batch.Deleting {
		l.w.broken("provision order", "environment %s is to be provisioned as of revision %d, the store has %s as of %d", row.Name, o.Environment.Revision, row.Health, row.Revision)
	}
	var want, got []string
	for _, id := range sortedKeys(l.w.store.Hosts) {
		h := l.w.store.Hosts[id]
		follows := func(o sched.Order) bool {
			launch, ok := o.(sched.LaunchHosts)
			return ok && slices.Contains(launch.Hosts, id)
		}
		if h.Launch != nil && h.Launch.Stage != batch.Gone && slices.Contains(h.Environments, row.Name) && !slices.ContainsFunc(later, follows) {
			want = append(want, id)
		}
	}
	for _, h := range o.Hosts {
		if slices.Contains(want, h.ID) || l.w.store.Hosts[h.ID].Launch.Stage == batch.Gone {
			got = append(got, h.ID)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		l.w.broken("provision order", "environment %s is to be provisioned with the hosts %v, the store has %v", row.Name, got, want)
	}
	a.asked[row.UUID] = true
}

// retireOrder looks at an order to retire an environment: it is being deleted, and nothing runs in it.
func (l *laws) retireOrder(o sched.RetireEnvironment) {
	name := o.Environment.Name
	if row := l.w.store.Environments[name]; row.UUID != o.Environment.UUID || row.Health != batch.Deleting {
		l.w.broken("retire order", "environment %s is to be retired, the store has %s", name, row.Health)
	}
	for _, row := range l.w.store.openRows() {
		if row.Run != nil && row.Run.Environment == name {
			l.w.broken("retire order", "environment %s is to be retired, and attempt %s is in it", name, row.AttemptID())
		}
	}
}

// groupOrder looks at a group that is to be launched: its environment was asked for since the process began, and a repetition is the same
// but for the hosts that it names, which are some of those that it named first.
func (l *laws) groupOrder(o sched.LaunchHosts) {
	a := l.w.provisioner()
	if a == nil {
		return
	}
	e := l.w.store.Environments[o.Environment]
	if !a.asked[e.UUID] {
		l.w.broken("provision first", "group %s is to be launched for environment %s, which the driver does not know", o.Group, o.Environment)
	}
	first, known := a.groups[o.Group]
	if !known {
		a.groups[o.Group] = o
		if o.Count != len(o.Hosts) || o.Spec != e.Spec || !e.Open() {
			l.w.broken("group", "group %s of %d hosts, %s, is ordered for %v; environment %s is %s, %s", o.Group, o.Count, o.Spec, o.Hosts, e.Name, e.Health, e.Spec)
		}
		return
	}
	fewer := slices.ContainsFunc(o.Hosts, func(id string) bool { return !slices.Contains(first.Hosts, id) })
	if fewer || o.Count != first.Count || o.Spec != first.Spec || o.Together != first.Together || !slices.Equal(o.Offers, first.Offers) {
		l.w.broken("group", "group %s is ordered again as %+v, it was %+v", o.Group, o, first)
	}
}

// closed looks at the attempts that a turn has decided: none is on a host that the machine was told to close before.
func (l *laws) closed() {
	a := l.w.provisioner()
	if a == nil {
		return
	}
	for i := range l.turn.delta.Jobs {
		row := &l.turn.delta.Jobs[i]
		old := l.turn.old[row.ID]
		if row.Run != nil && a.closing[row.Run.Host] && (old == nil || old.Run == nil || old.Attempt != row.Attempt) {
			l.w.broken("closing host", "attempt %s is placed on host %s, which closes", row.AttemptID(), row.Run.Host)
		}
	}
}

// leftOf looks whether something is left of an environment whose row goes.
func (l *laws) leftOf(e batch.Environment) {
	if l.w.provisioner() == nil || e.Kind != batch.EC2 {
		return
	}
	for _, i := range l.w.cloud.launched {
		if i.of(e.UUID) && i.stage != batch.Gone {
			l.w.broken("retired", "environment %s is DELETED, and host %s is left", e.Name, i.id)
		}
	}
	for _, id := range sortedKeys(l.w.store.Hosts) {
		if h := l.w.store.Hosts[id]; h.Launch != nil && h.Launch.Stage != batch.Gone && slices.Contains(h.Environments, e.Name) {
			l.w.broken("retired", "environment %s is DELETED, and the row of host %s says %s", e.Name, id, h.Launch.Stage)
		}
	}
}

// provisioner is where environments are provisioned in this story; nil if they are not.
func (w *world) provisioner() *provisioner {
	if w.cloud == nil {
		return nil
	}
	return w.cloud.provisioner
}
