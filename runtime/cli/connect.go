package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

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

const (
	// dialTimeout is how long an endpoint may take to accept a connection.
	dialTimeout = 3 * time.Second
	// appearance is how long a runtime that was started just before, as by 'batchd serve &', may take to be seen.
	appearance = time.Second
	// readiness is how long one that has been seen may take until it serves.
	readiness = 10 * time.Second
	// lookEvery is how often it is looked for.
	lookEvery = 20 * time.Millisecond
)

// awaitTarget finds the runtime to talk to, and waits for one that was started just before.
func (r *root) awaitTarget(ctx context.Context) (rendezvous.Target, error) {
	for begin := time.Now(); ; {
		target, err := r.target()
		if !errors.Is(err, rendezvous.ErrNotRunning) {
			return target, err
		}
		patience := appearance
		if _, starting, aliveErr := rendezvous.Alive(target.StateDir); aliveErr == nil && starting {
			patience = readiness
		}
		if time.Since(begin) > patience {
			return target, err
		}
		select {
		case <-ctx.Done():
			return target, ctx.Err()
		case <-time.After(lookEvery):
		}
	}
}

// errUnreachable says that nothing answers at an endpoint.
var errUnreachable = errors.New("no runtime answers")

// connect returns a client of the runtime.
func (r *root) connect(ctx context.Context) (*client.Client, error) {
	target, err := r.awaitTarget(ctx)
	if err != nil {
		return nil, err
	}
	if err := reach(ctx, target); err != nil {
		return nil, err
	}
	return client.Open(ctx, target, client.Options{Region: r.region, Profile: r.profile, CAFile: r.caFile})
}

// reach finds out whether anybody is there, before credentials are looked for and calls are repeated. Where a
// proxy is in between, only the call itself can tell.
func reach(ctx context.Context, target rendezvous.Target) error {
	u, err := url.Parse(target.Endpoint)
	if err != nil {
		return fmt.Errorf("endpoint %q: %w", target.Endpoint, err)
	}
	if proxy, err := http.ProxyFromEnvironment(&http.Request{URL: u}); err != nil || proxy != nil {
		return err
	}
	dialer := net.Dialer{Timeout: dialTimeout}
	connection, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), u.Scheme)))
	if err != nil {
		return fmt.Errorf("%w at %s: %w; start one with 'batchd serve', or name another with --endpoint or --state-dir", errUnreachable, named(target), err)
	}
	return connection.Close()
}

// named is the endpoint of a target, with the variable that gave it: after eval "$(batchd env)" it goes before BATCHD_STATE_DIR.
func named(target rendezvous.Target) string {
	if target.Source != rendezvous.FromEnv && target.Source != rendezvous.FromAWSEnv {
		return target.Endpoint
	}
	return fmt.Sprintf("%s (from the environment variable %s)", target.Endpoint, target.Source)
}
