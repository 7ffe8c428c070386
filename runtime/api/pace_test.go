package api_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// TestASlowClientCostsTheOthersNothing opens more connections than requests are served at once, each of which has
// announced a large body and sent a byte of it, and goes on calling.
func TestASlowClientCostsTheOthersNothing(t *testing.T) {
	g := newGuarded(t)
	g.furnish("work")
	const slow = 1500 // more than are served at once
	for range slow {
		announce(t, g.url, 60<<20)
	}
	begun := time.Now()
	if _, err := g.admin.Status(t.Context()); err != nil {
		t.Errorf("a small call: %v", err)
	}
	large := submission("work")
	points := make([]map[string]string, 9000)
	for i := range points {
		points[i] = map[string]string{"n": strconv.Itoa(i), "long": strings.Repeat("x", 600)}
	}
	large.Batchd = &wire.SubmitJobExtension{Points: points} // more than 4 MiB
	if _, err := g.admin.SubmitJob(t.Context(), large); err != nil {
		t.Errorf("a large call: %v", err)
	}
	t.Logf("both took %s", time.Since(begun))
}

// announce sends the head of a signed submission of so many bytes, and one byte of it.
func announce(t *testing.T, url string, size int) net.Conn {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, url+wire.PathSubmitJob, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.ContentLength = int64(size)
	key, err := keys.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(nil)
	if err := v4.NewSigner().SignHTTP(t.Context(), key, r, hex.EncodeToString(sum[:]), "batch", region, time.Now()); err != nil {
		t.Fatal(err)
	}
	conn := dial(t, r.URL.Host)
	head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nX-Amz-Date: %s\r\nAuthorization: %s\r\n\r\n{",
		wire.PathSubmitJob, r.URL.Host, size, r.Header.Get("X-Amz-Date"), r.Header.Get("Authorization"))
	if _, err := io.WriteString(conn, head); err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestARefusedBodyIsNotWaitedFor announces a body under a key that does not exist and never sends it: the answer comes, and
// the connection ends.
func TestARefusedBodyIsNotWaitedFor(t *testing.T) {
	g := newGuarded(t)
	conn := dial(t, strings.TrimPrefix(g.url, "http://"))
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{", wire.PathSubmitJob); err != nil {
		t.Fatal(err)
	}
	from := bufio.NewReader(conn)
	answer, err := http.ReadResponse(from, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, answer.Body); err != nil || answer.StatusCode != 403 || !answer.Close {
		t.Errorf("%s, closing: %t, %v", answer.Status, answer.Close, err)
	}
	if _, err := from.ReadByte(); !errors.Is(err, io.EOF) {
		t.Errorf("the connection is still there: %v", err)
	}
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	var d net.Dialer
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// TestABodyThatEndsEarly checks that it is the caller's fault and not the service's.
func TestABodyThatEndsEarly(t *testing.T) {
	g := newGuarded(t)
	conn := announce(t, g.url, 100)
	half, ok := conn.(*net.TCPConn)
	if !ok {
		t.Fatalf("a %T", conn)
	}
	if err := half.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	// The caller who stops sending may be taken for one who has gone.
	if answer.StatusCode != 400 && answer.StatusCode != 503 {
		t.Errorf("%s", answer.Status)
	}
	if lines := g.log.find("level=ERROR"); len(lines) > 0 {
		t.Errorf("it is in the log as a failure: %q", lines)
	}
}

// TestABodyIsCheckedAgainstItsHash sends a body that is not the one that was signed.
func TestABodyIsCheckedAgainstItsHash(t *testing.T) {
	g := newGuarded(t)
	conn := announce(t, g.url, 2)
	if _, err := io.WriteString(conn, "}"); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != 403 || answer.Header.Get(wire.HeaderErrorType) != "InvalidSignatureException" {
		t.Errorf("%s %s", answer.Status, answer.Header.Get(wire.HeaderErrorType))
	}
}

// TestWebPagesAreKeptOut calls as a page would whose name was bound to this address, and as one of another origin.
func TestWebPagesAreKeptOut(t *testing.T) {
	w := open(t, nil)
	for what, change := range map[string]func(*http.Request){
		"a name that was bound": func(r *http.Request) { r.Host = "evil.example" },
		"another origin":        func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
		"another site":          func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
	} {
		r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1"+wire.PathDescribeJobs, strings.NewReader(`{"jobs": ["a"]}`))
		r.RemoteAddr = "127.0.0.1:5"
		r.Header.Set("Content-Type", "application/json")
		change(r)
		answer := httptest.NewRecorder()
		w.handler.ServeHTTP(answer, r)
		if answer.Code != 403 || answer.Header().Get(wire.HeaderErrorType) != wire.CodeAccessDenied {
			t.Errorf("%s: %d %s", what, answer.Code, answer.Body)
		}
	}
}
