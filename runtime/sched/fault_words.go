package sched

import (
	"fmt"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// faultOf is why no host of the environments of its queue starts what j runs; false if one may.
func (m *Machine) faultOf(j *job) (string, bool) {
	if len(m.faulty) == 0 {
		return "", false
	}
	var last *fleet.Host
	for _, e := range m.fleet.Open(j.queue.tried) {
		for _, h := range m.fleet.Pool(e).Hosts {
			if !h.Row.Ready {
				continue
			}
			if last = h; faultFor(h, j) == nil {
				return "", false
			}
		}
	}
	if last == nil {
		return "", false
	}
	return faultIn(last, faultFor(last, j)), true
}

// faultFor is the runner for which h starts nothing of what j runs; nil if it does.
func faultFor(h *fleet.Host, j *job) *fleet.Runner {
	for _, inContainer := range j.ask().Containers {
		if r := h.Runner(inContainer); r.StartsNothing() {
			return r
		}
	}
	return nil
}

// poolFaults is why hosts of a pool start nothing.
type poolFaults struct {
	named []string // of the first ones, at most shownFaults
	count int
}

// faultsByPool is why hosts start nothing, by the pools that they belong to.
func (m *Machine) faultsByPool() map[*fleet.Pool]poolFaults {
	all := map[*fleet.Pool]poolFaults{}
	for _, h := range byID(m.faulty) {
		for i := range h.Runners {
			r := &h.Runners[i]
			if !h.Row.Ready || !r.StartsNothing() {
				continue
			}
			for p := range h.Pools {
				f := all[p]
				if f.count++; f.count <= shownFaults {
					f.named = append(f.named, faultIn(h, r))
				}
				all[p] = f
			}
		}
	}
	return all
}

// words is the statusReason of an environment with these faults; empty if there are none.
func (f poolFaults) words() string {
	if f.count == 0 {
		return ""
	}
	if more := f.count - len(f.named); more > 0 {
		f.named = append(f.named, fmt.Sprintf("and %d more", more))
	}
	return clip(faultWords(strings.Join(f.named, "; ")))
}

// faultIn is why h starts nothing by r, one of its runners.
func faultIn(h *fleet.Host, r *fleet.Runner) string {
	return fmt.Sprintf("host %s cannot start %s: %s", h.Row.ID, plurals[r.Kind], r.Fault.Reason)
}

// faultWords is what a statusReason says of a fault, for example "HOST_FAULT - Host local cannot start containers: ….".
func faultWords(fault string) string { return string(CodeHostFault) + " - " + sentenceOf(fault) }
