package local

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/local/process"
)

// The holder's timers may be late by a millisecond, and those of a job by as much as the runtime's, whether it has a control group
// with a limit or not.
func TestTimerSlack(t *testing.T) {
	const own = 70 * time.Microsecond
	var b *bed
	_ = process.WithSlack(own, func() error {
		b = newBed(t)
		return nil
	})
	want := fmt.Sprintln(own.Nanoseconds())
	for _, memory := range []int64{0, 64} {
		c := batch.Container{Command: []string{"cat", "/proc/self/timerslack_ns"}, Shape: batch.Shape{MemoryMiB: memory}}
		if got := b.output(b.code(b.run(c), 0)); got != want {
			t.Errorf("with a limit of %d MiB, a job has a timer slack of %q ns, want %q", memory, got, want)
		}
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/timerslack_ns", b.holderPID()))
	if err != nil {
		t.Skip("that of another process may not be read: ", err)
	}
	if got, want := string(text), fmt.Sprintln(holderSlack.Nanoseconds()); got != want {
		t.Errorf("the holder has a timer slack of %q ns, want %q", got, want)
	}
}
