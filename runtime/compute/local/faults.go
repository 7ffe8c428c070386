//go:build linux || darwin

package local

import (
	"sync"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Who notices that a runner starts nothing.
const (
	byHolder  = "holder"  // of processes: it tried
	byLink    = "link"    // of processes: there is no holder, and none can be started
	byScripts = "scripts" // of processes: a script cannot be stored
	byDocker  = "docker"  // of containers
)

// faults is why runners of this machine start nothing, by who noticed it.
type faults struct {
	say func(...batch.Report)

	mu      sync.Mutex
	noticed map[string]batch.HostFault
}

func newFaults(say func(...batch.Report)) *faults {
	return &faults{say: say, noticed: map[string]batch.HostFault{}}
}

// set notes what somebody notices of a runner, and reports it if that changes anything. An empty reason takes it back.
func (f *faults) set(by string, runner batch.Runner, reason string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	before := f.of(runner)
	f.noticed[by] = batch.HostFault{Host: batch.LocalHost, Runner: runner, Reason: reason}
	if now := f.of(runner); now != before {
		f.say(now)
	}
}

// of is what is to be said of a runner, with mu held.
func (f *faults) of(runner batch.Runner) batch.HostFault {
	for _, by := range []string{byLink, byHolder, byScripts, byDocker} {
		if noticed := f.noticed[by]; noticed.Runner == runner && noticed.Reason != "" {
			return noticed
		}
	}
	return batch.HostFault{Host: batch.LocalHost, Runner: runner}
}

// isWell reports whether nobody has noticed a fault of a runner.
func (f *faults) isWell(runner batch.Runner) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.of(runner).Reason == ""
}

// list is what is to be said of every runner.
func (f *faults) list() []batch.HostFault {
	f.mu.Lock()
	defer f.mu.Unlock()
	return []batch.HostFault{f.of(batch.Processes), f.of(batch.Containers)}
}
