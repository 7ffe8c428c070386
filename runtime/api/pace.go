package api

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
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
			defer body.release()
			r.Body = body
		}
		next.ServeHTTP(w, r)
	})
}

// pacedBody is a body of which bodyPiece bytes, or all that is left, must come within every bodyPatience, and
// which takes room for what has come.
type pacedBody struct {
	io.ReadCloser
	control *http.ResponseController
	room    *room
	came    int64
	due     int64 // how much must have come before there is more time
	held    int64 // of the room
}

// Read implements [io.Reader]. Its errors but io.EOF may be shown to the caller.
func (b *pacedBody) Read(p []byte) (int, error) {
	if b.came >= b.due {
		b.due = b.came + bodyPiece
		// What has no deadlines, a recorder in a test, has no slow callers.
		_ = b.control.SetReadDeadline(time.Now().Add(bodyPatience))
	}
	n, err := b.ReadCloser.Read(p)
	b.came += int64(n)
	if !b.fits() {
		return n, &wire.Error{Code: wire.CodeTooManyRequests, StatusCode: http.StatusTooManyRequests, Message: "Too Many Requests: too much is being sent at once"}
	}
	switch {
	case err == nil || errors.Is(err, io.EOF):
		return n, err
	case errors.Is(err, os.ErrDeadlineExceeded):
		return n, &wire.Error{
			Code: auth.CodeTooSlow, StatusCode: http.StatusRequestTimeout,
			Message: fmt.Sprintf("The request body comes too slowly; at least %d bytes in %s are expected", bodyPiece, bodyPatience),
		}
	default:
		return n, &wire.Error{Code: wire.CodeClient, StatusCode: http.StatusBadRequest, Message: "The request body ended before it was complete"}
	}
}

// fits takes room for what has come beyond the piece that every request may have.
func (b *pacedBody) fits() bool {
	for b.came > b.held+bodyPiece {
		if !b.room.take(bodyPiece) {
			return false
		}
		b.held += bodyPiece
	}
	return true
}

func (b *pacedBody) release() { b.room.give(b.held) }

// room is how many bytes bodies may still take.
type room struct{ free atomic.Int64 }

func newRoom(bytes int64) *room {
	r := &room{}
	r.free.Store(bytes)
	return r
}

func (r *room) take(bytes int64) bool {
	if r.free.Add(-bytes) >= 0 {
		return true
	}
	r.free.Add(bytes)
	return false
}

func (r *room) give(bytes int64) { r.free.Add(bytes) }

// places are what requests take while they are served: so many in all, and for one key no more than half, so
// that no key keeps the others out. Who calls without a key is alone, and may have them all.
type places struct {
	most  int
	mu    sync.Mutex
	taken int
	of    map[string]int // by access key id
}

func newPlaces(most int) *places { return &places{most: most, of: map[string]int{}} }

func (p *places) take(accessKeyID string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken >= p.most || accessKeyID != "" && p.of[accessKeyID] >= p.most/2 {
		return false
	}
	p.taken++
	p.of[accessKeyID]++
	return true
}

func (p *places) leave(accessKeyID string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken--
	if p.of[accessKeyID]--; p.of[accessKeyID] == 0 {
		delete(p.of, accessKeyID)
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
		if !among.take(id.AccessKeyID) {
			s.refuse(w, r, &wire.Error{Code: wire.CodeTooManyRequests, StatusCode: http.StatusTooManyRequests, Message: "Too Many Requests"})
			return
		}
		defer among.leave(id.AccessKeyID)
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
