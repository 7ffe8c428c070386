package admission

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
)

// deadlines is a response writer that remembers how often it was given one.
type deadlines struct {
	http.ResponseWriter
	given int
}

func (d *deadlines) SetReadDeadline(time.Time) error {
	d.given++
	return nil
}

// late is a body whose deadline passes after some bytes.
type late struct{ io.Reader }

func (l late) Read(p []byte) (int, error) {
	n, err := l.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = os.ErrDeadlineExceeded
	}
	return n, err
}

func TestPacedBody(t *testing.T) {
	free := newRoom(3*bodyPiece, 3*bodyPiece)
	body := func(r io.Reader) (*pacedBody, *deadlines) {
		d := &deadlines{}
		return &pacedBody{ReadCloser: io.NopCloser(r), control: http.NewResponseController(d), room: free}, d
	}
	first, given := body(bytes.NewReader(make([]byte, 3*bodyPiece)))
	if text, err := io.ReadAll(first); err != nil || len(text) != 3*bodyPiece || given.given < 3 || given.given > 4 {
		t.Errorf("read %d bytes with %d deadlines, %v", len(text), given.given, err)
	}
	if first.held != 2*bodyPiece {
		t.Errorf("a body of three pieces takes %d bytes of room", first.held)
	}
	second, _ := body(bytes.NewReader(make([]byte, 3*bodyPiece)))
	var refusal *wire.Error
	if _, err := io.ReadAll(second); !errors.As(err, &refusal) || refusal.StatusCode != http.StatusTooManyRequests {
		t.Errorf("without room: %v", err)
	}
	small, _ := body(bytes.NewReader(make([]byte, bodyPiece)))
	if _, err := io.ReadAll(small); err != nil {
		t.Errorf("a small body without room: %v", err)
	}
	for _, b := range []*pacedBody{first, second, small} {
		b.release()
	}
	if free.taken != 0 || len(free.of) != 0 {
		t.Errorf("%d bytes of room are taken in the end", free.taken)
	}
	slow, _ := body(late{strings.NewReader("{")})
	if _, err := io.ReadAll(slow); !errors.As(err, &refusal) || refusal.Code != auth.CodeTooSlow || refusal.StatusCode != http.StatusRequestTimeout {
		t.Errorf("too slow: %v", err)
	}
}

// TestOneSenderLeavesRoomForOthers fills what there is for a key id from one address, as somebody can who does not have
// the secret, and has others send, its owner among them.
func TestOneSenderLeavesRoomForOthers(t *testing.T) {
	a := New(Options{})
	send := func(remote, key string, size int64) error {
		r := httptest.NewRequest(http.MethodPost, wire.PathSubmitJob, io.LimitReader(zeros{}, size))
		r.RemoteAddr, r.ContentLength = remote, size
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key+"/20260101/us-east-1/batch/aws4_request, SignedHeaders=host, Signature="+strings.Repeat("0", 64))
		var err error
		a.Paced(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, err = io.Copy(io.Discard, r.Body) })).ServeHTTP(httptest.NewRecorder(), r)
		return err
	}
	if !a.bodies.take(auth.Network("192.0.2.1:1")+" BATCHDKEY", senderRoom) {
		t.Fatal("there is no room to begin with")
	}
	if err := send("192.0.2.1:2", "BATCHDKEY", 1<<20); err == nil {
		t.Error("one sender got more than his share")
	}
	if err := send("192.0.2.1:2", "BATCHDKEY", bodyPiece); err != nil {
		t.Errorf("a small body of the same: %v", err)
	}
	for _, other := range [][2]string{{"192.0.2.2:1", "BATCHDKEY"}, {"192.0.2.1:3", "BATCHDOTHER"}} {
		if err := send(other[0], other[1], wire.MaxSubmitBody); err != nil {
			t.Errorf("%s with %s: %v", other[0], other[1], err)
		}
	}
	if a.bodies.taken != senderRoom {
		t.Errorf("%d bytes are taken in the end", a.bodies.taken)
	}
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// TestLargeBodiesComeFaster counts how often a body is given more time: that many times bodyPatience is the longest it lasts.
func TestLargeBodiesComeFaster(t *testing.T) {
	d := &deadlines{}
	body := &pacedBody{ReadCloser: io.NopCloser(io.LimitReader(zeros{}, wire.MaxSubmitBody)), control: http.NewResponseController(d), room: newRoom(bodyRoom, senderRoom)}
	if _, err := io.Copy(io.Discard, body); err != nil {
		t.Fatal(err)
	}
	if longest := time.Duration(d.given) * bodyPatience; longest > 15*time.Minute {
		t.Errorf("the largest body may take %s", longest)
	}
}
