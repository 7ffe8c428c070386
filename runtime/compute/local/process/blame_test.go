//go:build linux || darwin

package process

import (
	"fmt"
	"os"
	"syscall"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// TestBlame: what is about the machine waits, what is about the job fails, and what nobody knows is tried a few times.
func TestBlame(t *testing.T) {
	for _, c := range []struct {
		err  error
		want compute.Blame
	}{
		{syscall.EMFILE, compute.OfMachine},
		{fmt.Errorf("starting: %w", &os.PathError{Op: "fork", Err: syscall.EAGAIN}), compute.OfMachine},
		{syscall.ENOMEM, compute.OfMachine},
		{syscall.EROFS, compute.OfMachine},
		{OfMachine(syscall.ENOENT), compute.OfMachine}, // of a directory of our own
		{OfMachine(cannotStart("x")), compute.OfMachine},
		{syscall.ENOENT, compute.OfJob},
		{syscall.EACCES, compute.OfJob},
		{syscall.E2BIG, compute.OfJob},
		{cannotStart("user %q: unknown", "x"), compute.OfJob},
		{syscall.ETXTBSY, compute.Unknown},
		{fmt.Errorf("strange"), compute.Unknown},
	} {
		if got := BlameOf(c.err); got != c.want {
			t.Errorf("%v: blame %d, want %d", c.err, got, c.want)
		}
	}
	if OfMachine(nil) != nil {
		t.Error("no error is of the machine")
	}
}
