//go:build linux || darwin

package holder

import (
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/local/process"
)

// TestStopOfAnEndedProcess asks an attempt to stop between the end of its process and the end of the attempt, which comes when its
// output was read and what it left behind is gone. Its pid may name another process by then: no signal is sent, at once or after
// the grace.
func TestStopOfAnEndedProcess(t *testing.T) {
	reaper := process.NewReaper(func(process.Exit) {})
	defer reaper.Close()
	a := &attempt{
		order: Start{Attempt: id("a"), Grace: time.Second}, state: compute.Running,
		process: &process.Process{PID: 1 << 30}, ended: &process.Exit{PID: 1 << 30, At: time.Now()},
	}
	h := &holder{
		reaper: reaper, attempts: map[batch.AttemptID]*attempt{id("a"): a}, stopping: map[*attempt]struct{}{},
		users: users{taken: map[uint32]struct{}{}},
	}
	h.stop(compute.Stop{Attempt: id("a")})
	if len(h.stopping) > 0 {
		t.Error("a process that has ended is to be killed after its grace")
	}
	h.end(a, batch.Exit{Kind: batch.Exited})
	h.kill(time.Now().Add(time.Hour))
}
