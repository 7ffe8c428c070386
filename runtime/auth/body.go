package auth

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// heldBody is a body that was read whole.
type heldBody struct {
	*bytes.Reader
	text []byte
}

// Close implements [io.Closer].
func (heldBody) Close() error { return nil }

// BodyOf returns the body of a request that an [Authenticator] has accepted. It is not to be
// changed.
func BodyOf(r *http.Request) (text []byte, ok bool) {
	held, ok := r.Body.(heldBody)
	return held.text, ok
}

// readBody reads the body of r, at most limit bytes, and gives r an equal one.
func readBody(r *http.Request, limit int64) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	tooLarge := &Error{
		Code: CodeTooLarge, StatusCode: http.StatusRequestEntityTooLarge,
		Message: fmt.Sprintf("Request body is larger than %d bytes", limit),
	}
	if r.ContentLength > limit {
		return nil, tooLarge
	}
	var text bytes.Buffer
	if r.ContentLength > 0 {
		text.Grow(int(min(r.ContentLength, firstRead)) + bytes.MinRead)
	}
	n, err := text.ReadFrom(io.LimitReader(r.Body, limit+1))
	if err == nil && n > limit {
		return nil, tooLarge // closing it, which is left to the server, waits for the rest
	}
	if err = errors.Join(err, r.Body.Close()); err != nil {
		return nil, fmt.Errorf("read request body: %w", err)
	}
	r.Body = heldBody{bytes.NewReader(text.Bytes()), text.Bytes()}
	return text.Bytes(), nil
}
