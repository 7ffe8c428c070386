package api

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
)

// paced gives every request a body that must come at a pace and find room. A request takes a place among those
// that are served only when its body is here, so that who sends slowly holds up nobody.
func (s *server) paced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.Body != http.NoBody {
			body := &pacedBody{ReadCloser: r.Body, control: http.NewResponseController(w), room: s.room}
			if r.ContentLength < 0 || r.ContentLength > bodyPiece { // else it takes no room
				body.sender = senderOf(r)
			}
			defer body.release()
			r.Body = body
		}
		next.ServeHTTP(w, r)
	})
}

// senderOf says who seems to send the body of r. Whether the key is the caller's is known only when the body is
// here; with the address beside it, who merely knows the id of a key takes nothing from its owner elsewhere.
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

// room is what requests share: so much in all, and so much of it for each of those that take it, so that none keeps
// the others out. Who has no name is alone, and may have it all.
type room struct {
	most, each int64
	mu         sync.Mutex
	taken      int64
	of         map[string]int64 // by who has taken it
}

func newRoom(most, each int64) *room { return &room{most: most, each: each, of: map[string]int64{}} }

func (r *room) take(who string, n int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.taken+n > r.most || who != "" && r.of[who]+n > r.each {
		return false
	}
	r.taken += n
	r.of[who] += n
	return true
}

func (r *room) give(who string, n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.taken -= n
	if r.of[who] -= n; r.of[who] <= 0 {
		delete(r.of, who)
	}
}

// bounded refuses requests beyond those that may be served at once, and serves few that are large.
func (s *server) bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, _ := auth.IdentityOf(r.Context())
		among, lasts := s.places, s.routes[key(r)].lasts
		if lasts { // it holds a place for long, and costs nothing
			among = s.lasting
			// The request is here. A deadline that is still set would end it: the server reads on to see whether the caller stays.
			_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
		}
		if !among.take(id.AccessKeyID, 1) {
			s.refuse(w, r, &wire.Error{Code: wire.CodeTooManyRequests, StatusCode: http.StatusTooManyRequests, Message: "Too Many Requests"})
			return
		}
		defer among.give(id.AccessKeyID, 1)
		if lasts {
			ctx, leave := s.stays.begin(r.Context(), id.AccessKeyID)
			defer leave()
			if err := s.stillValid(ctx, id.AccessKeyID); err != nil {
				s.refuse(w, r, err)
				return
			}
			r = r.WithContext(ctx)
		}
		if text, ok := auth.BodyOf(r); ok && len(text) > largeRequest {
			select {
			case s.large <- struct{}{}:
				defer func() { <-s.large }()
			case <-r.Context().Done():
				s.refuse(w, r, r.Context().Err())
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}
