package sim

import (
	"slices"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// plantedAccountsWithin is how many seeds it may take to catch a planted bug that shows only where environments are provisioned.
const plantedAccountsWithin = 150

// TestPlantedAccountBugs grades the nets in stories of accounts: every bug has to be caught, by the law that is made for it.
func TestPlantedAccountBugs(t *testing.T) {
	gradeByLaw(t, plantedAccounts, 1, plantedAccountsWithin, func(tell teller) []telling { return []telling{tell.accounts} })
}

// onOrders returns a tamper that changes orders of one type, or drops those for which change returns nil.
func onOrders[O sched.Order](change func(O) sched.Order) func() *tamper {
	return func() *tamper {
		return &tamper{onRound: func(r *sched.Round) {
			var orders []sched.Order
			for _, o := range r.Orders {
				if of, ok := o.(O); ok {
					o = change(of)
				}
				if o != nil {
					orders = append(orders, o)
				}
			}
			r.Orders = orders
		}}
	}
}

// onEnvironments returns a tamper that changes the rows of environments as they are written. The laws that compare the machine with its rows
// are shut.
func onEnvironments(change func(*batch.Environment)) func() *tamper {
	return func() *tamper {
		return &tamper{shut: []string{"equal", "load", "plan"}, onDelta: func(d *batch.Delta) {
			for i := range d.Environments {
				change(&d.Environments[i])
			}
		}}
	}
}

// plantedAccounts are mistakes about environments that are provisioned, and about their hosts.
var plantedAccounts = map[string]plantedBug{
	"no environment is retired": {"progress", onOrders(func(sched.RetireEnvironment) sched.Order { return nil })},
	"the driver is not told of the hosts that are there": {"provision order", onOrders(func(o sched.ProvisionEnvironment) sched.Order {
		o.Hosts = nil
		return o
	})},
	"an environment is provisioned as of an earlier revision": {"provision order", onOrders(func(o sched.ProvisionEnvironment) sched.Order {
		o.Environment.Revision = max(o.Environment.Revision-1, 1)
		return o
	})},
	"hosts are launched before their environment is provisioned": {"provision first", func() *tamper {
		return &tamper{onRound: func(r *sched.Round) {
			slices.SortStableFunc(r.Orders, func(a, b sched.Order) int { return b2i(isProvisioning(a)) - b2i(isProvisioning(b)) })
		}}
	}},
	"an environment that is disabled is retired": {"retire order", func() *tamper {
		return &tamper{onRound: func(r *sched.Round) {
			for _, e := range r.Delta.Environments {
				if e.State == batch.Disabled && e.Health != batch.Deleted && !slices.ContainsFunc(r.Orders, isRetirement) {
					r.Orders = append(r.Orders, sched.RetireEnvironment{Environment: e})
				}
			}
		}}
	}},
	"an environment is gone before it is retired": {"retired", onEnvironments(func(e *batch.Environment) {
		if e.Health == batch.Deleting {
			e.Health = batch.Deleted
		}
	})},
	"a group is ordered again as a smaller one": {"launch order", onOrders(func(o sched.LaunchHosts) sched.Order {
		o.Count = len(o.Hosts)
		return o
	})},
	"a group is ordered again of other offers": {"group", func() *tamper {
		first := map[string]bool{}
		return onOrders(func(o sched.LaunchHosts) sched.Order {
			if first[o.Group] {
				o.Offers = append(slices.Clone(o.Offers), batch.Offer{Pool: batch.Pool{Type: "another"}})
			}
			first[o.Group] = true
			return o
		})()
	}},
	"hosts are launched as something else than was provisioned": {"group", onOrders(func(o sched.LaunchHosts) sched.Order {
		o.Spec = "spec of yesterday"
		return o
	})},
	"two groups have one name": {"launch order", func() *tamper {
		return onOrders(func(o sched.LaunchHosts) sched.Order {
			o.Group = o.Group[:strings.LastIndexByte(o.Group, '-')] + "-0"
			return o
		})()
	}},
	"that a host closes is not heard": {"closing host", onReport(func(batch.HostClosing) batch.Report { return nil })},
	"hosts of an earlier specification stay": {"progress", onReport(func(r batch.EnvironmentReady) batch.Report {
		r.Spec = "spec "
		return r
	})},
	"pools that refused are taken for others": {"closed pool", onReport(func(r batch.HostRefused) batch.Report {
		r.Pools = slices.Clone(r.Pools)
		for i := range r.Pools {
			r.Pools[i].Zone = "x"
		}
		return r
	})},
	"what a host became is not written": {"progress", func() *tamper {
		return &tamper{shut: []string{"equal", "load", "plan"}, onDelta: func(d *batch.Delta) {
			for i := range d.Hosts {
				if l := d.Hosts[i].Launch; l != nil && l.Stage == batch.Serving {
					other := *l
					other.Offer.Zone = "x"
					d.Hosts[i].Launch = &other
				}
			}
		}}
	}},
	"an environment launches more than it may": {"launch bound", func() *tamper {
		return &tamper{shut: []string{"equal", "load", "plan", "environment limit"}, onEvent: func(ev sched.Event) sched.Event {
			switch c := ev.(type) {
			case sched.CreateEnvironment:
				c.Environment.Max.MilliCPU *= 8
				return c
			case sched.UpdateEnvironment:
				c.Environment.Max.MilliCPU *= 8
				return c
			default:
				return ev
			}
		}, onDelta: func(d *batch.Delta) {
			for i := range d.Environments {
				d.Environments[i].Max.MilliCPU /= 8
			}
		}}
	}},
}

func isProvisioning(o sched.Order) bool {
	_, ok := o.(sched.ProvisionEnvironment)
	return ok
}

func isRetirement(o sched.Order) bool {
	_, ok := o.(sched.RetireEnvironment)
	return ok
}
