package app

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
)

// serveBounded serves with few connections until the test ends, and returns where.
func serveBounded(t *testing.T, most int) string {
	t.Helper()
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	server := newServer(handler, newConnections(most), slog.New(slog.DiscardHandler))
	listener, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// from opens a connection from an address of this machine to another.
func from(t *testing.T, source, port string) net.Conn {
	t.Helper()
	d := net.Dialer{Timeout: 10 * time.Second, LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}}
	conn, err := d.DialContext(t.Context(), "tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Skipf("this machine has no address %s: %v", source, err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// ask makes a request on a connection.
func ask(t *testing.T, conn net.Conn) error {
	t.Helper()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	if _, err := fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		return err
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

// TestIdleConnectionsKeepNobodyOut opens more connections than there may be, some of which have sent the beginning
// of a request, and has others ask from the same and another address.
func TestIdleConnectionsKeepNobodyOut(t *testing.T) {
	port := serveBounded(t, 8)
	kept := from(t, "127.0.0.3", port)
	if err := ask(t, kept); err != nil {
		t.Fatal(err)
	}
	var hogs []net.Conn
	for i := range 40 {
		conn := from(t, "127.0.0.1", port)
		if i%2 == 0 {
			if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost:"); err != nil && i < 6 {
				t.Error(err)
			}
		}
		hogs = append(hogs, conn)
	}
	for _, source := range []string{"127.0.0.2", "127.0.0.1"} {
		if err := ask(t, from(t, source, port)); err != nil {
			t.Errorf("a newcomer from %s: %v", source, err)
		}
	}
	if err := ask(t, kept); err != nil {
		t.Errorf("who was there before, from another address: %v", err)
	}
	if err := hogs[1].SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := hogs[1].Read(make([]byte, 1)); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("an idle connection is still open: %v", err)
	}
}

func TestHugeHeadersAreRefused(t *testing.T) {
	port := serveBounded(t, 8)
	conn := from(t, "127.0.0.1", port)
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	go func() {
		_, _ = fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: %s\r\n\r\n", strings.Repeat("x", 2*maxHeaderBytes)) // the server may have gone
	}()
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || answer.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Fatalf("answer %v, %v", answer, err)
	}
	if err := answer.Body.Close(); err != nil {
		t.Error(err)
	}
}

func TestTheServerHasEveryTimeout(t *testing.T) {
	s := newServer(nil, newConnections(1), slog.New(slog.DiscardHandler))
	if s.ReadHeaderTimeout == 0 || s.ReadTimeout == 0 || s.WriteTimeout == 0 || s.IdleTimeout == 0 || s.MaxHeaderBytes == 0 || s.Protocols.HTTP2() || s.Protocols.UnencryptedHTTP2() {
		t.Errorf("%+v", s)
	}
}

// remote is a connection from somewhere that says when it is closed.
type remote struct {
	net.Conn
	address string
	closed  bool
}

func (r *remote) RemoteAddr() net.Addr { return named(r.address) }

func (r *remote) Close() error {
	r.closed = true
	return nil
}

// named is an address by what it is called.
type named string

func (named) Network() string  { return "tcp" }
func (n named) String() string { return string(n) }

// TestANetworkOfIPv6CountsAsOneCaller has somebody use many of the addresses that one machine is given.
func TestANetworkOfIPv6CountsAsOneCaller(t *testing.T) {
	c := newConnections(4)
	var conns []*remote
	for _, address := range []string{"[2001:db8:0:1::1]:9", "[2001:db8:0:2::1]:9", "[2001:db8:0:2::2]:9", "[2001:db8:0:2::3]:9", "[2001:db8:0:3::1]:9"} {
		conn := &remote{address: address}
		conns = append(conns, conn)
		c.note(conn, http.StateNew)
		c.note(conn, http.StateActive)
	}
	for i, conn := range conns {
		if conn.closed != (i == 1) {
			t.Errorf("%s is closed: %t", conn.address, conn.closed)
		}
	}
}

// TestWhoCannotSignKeepsNobodyOut fills all places from one address with requests, some of them verified, and has others come
// from the same address.
func TestWhoCannotSignKeepsNobodyOut(t *testing.T) {
	c := newConnections(4)
	check := knowing{auth.Anonymous{}, c}
	ask := func(verified bool) *remote {
		conn := &remote{address: "127.0.0.1:9"}
		c.note(conn, http.StateNew)
		c.note(conn, http.StateActive)
		r := httptest.NewRequest(http.MethodGet, "/", nil).WithContext(c.hold(t.Context(), conn))
		if r.RemoteAddr = conn.address; !verified {
			r.RemoteAddr = "192.0.2.1:9" // it is refused
		}
		if _, err := check.Authenticate(r, 0); (err == nil) != verified {
			t.Fatal(err)
		}
		return conn
	}
	conns := []*remote{ask(true), ask(false), ask(false), ask(true), ask(true), ask(true), ask(true)}
	for i, conn := range conns {
		// The two that are refused make way for two; the third newcomer finds only such as are served.
		if want := i == 1 || i == 2 || i == 6; conn.closed != want {
			t.Errorf("connection %d is closed: %t, want %t", i, conn.closed, want)
		}
	}
	c.note(conns[0], http.StateIdle)
	if ask(true); !conns[0].closed {
		t.Error("an idle one stayed")
	}
}

// TestAServerThatEndsWaitsForNoFirstRequest ends a server to which a client has connected without asking anything. The context of the
// shutdown has ended and the server has no timeouts, so that nothing but its hook closes the connection.
func TestAServerThatEndsWaitsForNoFirstRequest(t *testing.T) {
	server := newServer(http.NotFoundHandler(), newConnections(8), slog.New(slog.DiscardHandler))
	server.ReadHeaderTimeout, server.ReadTimeout = 0, 0
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	port := strconv.Itoa(listener.Addr().(*net.TCPAddr).Port) //nolint:forcetypeassert // it listens on TCP
	asking, unasked := from(t, "127.0.0.1", port), from(t, "127.0.0.1", port)
	if err := ask(t, asking); err != nil { // the other connection was made before this request
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := server.Shutdown(ended); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
	if err := unasked.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := unasked.Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the connection on which nothing was asked is still open")
	}
}

// TestWhoAsksIsNotHungUp closes connections of which one has a request.
func TestWhoAsksIsNotHungUp(t *testing.T) {
	c := newConnections(8)
	unasked, asking, late := &remote{address: "127.0.0.1:1"}, &remote{address: "127.0.0.1:2"}, &remote{address: "127.0.0.1:3"}
	c.note(unasked, http.StateNew)
	c.note(asking, http.StateNew)
	c.note(asking, http.StateActive)
	c.close()
	c.note(late, http.StateNew)
	if !unasked.closed || asking.closed || !late.closed {
		t.Errorf("closed: one without a request %t, one with a request %t, one that came later %t", unasked.closed, asking.closed, late.closed)
	}
}

// TestClosingAConnectionWaitsForNobody closes one over TLS whose other end takes nothing.
func TestClosingAConnectionWaitsForNobody(t *testing.T) {
	ours, theirs := net.Pipe() // what is written waits for a reader
	t.Cleanup(func() { _ = theirs.Close() })
	certified := httptest.NewTLSServer(nil)
	certified.Close()
	secure := tls.Server(ours, &tls.Config{Certificates: certified.TLS.Certificates, SessionTicketsDisabled: true})
	shaken := make(chan error, 1)
	go func() {
		shaken <- tls.Client(theirs, &tls.Config{InsecureSkipVerify: true}).HandshakeContext(t.Context())
	}()
	if err := errors.Join(secure.HandshakeContext(t.Context()), <-shaken); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if err := hangUp(secure); err != nil {
		t.Error(err)
	}
	if took := time.Since(begun); took > long.Stretched(time.Second) {
		t.Errorf("it took %s", took)
	}
}
