package sim

import (
	"slices"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// plantedLaunchesWithin is how many seeds it may take to catch a planted bug that shows only where hosts are launched.
const plantedLaunchesWithin = 300

// TestPlantedLaunchBugs grades the nets in stories of launches: every bug has to be caught, by the law that is made for it.
func TestPlantedLaunchBugs(t *testing.T) {
	gradeByLaw(t, plantedLaunches, 1, plantedLaunchesWithin, func(tell teller) []telling { return []telling{tell.launches} })
}

// onReport returns a tamper that changes reports of one type, or drops those for which change returns nil.
func onReport[R batch.Report](change func(R) batch.Report) func() *tamper {
	return func() *tamper {
		return &tamper{onEvent: func(ev sched.Event) sched.Event {
			said, ok := ev.(sched.Reported)
			if !ok {
				return ev
			}
			r, ok := said.Report.(R)
			if !ok {
				return ev
			}
			changed := change(r)
			if changed == nil {
				return nil
			}
			return sched.Reported{Report: changed}
		}}
	}
}

// plantedLaunches are mistakes about hosts that are launched.
var plantedLaunches = map[string]plantedBug{
	"how long a pool is closed is not listened to": {"closed pool", onReport(func(r batch.HostRefused) batch.Report {
		if r.Until != 0 {
			r.Until = r.Until.Add(-900 * time.Millisecond)
		}
		return r
	})},
	"a host is ordered under a second name": {"launch order", func() *tamper {
		return &tamper{onRound: func(r *sched.Round) {
			for _, o := range slices.Clone(r.Orders) {
				if launch, ok := o.(sched.LaunchHosts); ok {
					launch.Hosts = []string{launch.Hosts[0] + "-again"}
					r.Orders = append(r.Orders, launch)
				}
			}
		}}
	}},
	"a host is given back that has attempts": {"release", func() *tamper {
		return &tamper{onRound: func(r *sched.Round) {
			for _, o := range slices.Clone(r.Orders) {
				if start, ok := o.(sched.StartAttempt); ok && start.Host != batch.LocalHost {
					r.Orders = append(r.Orders, sched.ReleaseHost{Host: start.Host})
					return
				}
			}
		}}
	}},
	"no host is given back": {"progress", func() *tamper {
		return &tamper{onRound: func(r *sched.Round) {
			r.Orders = slices.DeleteFunc(r.Orders, func(o sched.Order) bool {
				_, release := o.(sched.ReleaseHost)
				return release
			})
		}}
	}},
	"hosts that are coming do not count": {"launched twice", func() *tamper {
		return &tamper{
			shut: []string{"equal", "load"},
			onEvent: func(ev sched.Event) sched.Event {
				c, ok := ev.(sched.Census)
				if ok { // as if no driver had them
					c.AsOf += 60_000
					c.Coming = nil
					return c
				}
				return ev
			},
			onDelta: func(d *batch.Delta) {
				for i := range d.Hosts {
					if l := d.Hosts[i].Launch; l != nil && l.Stage == batch.Gone {
						kept := *l
						kept.Stage = batch.Launching
						d.Hosts[i].Launch = &kept
					}
				}
			},
		}
	}},
	"a census says nothing of what a driver serves": {"progress", func() *tamper {
		return &tamper{onEvent: func(ev sched.Event) sched.Event {
			if c, ok := ev.(sched.Census); ok {
				c.Kinds = nil
				return c
			}
			return ev
		}}
	}},
}
