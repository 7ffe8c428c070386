package fleet

import (
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Runner is what a host holds of one of the ways in which it runs attempts, as processes or as containers.
type Runner struct {
	Kind     batch.Runner
	Limit    *batch.Limit // nil: no bound
	Fault    *batch.Fault // nil: it starts attempts
	Live     int          // attempts that hold a place
	Starting int          // of these, those that are ordered and not known to run
	Held     int          // of these, nodes that wait for their main node
	// Due is set when what waits has been told that the next try is due.
	Due bool
}

// Runners are those of a host: processes, then containers.
type Runners [2]Runner

// Runner returns the one for attempts that run an image, or that do not.
func (h *Host) Runner(inContainer bool) *Runner {
	if inContainer {
		return &h.Runners[1]
	}
	return &h.Runners[0]
}

// read takes over the limits and faults of the row of h.
func (h *Host) read() {
	for i, kind := range []batch.Runner{batch.Processes, batch.Containers} {
		r := &h.Runners[i]
		r.Kind, r.Limit, r.Fault = kind, nil, nil
		for _, limit := range h.Row.Limits {
			if limit.Runner == kind {
				r.Limit = &limit
			}
		}
		for _, fault := range h.Row.Faults {
			if fault.Runner == kind {
				r.Fault = &fault
			}
		}
	}
}

// Faulty reports whether a runner has a fault.
func (r *Runners) Faulty() bool {
	return slices.ContainsFunc(r[:], func(one Runner) bool { return one.Fault != nil })
}

// Running is how many attempts r is known to hold.
func (r *Runner) Running() int32 { return int32(r.Live - r.Starting - r.Held) }

// Takes is how many more attempts may be started on r now.
func (r *Runner) Takes(at batch.Time) int64 {
	n := Boundless
	if r.Limit != nil {
		n = int64(r.Limit.Attempts) - int64(r.Live)
	}
	f := r.Fault
	if f == nil {
		return max(n, 0)
	}
	room := int64(f.Allow) - int64(r.Live)
	if room <= 0 && r.Starting == 0 && at >= f.RetryAt {
		room = 1
	}
	if f.Reason != "" {
		room = min(room, int64(max(1-r.Starting, 0)))
	}
	return max(min(n, room), 0)
}

// Tries reports whether a start on r would be beyond what it is known to hold.
func (r *Runner) Tries() bool { return r.Fault != nil && int64(r.Live) >= int64(r.Fault.Allow) }

// StartsNothing reports whether r is known not to start attempts.
func (r *Runner) StartsNothing() bool { return r.Fault != nil && r.Fault.Reason != "" }

// Phase is where an attempt that does not run yet is counted by its runner.
type Phase uint8

// The phases.
const (
	NotCounted Phase = iota
	CountedStarting
	CountedHeld
)

// count returns the number that an attempt is counted in.
func (r *Runner) count(as Phase) *int {
	switch as {
	case CountedStarting:
		return &r.Starting
	case CountedHeld:
		return &r.Held
	default:
		return new(int)
	}
}
