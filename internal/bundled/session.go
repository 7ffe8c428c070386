package bundled

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/rendezvous"
)

// Config says which runtime is wanted, and how one may be started.
type Config struct {
	// Endpoint names a runtime elsewhere, StateDir the directory of one's own; both may be
	// empty, see [rendezvous.Find].
	Endpoint, StateDir string
	// IdleTimeout is how long a runtime started here stays up without work; 0 is the default.
	IdleTimeout time.Duration
	// AWS has jobs of environments of an account run there. A runtime that was started without it is replaced if it is idle, and refused if not.
	AWS bool
	// NoStart refuses to start one.
	NoStart bool
	// Version is the caller's own; a runtime started here has the same.
	Version string
	Signing client.Options
}

// Session is a way to a runtime. While it is open, a bundled runtime does not end for want
// of work.
type Session struct {
	Client *client.Client
	lease  *client.Lease // nil for a runtime elsewhere
}

// Ended reports whether the runtime has gone, so that the session has to be opened again.
func (s *Session) Ended() bool { return s.lease != nil && s.lease.Err() != nil }

// While returns a context that ends with ctx, and when the runtime has gone. stop must be called.
func (s *Session) While(ctx context.Context) (during context.Context, stop context.CancelFunc) {
	during, stop = context.WithCancel(ctx)
	if s.lease != nil {
		go func() {
			select {
			case <-s.lease.Done():
				stop()
			case <-during.Done():
			}
		}()
	}
	return during, stop
}

// Close gives the lease back.
func (s *Session) Close() {
	if s.lease != nil {
		s.lease.Close()
	}
}

// Open reaches the runtime that c names. If that is the one of a state directory and it
// does not run, it is started, under a lock: of several callers one starts it and the
// others find it.
func Open(ctx context.Context, c Config) (*Session, error) {
	target, err := rendezvous.Find(c.Endpoint, c.StateDir, os.Getenv)
	if err == nil && target.Source != rendezvous.FromStateDir {
		remote, err := client.Open(ctx, target, c.Signing)
		return &Session{Client: remote}, err
	}
	if err == nil {
		if s, err := c.join(ctx, target); err == nil {
			return s, nil
		}
	}
	if err != nil && !errors.Is(err, rendezvous.ErrNotRunning) {
		return nil, err
	}
	return c.openLocked(ctx, target.StateDir)
}

// errUnfit says that a runtime will not do, and is idle.
var errUnfit = errors.New("the runtime will not do")

// join takes a lease on a runtime that serves.
func (c Config) join(ctx context.Context, target rendezvous.Target) (*Session, error) {
	local, err := client.Open(ctx, target, c.Signing)
	if err != nil {
		return nil, err
	}
	if err := c.handshake(ctx, local, target); err != nil {
		return nil, err
	}
	// The lease outlives the call: it holds until the session is closed or the process ends, which a provider does with its
	// Terraform (AwaitOrphaned).
	lease, err := local.Lease(context.WithoutCancel(ctx))
	if err != nil {
		return nil, err
	}
	return &Session{Client: local, lease: lease}, nil
}

// openLocked finds out again what runs in a state directory, now that nobody else starts or
// replaces it, and does what is missing.
func (c Config) openLocked(ctx context.Context, path string) (s *Session, err error) {
	if c.NoStart {
		if _, alive, aliveErr := rendezvous.Alive(path); !alive || aliveErr != nil {
			return nil, fmt.Errorf("no runtime runs in %s and the provider may not start one (runtime.auto_start = false): "+
				"start it with `batchd serve --state-dir %s`, or name another with endpoint", path, path)
		}
	}
	dir, err := rendezvous.Open(path)
	if err != nil {
		return nil, err
	}
	unlock, err := lockStart(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	s, target, err := c.joinServing(ctx, path)
	if errors.Is(err, errUnfit) {
		err = c.replace(ctx, target)
	}
	if s != nil || err != nil && !errors.Is(err, rendezvous.ErrNotRunning) {
		return s, err
	}
	if c.NoStart {
		return nil, fmt.Errorf("the runtime in %s ended and the provider may not start one (runtime.auto_start = false)", path)
	}
	if err := c.start(ctx, dir); err != nil {
		return nil, err
	}
	if target, err = rendezvous.Find("", path, os.Getenv); err != nil {
		return nil, err
	}
	return c.join(ctx, target)
}

// joinServing joins the runtime of a state directory. One that is alive but does not answer is about to serve, or about
// to end: it is looked at until it does one or the other.
func (c Config) joinServing(ctx context.Context, path string) (s *Session, target rendezvous.Target, err error) {
	var silent error // of the last look at one that does not answer
	err = poll(ctx, readyTimeout, func() (bool, error) {
		var err error
		if target, err = rendezvous.Find("", path, os.Getenv); errors.Is(err, rendezvous.ErrNotRunning) {
			if _, alive, aliveErr := rendezvous.Alive(path); alive || aliveErr != nil {
				return false, aliveErr
			}
			return true, err
		}
		if err == nil {
			s, err = c.join(ctx, target)
		}
		if unanswered(err) {
			silent = err
			return false, nil
		}
		return true, err
	})
	if errors.Is(err, errTookTooLong) {
		err = fmt.Errorf("the runtime of %s is alive and does not answer: %w", path, errors.Join(err, silent))
	}
	return s, target, err
}

// unanswered reports whether err is of a request that got no answer.
func unanswered(err error) bool {
	var request *url.Error
	return errors.As(err, &request)
}

func (c Config) idleTimeout() time.Duration {
	switch {
	case c.IdleTimeout > 0:
		return c.IdleTimeout
	case os.Getenv("CI") != "":
		return ContinuousIdleTimeout
	}
	return DefaultIdleTimeout
}

// poll looks until it says done or fails; the error is [errTookTooLong] after limit.
func poll(ctx context.Context, limit time.Duration, look func() (bool, error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errTookTooLong)
	defer cancel()
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		if done, err := look(); done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
		}
	}
}

var errTookTooLong = errors.New("it took too long")
