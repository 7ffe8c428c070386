package admission

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
)

// Paced gives every request a body that has to arrive at a minimum pace and find room. A request takes a place among those
// that are served only after its body has arrived, so that a slow sender does not hold up others.
func (a *Admission) Paced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.Body != http.NoBody {
			body := &pacedBody{ReadCloser: r.Body, control: http.NewResponseController(w), room: a.bodies}
			if r.ContentLength < 0 || r.ContentLength > bodyPiece { // else it takes no room
				body.sender = senderOf(r)
			}
			defer body.release()
			r.Body = body
		}
		next.ServeHTTP(w, r)
	})
}

// senderOf names the sender of the body of r by network and claimed access key. The signature is checked only after the body
// has arrived. Because of the network, somebody who knows the id of a key but not its secret takes no room from the key's
// owner on another network.
func senderOf(r *http.Request) string {
	key := auth.ClaimedKey(r)
	if key == "" { // only where nobody has to sign
		return ""
	}
	return auth.Network(r.RemoteAddr) + " " + key
}

// pacedBody is a body of which a piece, or all that is left, must come within every bodyPatience, and which takes
// room for what has come.
type pacedBody struct {
	io.ReadCloser
	control *http.ResponseController
	room    *room
	sender  string
	came    int64
	piece   int64 // how much must come in time
	due     int64 // how much must have come before there is more time
	held    int64 // of the room
	whole   bool  // all of it is here
}

// Read implements [io.Reader]. Its errors but io.EOF may be shown to the caller.
func (b *pacedBody) Read(p []byte) (int, error) {
	if b.came >= b.due {
		b.piece = bodyPiece
		if b.came >= wire.MaxBody {
			b.piece = largePiece
		}
		b.due = b.came + b.piece
		// What has no deadlines, a recorder in a test, has no slow callers.
		_ = b.control.SetReadDeadline(time.Now().Add(bodyPatience))
	}
	n, err := b.ReadCloser.Read(p)
	b.came += int64(n)
	b.whole = errors.Is(err, io.EOF)
	if !b.fits() {
		return n, &wire.Error{Code: wire.CodeTooManyRequests, StatusCode: http.StatusTooManyRequests, Message: "Too Many Requests: too much is being sent at once"}
	}
	switch {
	case err == nil || b.whole:
		return n, err
	case errors.Is(err, os.ErrDeadlineExceeded):
		return n, &wire.Error{
			Code: auth.CodeTooSlow, StatusCode: http.StatusRequestTimeout,
			Message: fmt.Sprintf("The request body comes too slowly; at least %d bytes in %s are expected", b.piece, bodyPatience),
		}
	default:
		return n, &wire.Error{Code: wire.CodeClient, StatusCode: http.StatusBadRequest, Message: "The request body ended before it was complete"}
	}
}

// fits takes room for what has come beyond the piece that every request may have.
func (b *pacedBody) fits() bool {
	for b.came > b.held+bodyPiece {
		if !b.room.take(b.sender, bodyPiece) {
			return false
		}
		b.held += bodyPiece
	}
	return true
}

func (b *pacedBody) release() { b.room.give(b.sender, b.held) }

// LeaveUnread closes the connection after the answer if the body of r, which [Admission.Paced] has given it, is not here
// whole: to keep the connection, the server would wait for the rest first. What does come soon is still read, so that the
// caller gets to the answer.
func LeaveUnread(w http.ResponseWriter, r *http.Request) {
	if body, ok := r.Body.(*pacedBody); ok && !body.whole {
		w.Header().Set("Connection", "close")
		_ = body.control.SetReadDeadline(time.Now().Add(refusalPatience)) // as in Read
	}
}
