//go:build linux || darwin

package holder

import (
	"net"
	"testing"
)

// The driver closes a client whose connection broke, and may close it again when it is closed itself.
func TestClientIsClosedTwice(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }() // it has served its purpose
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c := &Client{conn: conn}
	for range 2 {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}
