package sim

import (
	"testing"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// plantedUnfitWithin is how many seeds it may take to catch a planted bug that shows only on machines that refuse starts.
const plantedUnfitWithin = 300

// TestPlantedUnfitBugs grades the nets in stories of machines that refuse starts.
func TestPlantedUnfitBugs(t *testing.T) {
	long.Only(t, "plays each planted bug until it is caught")
	for name, plant := range plantedUnfit {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(plantedUnfitWithin) {
				tell := teller{seed: seed + 1, plant: plant, stats: &Stats{}}
				if w := tell.unfit(cut{}); w.failure != nil {
					t.Logf("seed %d: law %q: %.200s", seed+1, w.failure.Law, w.failure.Detail)
					return
				}
			}
			t.Errorf("not caught within %d seeds", plantedUnfitWithin)
		})
	}
}

// plantedUnfit are mistakes that the nets must never let through.
var plantedUnfit = map[string]func() *tamper{
	"a refusal is taken for the failure of the job": func() *tamper {
		return &tamper{onEvent: onExits(func(x *batch.Exit) bool {
			if x.Kind == batch.Refused {
				x.Kind = batch.FailedToStart
			}
			return true
		})}
	},
	"a refusal is not heard": func() *tamper {
		return &tamper{onEvent: onExits(func(x *batch.Exit) bool { return x.Kind != batch.Refused })}
	},
	"the number of a refused attempt is used up": func() *tamper {
		return &tamper{onDelta: func(d *batch.Delta) {
			for i := range d.Jobs {
				if j := &d.Jobs[i]; j.Status == batch.Runnable && j.Refusals.Back > 0 {
					j.Attempt++
				}
			}
		}}
	},
	"the limits of hosts are not read": func() *tamper {
		return &tamper{onEvent: onHosts(func(h *batch.Host) { h.Limits = nil })}
	},
	"a limit is read too large": func() *tamper {
		return &tamper{onEvent: onHosts(func(h *batch.Host) {
			for _, limit := range h.Limits {
				limit.Attempts++
				h.Limits = []batch.Limit{limit}
			}
		})}
	},
	"the end of a fault is not heard": func() *tamper {
		last := map[batch.HostFault]string{}
		return &tamper{onEvent: onFaults(func(f *batch.HostFault) {
			key := batch.HostFault{Host: f.Host, Runner: f.Runner}
			if f.Reason == "" {
				f.Reason = last[key]
			}
			last[key] = f.Reason
		})}
	},
	"processes and containers are mixed up": func() *tamper {
		return &tamper{onEvent: onFaults(func(f *batch.HostFault) {
			f.Runner = batch.RunnerOf(f.Runner == batch.Processes)
		})}
	},
	"the faults of hosts are not written": func() *tamper {
		return &tamper{onDelta: func(d *batch.Delta) {
			for i := range d.Hosts {
				d.Hosts[i].Faults = nil
			}
		}}
	},
	"a host at fault is tried with all that waits": func() *tamper {
		return &tamper{shut: []string{"load", "check"}, onEvent: func(ev sched.Event) sched.Event {
			return onExits(func(x *batch.Exit) bool {
				if x.Kind == batch.Refused { // as if each had been recalled: nothing is known of the host
					x.Kind, x.Reason = batch.Recalled, ""
				}
				return true
			})(onFaults(func(f *batch.HostFault) { f.Reason = "" })(ev))
		}}
	},
}

// onHosts has change falsify every host that the machine is told.
func onHosts(change func(*batch.Host)) func(sched.Event) sched.Event {
	return func(ev sched.Event) sched.Event {
		switch ev := ev.(type) {
		case sched.Reported:
			if ready, ok := ev.Report.(batch.HostReady); ok {
				change(&ready.Host)
				return sched.Reported{Report: ready}
			}
			return ev
		case sched.Census:
			hosts := append([]batch.Host(nil), ev.Hosts...)
			for i := range hosts {
				change(&hosts[i])
			}
			ev.Hosts = hosts
			return ev
		default:
			return ev
		}
	}
}

// onFaults has change falsify all that the machine is told of faults.
func onFaults(change func(*batch.HostFault)) func(sched.Event) sched.Event {
	return func(ev sched.Event) sched.Event {
		switch ev := ev.(type) {
		case sched.Reported:
			if fault, ok := ev.Report.(batch.HostFault); ok {
				change(&fault)
				return sched.Reported{Report: fault}
			}
			return ev
		case sched.Census:
			faults := append([]batch.HostFault(nil), ev.Faults...)
			for i := range faults {
				change(&faults[i])
			}
			ev.Faults = faults
			return ev
		default:
			return ev
		}
	}
}
