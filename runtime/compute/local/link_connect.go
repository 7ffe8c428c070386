//go:build linux || darwin

package local

import (
	"context"
	"errors"
	"io"
	"os"
	"syscall"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/local/holder"
	"github.com/batchd/terraform-provider-batch/runtime/retry"
)

// Pauses between attempts to reach a holder: after a connection broke they double from the first to the last; where none can
// be started, for want of processes for example, it is tried at an even pace.
const (
	firstPause = 50 * time.Millisecond
	lastPause  = 5 * time.Second
	tryEvery   = time.Second
)

// pauses are how long to wait before a holder that was lost is reached for again.
var pauses = retry.Backoff{First: firstPause, Longest: lastPause}

// errClosed says that the driver was closed: it gives no orders any more.
var errClosed = errors.New("the driver is closed")

// open connects if there is a holder, or something that one left. A holder that dies or hangs meanwhile is tried again, as
// it is when the connection breaks later.
func (l *link) open(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err := l.connectIfAny(ctx)
	if !fellSilent(err) {
		return err
	}
	l.log.Warn("the holder cannot be reached; it is tried again", "error", err)
	l.run.Go(l.connectAgain)
	return nil
}

// fellSilent reports whether err says that somebody was there who did not go on talking.
func fellSilent(err error) bool {
	for _, e := range []error{io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE, os.ErrDeadlineExceeded, errDeaf} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// connectIfAny reports whether there is a holder to talk to.
func (l *link) connectIfAny(ctx context.Context) (bool, error) {
	if l.closed {
		return false, errClosed
	}
	if l.client != nil {
		return true, nil
	}
	client, err := holder.Dial(l.stateDir, l.around)
	switch {
	case err == nil:
		l.adopt(client)
		return true, nil
	case !errors.Is(err, holder.ErrNone):
		return false, err
	case !holder.Left(l.stateDir):
		return false, nil
	}
	return true, l.connect(ctx)
}

// connect connects to the holder, which is started if none runs.
func (l *link) connect(ctx context.Context) error {
	if l.closed {
		return errClosed
	}
	if l.client != nil {
		return nil
	}
	client, err := holder.Dial(l.stateDir, l.around)
	if errors.Is(err, holder.ErrNone) {
		client, err = spawn(ctx, l.stateDir, l.command, l.around)
	}
	if err != nil {
		l.faults.set(byLink, batch.Processes, err.Error())
		l.keepTrying()
		return err
	}
	l.adopt(client)
	return nil
}

// keepTrying connects to the holder as soon as one can be started, with mu held.
func (l *link) keepTrying() {
	if l.trying {
		return
	}
	l.trying = true
	l.run.Go(func() {
		for tried := false; !tried; {
			select {
			case <-l.done:
				return
			case <-time.After(tryEvery):
			}
			l.mu.Lock()
			ctx, cancel := context.WithTimeout(context.Background(), spawnTimeout)
			tried = l.closed || l.connect(ctx) == nil
			cancel()
			l.trying = !tried
			l.mu.Unlock()
		}
	})
}

// adopt takes a new connection into use and asks what the holder has. A holder that makes room for another may have
// closed it already.
func (l *link) adopt(client *holder.Client) {
	if client.Inherits() {
		l.log.Warn("the holder is of an earlier version: until nothing runs in it, jobs get the environment, umask and limits that it was started with", "pid", client.PID())
	}
	l.client, l.lost, l.ended, l.madeAt = client, make(chan struct{}), false, time.Now()
	l.faults.set(byLink, batch.Processes, "")
	l.faults.set(byHolder, batch.Processes, "")
	if room := client.Room(); room != (holder.Room{}) && room != l.limit { // an old holder does not say
		l.limit = room
		l.run.Go(l.resized)
	}
	l.run.Go(func() { l.read(client) })
	l.seq++
	l.send(&holder.Request{Seq: l.seq, Census: true})
}

// broken lets go of a connection and makes a new one, unless the driver is closed.
func (l *link) broken(client *holder.Client, cause error) {
	_ = client.Close() // it is of no use any more
	l.mu.Lock()
	l.client = nil
	close(l.lost)
	clear(l.asked)
	stay := l.closed || l.ended
	pause := l.nextPause(time.Since(l.madeAt))
	l.mu.Unlock()
	if stay {
		return
	}
	l.log.Warn("the connection to the holder broke; it is made again", "error", cause)
	select {
	case <-l.done:
	case <-time.After(pause):
		l.connectAgain()
	}
}

// nextPause is how long to wait before a connection that broke is made again, with mu held: not at all, unless the one before it
// was brief, too.
func (l *link) nextPause(lasted time.Duration) time.Duration {
	if lasted >= 2*lastPause {
		l.brief = 0
	}
	pause := pauses.After(l.brief)
	l.brief++
	return pause
}

// connectAgain tries to reach the holder until it succeeds, or the driver is closed.
func (l *link) connectAgain() {
	for failures := 1; !l.reconnect(); failures++ {
		select {
		case <-l.done:
			return
		case <-time.After(pauses.After(failures)):
		}
	}
}

// reconnect reports whether there is nothing left to try.
func (l *link) reconnect() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.client != nil {
		return true
	}
	ctx, cancel := context.WithTimeout(context.Background(), spawnTimeout)
	defer cancel()
	connect := l.connect
	if len(l.pending) == 0 && len(l.undone) == 0 {
		connect = func(ctx context.Context) error {
			_, err := l.connectIfAny(ctx)
			return err
		}
	}
	if err := connect(ctx); err != nil {
		l.log.Warn("the holder cannot be reached; it is tried again", "error", err)
		return false
	}
	return true
}
