package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// leaseSilence is how long a lease may hear nothing: the service sends a line every ten
// seconds.
const leaseSilence = 35 * time.Second

// errSilent ends a lease that the service no longer keeps alive.
var errSilent = errors.New("the service fell silent")

// Lease is a connection that keeps a runtime from ending for want of work.
type Lease struct {
	cancel context.CancelCauseFunc
	done   chan struct{}
	err    error // written before done is closed
}

// Lease opens a lease, which holds until Close, the end of ctx or of the runtime.
func (c *Client) Lease(ctx context.Context) (*Lease, error) {
	r, err := newRequest(http.MethodPost, wire.PathLease, wire.Empty{})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	silence := time.AfterFunc(leaseSilence, func() { cancel(errSilent) })
	response, err := c.send(ctx, r, 0)
	if err != nil {
		silence.Stop()
		cancel(nil)
		return nil, fmt.Errorf("open lease: %w", c.explain(err))
	}
	l := &Lease{cancel: cancel, done: make(chan struct{})}
	go l.listen(ctx, response.Body, silence)
	return l, nil
}

// listen reads until the connection ends.
func (l *Lease) listen(ctx context.Context, body io.ReadCloser, silence *time.Timer) {
	defer close(l.done)
	line := make([]byte, 64)
	for {
		n, err := body.Read(line)
		if n > 0 {
			silence.Reset(leaseSilence)
		}
		if err != nil {
			silence.Stop()
			l.err = errors.Join(err, context.Cause(ctx), body.Close())
			return
		}
	}
}

// Done is closed when the lease has ended.
func (l *Lease) Done() <-chan struct{} { return l.done }

// Err says why the lease has ended; nil while it holds.
func (l *Lease) Err() error {
	select {
	case <-l.done:
		return l.err
	default:
		return nil
	}
}

// Close ends the lease and waits until the connection is closed.
func (l *Lease) Close() {
	l.cancel(nil)
	<-l.done
}
