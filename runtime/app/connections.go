package app

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/auth"
)

// connections bounds how many connections are open. When there are too many, it closes one of the address that
// has the most: the one that has been idle for longest, or else the one whose request has been unverified for
// longest, or else, for a caller from elsewhere, the oldest. So whoever opens many keeps nobody out but himself, and
// who cannot sign keeps nobody out, not even where all callers have one address.
type connections struct {
	most int

	mu     sync.Mutex
	open   map[net.Conn]*connection
	from   map[string]int // how many are open from an address
	closed bool           // see close
}

type connection struct {
	address string
	use     use
	since   time.Time // of use
}

// use is what a connection is used for. Those with less are closed first.
type use int

const (
	unasked    use = iota // nothing is asked on it
	unverified            // a request is coming on it, or is refused
	verified              // its request is of a known caller, and is being served
)

func newConnections(most int) *connections {
	return &connections{most: most, open: map[net.Conn]*connection{}, from: map[string]int{}}
}

// note is the server's ConnState hook.
func (c *connections) note(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateNew:
		address := auth.Network(conn.RemoteAddr().String())
		c.open[conn] = &connection{address: address, since: time.Now()}
		c.from[address]++
		if c.closed {
			c.drop(conn)
		} else if len(c.open) > c.most {
			if victim := c.victim(conn, address); victim != nil {
				c.drop(victim)
			}
		}
	case http.StateActive:
		c.turn(conn, unverified)
	case http.StateIdle:
		c.turn(conn, unasked)
	case http.StateClosed, http.StateHijacked:
		c.forget(conn)
	}
}

// close drops the connections on which nothing is asked, those that are opened later included. Without it the end of a server
// would wait five seconds for the first request on a connection that a client opened ahead and does not use.
func (c *connections) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for conn, known := range c.open {
		if known.use == unasked {
			c.drop(conn)
		}
	}
}

// drop forgets a connection and closes it.
func (c *connections) drop(conn net.Conn) {
	c.forget(conn)
	_ = hangUp(conn) // whoever used it has lost it, whatever this says
}

func (c *connections) turn(conn net.Conn, to use) {
	if known := c.open[conn]; known != nil {
		known.use, known.since = to, time.Now()
	}
}

// connectionKey is under which a request's context holds its connection.
type connectionKey struct{}

// hold is the server's ConnContext hook.
func (c *connections) hold(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, conn)
}

// knowing is an authenticator that tells the connections whose request is verified.
type knowing struct {
	auth.Authenticator
	open *connections
}

// Authenticate implements [auth.Authenticator].
func (k knowing) Authenticate(r *http.Request, limit int64) (auth.Identity, error) {
	id, err := k.Authenticator.Authenticate(r, limit)
	if conn, ok := r.Context().Value(connectionKey{}).(net.Conn); ok && err == nil {
		k.open.mu.Lock()
		defer k.open.mu.Unlock()
		k.open.turn(conn, verified)
	}
	return id, err
}

// victim chooses whom to close for a newcomer: the newcomer, if nobody else has less right to stay.
func (c *connections) victim(newcomer net.Conn, address string) net.Conn {
	hog := address
	for other, n := range c.from {
		if n > c.from[hog] {
			hog = other
		}
	}
	var least net.Conn
	for conn, known := range c.open {
		if conn == newcomer || known.address != hog {
			continue
		}
		if least == nil || known.before(c.open[least]) {
			least = conn
		}
	}
	// A fair exchange leaves the hog with no fewer than the newcomer's address has.
	entitled := c.from[hog] > c.from[address]
	if least == nil || c.open[least].use == verified && !entitled {
		return newcomer
	}
	return least
}

// before reports whether k is to be closed before other.
func (k *connection) before(other *connection) bool {
	if k.use != other.use {
		return k.use < other.use
	}
	return k.since.Before(other.since)
}

func (c *connections) forget(conn net.Conn) {
	known := c.open[conn]
	if known == nil {
		return
	}
	delete(c.open, conn)
	if c.from[known.address]--; c.from[known.address] == 0 {
		delete(c.from, known.address)
	}
}

// hangUp closes a connection without the farewell of TLS, which waits for a caller who takes nothing.
func hangUp(conn net.Conn) error {
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	return conn.Close()
}
