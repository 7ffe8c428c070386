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

// environmentFault is why hosts of e start nothing, as a statusReason; empty if all of them do.
func (m *Machine) environmentFault(e *environment) string {
	if len(m.faulty) == 0 {
		return ""
	}
	var faults []string
	for _, h := range m.poolOf(e).hosts {
		for i := range h.runners {
			if r := &h.runners[i]; h.row.Ready && r.startsNothing() {
				faults = append(faults, h.faultIn(r))
			}
		}
	}
	if len(faults) == 0 {
		return ""
	}
	return faultWords(strings.Join(faults, "; "))
}

// startsNothing reports whether r is known to be at fault.
func (r *runner) startsNothing() bool { return r.fault != nil && r.fault.Reason != "" }

// faultIn is why h starts nothing by r, one of its runners.
func (h *host) faultIn(r *runner) string {
	return fmt.Sprintf("host %s starts no %s: %s", h.row.ID, plurals[r.kind], r.fault.Reason)
}

// faultWords is what a statusReason says of a fault, for example "HOST_FAULT - Host local starts no containers: ….".
func faultWords(fault string) string { return string(CodeHostFault) + " - " + sentenceOf(fault) }
