package app

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// connections bounds how many connections are open. When there are too many, it closes one of the address that
// has the most: the one that has been idle for longest, or, for a caller from elsewhere, the oldest. So whoever
// opens many keeps nobody out but himself.
type connections struct {
	most int

	mu   sync.Mutex
	open map[net.Conn]*connection
	from map[string]int // how many are open from an address
}

type connection struct {
	address string
	idle    bool      // nothing is asked on it
	since   time.Time // of idle, or of what it does
}

func newConnections(most int) *connections {
	return &connections{most: most, open: map[net.Conn]*connection{}, from: map[string]int{}}
}

// note is the server's ConnState hook.
func (c *connections) note(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	known := c.open[conn]
	switch state {
	case http.StateNew:
		address := addressOf(conn)
		c.open[conn] = &connection{address: address, idle: true, since: time.Now()}
		c.from[address]++
		if len(c.open) > c.most {
			if victim := c.victim(conn, address); victim != nil {
				c.forget(victim)
				_ = drop(victim) // whoever used it has lost it, whatever this says
			}
		}
	case http.StateActive, http.StateIdle:
		if known != nil {
			known.idle, known.since = state == http.StateIdle, time.Now()
		}
	case http.StateClosed, http.StateHijacked:
		c.forget(conn)
	}
}

// victim chooses whom to close for a newcomer: the newcomer, if nobody else has less right to stay.
func (c *connections) victim(newcomer net.Conn, address string) net.Conn {
	hog := address
	for other, n := range c.from {
		if n > c.from[hog] {
			hog = other
		}
	}
	// A fair exchange leaves the hog with no fewer than the newcomer's address has.
	entitled := c.from[hog] > c.from[address]
	var idle, oldest net.Conn
	for conn, known := range c.open {
		if conn == newcomer || known.address != hog {
			continue
		}
		if known.idle && (idle == nil || known.since.Before(c.open[idle].since)) {
			idle = conn
		}
		if oldest == nil || known.since.Before(c.open[oldest].since) {
			oldest = conn
		}
	}
	switch {
	case idle != nil:
		return idle
	case entitled && oldest != nil:
		return oldest
	default:
		return newcomer
	}
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

// drop closes a connection without the farewell of TLS, which waits for a caller who takes nothing.
func drop(conn net.Conn) error {
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	return conn.Close()
}

// networkBits is how much of an IPv6 address tells callers apart: one machine has the rest to itself.
const networkBits = 64

// addressOf is the address of a caller without the port; the network of an IPv6 address.
func addressOf(conn net.Conn) string {
	text := conn.RemoteAddr().String()
	remote, err := netip.ParseAddrPort(text)
	if err != nil {
		return text
	}
	address := remote.Addr().Unmap().WithZone("")
	if network, err := address.Prefix(networkBits); err == nil && address.Is6() {
		return network.String()
	}
	return address.String()
}
