package sched

import (
	"fmt"
	"strings"
)

// faultOf is why no host of the environments of its queue starts what j runs; false if one may.
func (m *Machine) faultOf(j *job) (string, bool) {
	if len(m.faulty) == 0 {
		return "", false
	}
	var last *host
	for _, e := range m.openOf(j.queue) {
		for _, h := range m.poolOf(e).hosts {
			if !h.row.Ready {
				continue
			}
			if last = h; h.faultFor(j) == nil {
				return "", false
			}
		}
	}
	if last == nil {
		return "", false
	}
	return last.faultIn(last.faultFor(j)), true
}

// faultFor is the runner for which h starts nothing of what j runs; nil if it does.
func (h *host) faultFor(j *job) *runner {
	for _, inContainer := range j.runs() {
		if r := h.runner(inContainer); r.startsNothing() {
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
func (m *Machine) faultsByPool() map[*pool]poolFaults {
	all := map[*pool]poolFaults{}
	for _, h := range byID(m.faulty) {
		for i := range h.runners {
			r := &h.runners[i]
			if !h.row.Ready || !r.startsNothing() {
				continue
			}
			for _, s := range h.stand {
				f := all[s.pool]
				if f.count++; f.count <= shownFaults {
					f.named = append(f.named, h.faultIn(r))
				}
				all[s.pool] = f
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

// startsNothing reports whether r is known to be at fault.
func (r *runner) startsNothing() bool { return r.fault != nil && r.fault.Reason != "" }

// faultIn is why h starts nothing by r, one of its runners.
func (h *host) faultIn(r *runner) string {
	return fmt.Sprintf("host %s cannot start %s: %s", h.row.ID, plurals[r.kind], r.fault.Reason)
}

// faultWords is what a statusReason says of a fault, for example "HOST_FAULT - Host local cannot start containers: ….".
func faultWords(fault string) string { return string(CodeHostFault) + " - " + sentenceOf(fault) }
