package docker

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/containerd/errdefs"

	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// TestBlame: what the daemon or its machine lacks waits, what the job names and is not there fails, and what nobody knows is
// tried a few times.
func TestBlame(t *testing.T) {
	for _, c := range []struct {
		err  error
		want compute.Blame
	}{
		{context.DeadlineExceeded, compute.OfMachine},
		{fmt.Errorf("creating: %w", errdefs.ErrUnavailable), compute.OfMachine},
		{fmt.Errorf("server is shutting down: %w", errdefs.ErrInternal), compute.OfMachine},
		{&startError{cannotCreate, errors.New("mkdir /var/lib/docker/overlay2/x: no space left on device")}, compute.OfMachine},
		{&startError{cannotStart, errors.New("fork/exec /usr/bin/runc: resource temporarily unavailable")}, compute.OfMachine},
		{&startError{cannotStart, errors.New("dial unix /run/containerd/containerd.sock: connect: connection refused")}, compute.OfMachine},
		{&startError{cannotPull, fmt.Errorf("client version 1.51 is too new. Maximum supported API version is 1.41: %w", errdefs.ErrInvalidArgument)}, compute.OfMachine},
		{&startError{cannotPull, errors.New("toomanyrequests: you have reached your pull rate limit")}, compute.OfMachine},

		{&startError{cannotPull, fmt.Errorf("no such image: %w", errdefs.ErrNotFound)}, compute.OfJob},
		{&startError{cannotPull, errors.New("manifest unknown")}, compute.OfJob},
		{&startError{cannotPull, errors.New("pull access denied for x")}, compute.OfJob},
		{&startError{cannotCreate, fmt.Errorf("invalid mount: %w", errdefs.ErrInvalidArgument)}, compute.OfJob},
		{&startError{cannotStart, errors.New(`exec: "x": executable file not found in $PATH`)}, compute.OfJob},

		{&startError{cannotStart, errors.New("something else")}, compute.Unknown},
	} {
		if got := blameOf(c.err); got != c.want {
			t.Errorf("%v: blame %d, want %d", c.err, got, c.want)
		}
	}
}
