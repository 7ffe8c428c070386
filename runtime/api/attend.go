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
		seen := &recorder{ResponseWriter: w, control: http.NewResponseController(w)}
		defer func() {
			aborted := false
			if cause := recover(); cause != nil {
				aborted = s.panicked(seen, r, cause)
			}
			s.observe(r, seen.status, time.Since(begun))
			if s.Logger.Enabled(r.Context(), slog.LevelDebug) {
				s.Logger.LogAttrs(r.Context(), slog.LevelDebug, "served", slog.String("request", id), slog.String("operation", shortened(key(r))),
					slog.Int("status", seen.status), slog.Duration("took", time.Since(begun)), slog.Bool("aborted", aborted))
			}
			if aborted { // the connection is closed: the caller must not take half an answer for a whole one
				panic(http.ErrAbortHandler)
			}
		}()
		next.ServeHTTP(seen, r)
	})
}

// panicked answers a request that panicked. It reports whether that cannot be done: the request is to be aborted.
func (s *server) panicked(w *recorder, r *http.Request, cause any) (aborted bool) {
	if cause == any(http.ErrAbortHandler) {
		return true
	}
	s.Logger.Error("a request panicked", "request", w.Header().Get(wire.HeaderRequestID), "operation", shortened(key(r)),
		"cause", cause, "stack", string(debug.Stack()))
	if w.status != 0 {
		return true
	}
	s.refuse(w, r, inside(w))
	return false
}

// recorder remembers the status of an answer, and gives up callers who do not take it.
type recorder struct {
	http.ResponseWriter
	control *http.ResponseController
	status  int // 0 until the answer begins
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
	// What has no deadlines, a recorder in a test, has no slow callers.
	_ = r.control.SetWriteDeadline(time.Now().Add(answerPatience + time.Duration(len(p)/bodyPiece)*bodyPatience))
	return r.ResponseWriter.Write(p)
}

// Unwrap lets [http.ResponseController] find what it controls.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
