package api

import (
	"bytes"
	"errors"
	"io"
	"net/http"
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
	free := newRoom(3 * bodyPiece)
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
	if left := free.free.Load(); left != 3*bodyPiece {
		t.Errorf("%d bytes of room are left in the end", left)
	}
	slow, _ := body(late{strings.NewReader("{")})
	if _, err := io.ReadAll(slow); !errors.As(err, &refusal) || refusal.Code != auth.CodeTooSlow || refusal.StatusCode != http.StatusRequestTimeout {
		t.Errorf("too slow: %v", err)
	}
}
