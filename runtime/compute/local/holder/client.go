//go:build linux || darwin

package holder

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// ErrNone is wrapped by Dial's error when no holder runs.
var ErrNone = errors.New("no holder runs")

// Client is a connection to a holder. Send is for one goroutine at a time, and so is Receive.
type Client struct {
	conn  net.Conn
	codec *codec
	hello Hello
}

// Dial connects to the holder of stateDir, taking the place of any client before. The jobs that the client orders get
// the surroundings.
func Dial(stateDir string, around Surroundings) (*Client, error) {
	conn, err := dial(stateDir)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return nil, fmt.Errorf("connecting to the holder of %s: %w", stateDir, ErrNone)
	}
	if err != nil {
		return nil, fmt.Errorf("connecting to the holder of %s: %w", stateDir, err)
	}
	c := &Client{conn: conn, codec: newCodec(conn)}
	if err := c.greet(&around); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return c, conn.SetDeadline(time.Time{})
}

func (c *Client) greet(around *Surroundings) error {
	if err := c.codec.send(Hello{Protocol: Protocol, Oldest: oldestProtocol, PID: os.Getpid(), Surroundings: around}); err != nil {
		return fmt.Errorf("greeting the holder: %w", err)
	}
	if err := c.codec.receive(&c.hello); err != nil {
		return fmt.Errorf("waiting for the holder's greeting: %w", err)
	}
	return c.hello.check("running holder")
}

// PID is the holder's process id.
func (c *Client) PID() int { return c.hello.PID }

// Inherits reports whether the holder is of a version that gives jobs its own surroundings, whoever orders them.
func (c *Client) Inherits() bool { return c.hello.Protocol < 2 }

// Room is what the holder says of its limits; zero from one that does not.
func (c *Client) Room() Room { return c.hello.Room }

// Send hands r to the holder.
func (c *Client) Send(r *Request) error {
	if err := c.codec.send(r); err != nil {
		return fmt.Errorf("talking to the holder (pid %d): %w", c.hello.PID, err)
	}
	return nil
}

// Receive waits for the next response.
func (c *Client) Receive() (*Response, error) {
	var r Response
	if err := c.codec.receive(&r); err != nil {
		return nil, fmt.Errorf("listening to the holder (pid %d): %w", c.hello.PID, err)
	}
	return &r, nil
}

// Close ends the connection. The holder goes on. Closing twice does no harm.
func (c *Client) Close() error {
	if err := c.conn.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// Left reports whether a holder of stateDir left something to be looked after by another one. A holder that ends removes
// its socket, and its journal unless attempts are in it: one of the two is there, whatever it holds, when attempts were left
// or the holder was killed. What it ran may go on then, with or without a journal.
func Left(stateDir string) bool {
	for _, name := range []string{journalName, socketName} {
		if _, err := os.Lstat(filepath.Join(stateDir, name)); err == nil {
			return true
		}
	}
	return false
}
