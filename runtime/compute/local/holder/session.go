//go:build linux || darwin

package holder

import (
	"errors"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/fifo"
)

// server accepts clients and puts what they say into the mail.
type server struct {
	dir  *directory
	mail *fifo.Queue[message]
	log  *slog.Logger
	run  sync.WaitGroup

	mu       sync.Mutex
	listener net.Listener
	sessions map[*session]struct{}
	closed   bool
}

func serve(l net.Listener, dir *directory, mail *fifo.Queue[message], log *slog.Logger) *server {
	s := &server{listener: l, dir: dir, mail: mail, log: log, sessions: map[*session]struct{}{}}
	s.run.Go(func() { s.accept(l) })
	return s
}

// close ends all sessions and waits for their goroutines. What they were told is sent first.
func (s *server) close() error {
	s.mu.Lock()
	err := s.listener.Close()
	s.closed = true
	for c := range s.sessions {
		c.close()
	}
	s.mu.Unlock()
	s.run.Wait()
	return err
}

// listenAgain listens at a new socket, in place of the one before.
func (s *server) listenAgain() error {
	l, err := listen(s.dir.path)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.listener
	s.listener = l
	s.run.Go(func() { s.accept(l) })
	return before.Close()
}

func (s *server) accept(from net.Listener) {
	for failed := false; ; {
		conn, err := from.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			if !failed {
				s.log.Error("a client could not be accepted; it is tried again", "error", err)
			}
			failed = true
			time.Sleep(acceptPause) // without a free descriptor the next call fails at once, too
			continue
		}
		failed = false
		c := &session{conn: conn, codec: newCodec(conn), out: fifo.New[*Response](), done: make(chan struct{})}
		s.mu.Lock()
		if s.closed {
			c.close()
		}
		s.sessions[c] = struct{}{}
		s.mu.Unlock()
		s.run.Go(func() { s.talk(c) })
	}
}

// talk reads requests until the client goes.
func (s *server) talk(c *session) {
	defer func() {
		c.close()
		s.mail.Put(message{bye: c})
		s.mu.Lock()
		delete(s.sessions, c)
		s.mu.Unlock()
	}()
	if err := c.greet(s.dir); err != nil {
		s.log.Warn("a client was refused", "error", err)
		return
	}
	s.run.Go(c.write)
	s.mail.Put(message{hello: c})
	for {
		r := &Request{}
		if err := c.codec.receive(r); err != nil {
			return
		}
		s.mail.Put(message{request: r, from: c})
	}
}

// session is the connection of one client.
type session struct {
	conn  net.Conn
	codec *codec
	out   *fifo.Queue[*Response]
	done  chan struct{}
	once  sync.Once
	// around is what the client's jobs get from it; nil if it does not say.
	around *Surroundings
}

func (c *session) greet(dir *directory) error {
	if err := c.conn.SetDeadline(time.Now().Add(dialTimeout)); err != nil {
		return err
	}
	var hello Hello
	if err := c.codec.receive(&hello); err != nil {
		return err
	}
	c.around = hello.Surroundings
	ours := Hello{Protocol: Protocol, Oldest: oldestProtocol, PID: os.Getpid(), Directory: dir.path, Identity: dir.id, Room: NewRoom()}
	if err := c.codec.send(ours); err != nil {
		return err
	}
	if err := hello.check("client"); err != nil {
		return err
	}
	return c.conn.SetDeadline(time.Time{})
}

// write sends responses until the session is closed.
func (c *session) write() {
	defer func() { _ = c.conn.Close() }() // it is of no use any more
	for open := true; open; {
		select {
		case <-c.out.Bell():
		case <-c.done:
			open = false
			_ = c.conn.SetWriteDeadline(time.Now().Add(dialTimeout)) // a client that does not read is left
		}
		for _, r := range c.out.Take() {
			if c.codec.send(r) != nil {
				return
			}
		}
	}
}

// close ends the session once what is in out was sent.
func (c *session) close() {
	c.once.Do(func() {
		close(c.done)
		_ = c.conn.SetReadDeadline(time.Unix(1, 0)) // wakes talk
	})
}
