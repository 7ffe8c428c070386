package api

import (
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/google/uuid"

	"github.com/batchd/terraform-provider-batch/runtime/api/admission"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// attend gives every request an id, which its answer and its lines in the log carry, and makes a
// failed one of what panics.
func (s *server) attend(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		id := uuid.NewString()
		w.Header().Set(wire.HeaderRequestID, id)
		seen := admission.NewAnswer(w)
		defer func() {
			aborted := false
			if cause := recover(); cause != nil {
				aborted = s.panicked(seen, r, cause)
			}
			s.observe(r, seen.Status, time.Since(begun))
			if s.Logger.Enabled(r.Context(), slog.LevelDebug) {
				s.Logger.LogAttrs(r.Context(), slog.LevelDebug, "served", slog.String("request", id), slog.String("operation", wire.Brief(key(r))),
					slog.Int("status", seen.Status), slog.Duration("took", time.Since(begun)), slog.Bool("aborted", aborted))
			}
			if aborted { // the connection is closed: the caller must not take half an answer for a whole one
				panic(http.ErrAbortHandler)
			}
		}()
		next.ServeHTTP(seen, r)
	})
}

// panicked answers a request that panicked. It reports whether that cannot be done: the request is to be aborted.
func (s *server) panicked(w *admission.Answer, r *http.Request, cause any) (aborted bool) {
	if cause == any(http.ErrAbortHandler) {
		return true
	}
	s.Logger.Error("a request panicked", "request", w.Header().Get(wire.HeaderRequestID), "operation", wire.Brief(key(r)),
		"cause", cause, "stack", string(debug.Stack()))
	if w.Status != 0 {
		return true
	}
	s.refuse(w, r, inside(w))
	return false
}
