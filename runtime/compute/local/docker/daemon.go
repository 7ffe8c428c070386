package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/client"

	"github.com/batchd/terraform-provider-batch/runtime/retry"
)

// daemon is the Docker daemon of this machine, reached or not.
type daemon struct {
	*client.Client
}

// newDaemon returns the daemon at host; empty means DOCKER_HOST, else the first usual socket
// that exists. It connects to nothing yet.
func newDaemon(host string) (daemon, error) {
	if host == "" {
		host = usualHost()
	}
	c, err := client.NewClientWithOpts(
		client.WithTLSClientConfigFromEnv(), client.WithHost(host), client.WithVersionFromEnv(), client.WithAPIVersionNegotiation())
	if err != nil {
		return daemon{}, fmt.Errorf("docker host %q: %w; give DOCKER_HOST as unix:///path or tcp://host:port", host, err)
	}
	return daemon{c}, nil
}

// usualHost is where the docker command would look; a rootless daemon and Docker Desktop
// have sockets of the user's own.
func usualHost() string {
	if host := os.Getenv(client.EnvOverrideHost); host != "" {
		return host
	}
	sockets := []string{strings.TrimPrefix(client.DefaultDockerHost, "unix://")}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		sockets = append(sockets, filepath.Join(dir, "docker.sock"))
	}
	if home, err := os.UserHomeDir(); err == nil {
		sockets = append(sockets, filepath.Join(home, ".docker", "run", "docker.sock"))
	}
	for _, path := range sockets {
		if _, err := os.Stat(path); err == nil {
			return "unix://" + path
		}
	}
	return client.DefaultDockerHost
}

// unreachable reports whether err says that the daemon did not answer, so that what was asked may
// or may not have been done.
func unreachable(err error) bool {
	return client.IsErrConnectionFailed(err) || errors.Is(err, context.DeadlineExceeded)
}

// brokenOff reports whether err says that the daemon ended a connection in the middle of an answer.
func brokenOff(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)
}

// lost reports whether err says that the daemon is not there, is ending, or has just been started.
func lost(err error) bool {
	return unreachable(err) || brokenOff(err) || errdefs.IsUnavailable(err) || notNegotiated(err)
}

// unreachableError says that the daemon is not there and what to do about it.
func (d daemon) unreachableError(ctx context.Context, err error) error {
	return fmt.Errorf("Docker is not reachable at %s: %w; start it or set DOCKER_HOST", d.DaemonHost(), d.cause(ctx, err)) //nolint:staticcheck // a proper name begins it
}

// cause is why the daemon cannot be reached. The client's own error hides the system's.
func (d daemon) cause(ctx context.Context, err error) error {
	path, isSocket := strings.CutPrefix(d.DaemonHost(), "unix://")
	if !isSocket {
		return err
	}
	conn, dialErr := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "unix", path)
	if dialErr == nil {
		_ = conn.Close()
		return err
	}
	var system *os.SyscallError
	if errors.As(dialErr, &system) {
		return system.Err
	}
	return dialErr
}

// version asks the daemon for its version.
func (d daemon) version(ctx context.Context) (string, error) {
	if err := d.ping(ctx); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	v, err := d.ServerVersion(ctx)
	if err != nil {
		return "", d.explain(ctx, err)
	}
	return v.Version + " (API " + d.ClientVersion() + ")", nil
}

// ping asks whether the daemon answers.
func (d daemon) ping(ctx context.Context) error {
	brief, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	_, err := d.Ping(brief)
	if err != nil && brief.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("Docker at %s has not answered for %s; restart it if it hangs", d.DaemonHost(), pingTimeout) //nolint:staticcheck // a proper name begins it
	}
	return d.explain(ctx, err)
}

// explain makes an error of reaching the daemon readable and leaves any other as it is.
func (d daemon) explain(ctx context.Context, err error) error {
	if unreachable(err) {
		return d.unreachableError(ctx, err)
	}
	return err
}

// untilAnswered repeats ask, each time with a deadline, until the daemon answers it, with whatever
// answer, or ctx ends.
func untilAnswered(ctx context.Context, ask func(context.Context) error) error {
	for {
		err := within(ctx, requestTimeout, ask)
		if err == nil || !unreachable(err) {
			return err
		}
		if retry.Pause(ctx, reconnectWait) != nil {
			return ctx.Err()
		}
	}
}

// within calls ask with a context that ends after d.
func within(ctx context.Context, d time.Duration, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return ask(ctx)
}
