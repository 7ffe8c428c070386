package why

import (
	"fmt"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// shownFaults is how many faults of its hosts the statusReason of an environment names.
const shownFaults = 3

// Plurals are the nouns for what runners run.
var Plurals = map[batch.Runner]string{batch.Processes: "processes", batch.Containers: "containers"}

// fault is why no host of the environments starts a; false if one may.
func fault(f *fleet.Fleet, a *fleet.Ask, tried []batch.EnvironmentOrder) (string, bool) {
	var last *fleet.Host
	for _, e := range f.Open(tried) {
		for _, h := range f.Pool(e).Hosts {
			if !h.Open() {
				continue
			}
			if last = h; faultFor(h, a) == nil {
				return "", false
			}
		}
	}
	if last == nil {
		return "", false
	}
	return cannotStart(last, faultFor(last, a)), true
}

// faultFor is the runner for which h starts nothing of a; nil if it does.
func faultFor(h *fleet.Host, a *fleet.Ask) *fleet.Runner {
	for _, inContainer := range a.Containers {
		if r := h.Runner(inContainer); r.StartsNothing() {
			return r
		}
	}
	return nil
}

// Faults is why hosts of a pool start nothing.
type Faults struct {
	named []string // of the first ones, at most shownFaults
	count int
}

// FaultsByPool is why hosts start nothing, by the pools that they belong to. The first of the hosts are named.
func FaultsByPool(hosts []*fleet.Host) map[*fleet.Pool]Faults {
	all := map[*fleet.Pool]Faults{}
	for _, h := range hosts {
		for i := range h.Runners {
			r := &h.Runners[i]
			if !h.Row.Ready || !r.StartsNothing() {
				continue
			}
			for p := range h.Pools {
				f := all[p]
				if f.count++; f.count <= shownFaults {
					f.named = append(f.named, cannotStart(h, r))
				}
				all[p] = f
			}
		}
	}
	return all
}

// StatusReason is that of an environment with these faults; empty if there are none. It may be longer than a reason may be.
func (f Faults) StatusReason() string {
	if f.count == 0 {
		return ""
	}
	if more := f.count - len(f.named); more > 0 {
		f.named = append(f.named, fmt.Sprintf("and %d more", more))
	}
	return faultReason(strings.Join(f.named, "; "))
}

// cannotStart is why h starts nothing by r, one of its runners.
func cannotStart(h *fleet.Host, r *fleet.Runner) string {
	return fmt.Sprintf("host %s cannot start %s: %s", h.Row.ID, Plurals[r.Kind], r.Fault.Reason)
}

// faultReason is what a statusReason says of a fault, for example "HOST_FAULT - Host local cannot start containers: ….".
func faultReason(fault string) string { return string(HostFault) + " - " + Sentence(fault) }
