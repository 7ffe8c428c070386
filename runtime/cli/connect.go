package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/rendezvous"
)

// target finds the runtime to talk to.
func (r *root) target() (rendezvous.Target, error) {
	target, err := rendezvous.Find(r.endpoint, r.stateDir, os.Getenv)
	if errors.Is(err, rendezvous.ErrNotRunning) {
		return target, fmt.Errorf("%w from %s: start one with 'batchd serve', or name another with --endpoint or --state-dir", rendezvous.ErrNotRunning, target.StateDir)
	}
	return target, err
}

// connect returns a client of the runtime.
func (r *root) connect(ctx context.Context) (*client.Client, error) {
	target, err := r.target()
	if err != nil {
		return nil, err
	}
	return client.Open(ctx, target, client.Options{Region: r.region, Profile: r.profile})
}
