//go:build linux || darwin

package holder

import (
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// starved is a listener of a process that has no descriptor left.
type starved struct {
	net.Listener
	calls atomic.Int64
	ends  chan struct{}
}

func (l *starved) Accept() (net.Conn, error) {
	l.calls.Add(1)
	select {
	case <-l.ends:
		return nil, net.ErrClosed
	default:
		return nil, syscall.EMFILE
	}
}

// TestAcceptWithoutDescriptors ends the listener after a while, in which a server that tries again at once would have made
// many thousand tries and as many lines of its log.
func TestAcceptWithoutDescriptors(t *testing.T) {
	l := &starved{ends: make(chan struct{})}
	var log strings.Builder
	s := &server{log: slog.New(slog.NewTextHandler(&log, nil))}
	time.AfterFunc(3*acceptPause, func() { close(l.ends) })
	s.accept(l)
	if n := l.calls.Load(); n > 10 {
		t.Errorf("%d tries in %v", n, 3*acceptPause)
	}
	if n := strings.Count(log.String(), "\n"); n != 1 {
		t.Errorf("%d lines in the log:\n%.300s", n, log.String())
	}
}
