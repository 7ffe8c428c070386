package engine

import (
	"context"
	"errors"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// launch has the driver launch groups of hosts for one environment. What it refuses is reported, host by host; a driver that is called
// too often is asked again later.
func (m *mailbox) launch(ctx, calling context.Context, letters []letter, reports chan<- delivery) bool {
	launches := each(letters, func(o sched.LaunchHosts) compute.Launch {
		return compute.Launch{
			Group: o.Group, Environment: o.Environment, Offers: o.Offers, Count: o.Count, Hosts: o.Hosts, Together: o.Together, Spec: o.Spec,
		}
	})
	err := unsupported("the hosts of this driver are not launched by order")
	if launcher, ok := m.driver.(compute.Launcher); ok {
		err = launcher.Launch(calling, launches)
	}
	return m.unlessRefused(ctx, verbLaunch, err, reports, func(refusal *compute.Refusal) (said []batch.Report) {
		for _, l := range launches {
			for _, host := range l.Hosts {
				said = append(said, batch.HostRefused{ID: host, Why: refusal.Why, Text: refusal.Text, Pools: l.Pools(), Until: until(refusal)})
			}
		}
		return said
	})
}

// release has the driver give hosts back.
func (m *mailbox) release(ctx, calling context.Context, letters []letter) bool {
	launcher, ok := m.driver.(compute.Launcher)
	if !ok {
		return true
	}
	hosts := each(letters, func(o sched.ReleaseHost) string { return o.Host })
	return m.worked(ctx, verbRelease, launcher.Release(calling, hosts))
}

// provision has the driver make what environments need.
func (m *mailbox) provision(ctx, calling context.Context, letters []letter, reports chan<- delivery) bool {
	provisions := each(letters, func(o sched.ProvisionEnvironment) compute.Provision {
		return compute.Provision{Environment: o.Environment, Hosts: o.Hosts}
	})
	err := unsupported("the environments of this driver are not provisioned")
	if provisioner, ok := m.driver.(compute.Provisioner); ok {
		err = provisioner.Provision(calling, provisions)
	}
	return m.unlessRefused(ctx, verbProvision, err, reports, func(refusal *compute.Refusal) (said []batch.Report) {
		for _, p := range provisions {
			e := p.Environment
			said = append(said, batch.EnvironmentFailed{Name: e.Name, UUID: e.UUID, Revision: e.Revision, Reason: refusal.Text, Until: until(refusal)})
		}
		return said
	})
}

// retire has the driver remove what was made for environments.
func (m *mailbox) retire(ctx, calling context.Context, letters []letter) bool {
	provisioner, ok := m.driver.(compute.Provisioner)
	if !ok {
		return true
	}
	retirements := each(letters, func(o sched.RetireEnvironment) compute.Retirement {
		return compute.Retirement{Environment: o.Environment}
	})
	return m.worked(ctx, verbRetire, provisioner.Retire(calling, retirements))
}

func unsupported(text string) error { return &compute.Refusal{Why: batch.Unsupported, Text: text} }

// until is the time before which it is of no use to ask again; 0 if that is not known.
func until(refusal *compute.Refusal) batch.Time {
	if refusal.Until.IsZero() {
		return 0
	}
	return batch.At(refusal.Until)
}

// unlessRefused reports what follows from a refusal, and then takes the orders for done. After any other error they are given again
// later, and so they are if the driver is called too often.
func (m *mailbox) unlessRefused(ctx context.Context, v verb, err error, reports chan<- delivery, follows func(*compute.Refusal) []batch.Report) bool {
	var refusal *compute.Refusal
	if !errors.As(err, &refusal) || refusal.Why == batch.Throttled {
		return m.worked(ctx, v, err)
	}
	said := follows(refusal)
	facts := make([]sched.Fact, len(said))
	for i, r := range said {
		facts[i] = sched.Reported{Report: r}
	}
	send(ctx, reports, delivery{from: m, facts: facts})
	return m.worked(ctx, v, nil)
}
