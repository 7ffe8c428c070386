package api

import (
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/google/uuid"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// attend gives every request an id, which its answer and its lines in the log carry, and makes a
// failed one of what panics.
func (s *server) attend(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		id := uuid.NewString()
		w.Header().Set(wire.HeaderRequestID, id)
		seen := &recorder{ResponseWriter: w}
		defer func() {
			if cause := recover(); cause != nil {
				s.panicked(seen, r, cause)
			}
			s.Logger.LogAttrs(r.Context(), slog.LevelDebug, "served", slog.String("request", id), slog.String("operation", shortened(key(r))),
				slog.Int("status", seen.status), slog.Duration("took", time.Since(begun)))
		}()
		next.ServeHTTP(seen, r)
	})
}

// panicked answers a request that panicked, unless its answer has begun.
func (s *server) panicked(w *recorder, r *http.Request, cause any) {
	if cause == any(http.ErrAbortHandler) {
		panic(cause)
	}
	s.Logger.Error("a request panicked", "request", w.Header().Get(wire.HeaderRequestID), "operation", shortened(key(r)),
		"cause", cause, "stack", string(debug.Stack()))
	if w.status != 0 {
		panic(http.ErrAbortHandler) // the connection is closed: the caller must not take half an answer for a whole one
	}
	s.refuse(w, r, inside(w))
}

// bounded refuses requests beyond those that may be served at once, and lets few that are large in.
func (s *server) bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == wire.PathLease { // it lasts, and costs nothing
			next.ServeHTTP(w, r)
			return
		}
		select {
		case s.places <- struct{}{}:
			defer func() { <-s.places }()
		default:
			s.refuse(w, r, &wire.Error{Code: wire.CodeTooManyRequests, StatusCode: http.StatusTooManyRequests, Message: "Too Many Requests"})
			return
		}
		if r.ContentLength < 0 || r.ContentLength > largeRequest {
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

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int // 0 until the answer begins
}

// WriteHeader implements [http.ResponseWriter].
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(p)
}

// Unwrap lets [http.ResponseController] find what it controls.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
