package app

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
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
	if s.ReadHeaderTimeout == 0 || s.ReadTimeout == 0 || s.IdleTimeout == 0 || s.MaxHeaderBytes == 0 || s.Protocols.HTTP2() || s.Protocols.UnencryptedHTTP2() {
		t.Errorf("%+v", s)
	}
}
