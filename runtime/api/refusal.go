package api

import (
	"errors"
	"net/http"

	"github.com/batchd/terraform-provider-batch/runtime/api/admission"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// kinds maps what the domain refuses to the wire. Statuses are AWS's: one code, and the status tells
// what a client may do.
var kinds = map[batch.ErrorKind]wire.Error{
	batch.InvalidRequest: {Code: wire.CodeClient, StatusCode: http.StatusBadRequest},
	batch.NotFound:       {Code: wire.CodeClient, StatusCode: http.StatusBadRequest},
	batch.Conflict:       {Code: wire.CodeClient, StatusCode: http.StatusConflict},
	batch.Denied:         {Code: wire.CodeAccessDenied, StatusCode: http.StatusForbidden},
	batch.Unavailable:    {Code: wire.CodeServer, StatusCode: http.StatusServiceUnavailable},
}

// refuse answers a request with an error. What is not meant for clients is logged, and named by the id
// of the request.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	id := w.Header().Get(wire.HeaderRequestID)
	answer := wireError(err)
	if _, known := auth.IdentityOf(r.Context()); !known && answer != nil && answer.StatusCode == http.StatusForbidden {
		s.recordDenial(r.Context(), s.denials.OfStrangers(), callerOf(r), s.routes[key(r)].action, "")
	}
	switch {
	case r.Context().Err() != nil: // the caller has gone, or the runtime ends: who still listens must not take silence for success
		answer = &wire.Error{Code: wire.CodeServer, StatusCode: http.StatusServiceUnavailable, Message: "the request was given up before it was served; repeat it"}
	case answer == nil:
		s.Logger.Error("a request failed", "request", id, "operation", wire.Brief(key(r)), "error", err)
		answer = inside(w)
	case answer.StatusCode >= http.StatusInternalServerError:
		s.Logger.Warn("a request was not served", "request", id, "operation", wire.Brief(key(r)), "error", err)
	}
	answer.RequestID = id
	admission.LeaveUnread(w, r)
	if isQuery(r) {
		answer.Code = auth.QueryCode(answer.Code)
		writeQueryError(w, answer)
		return
	}
	answer.Write(w)
}

// inside is the answer to a request that failed for a reason which clients are not told.
func inside(w http.ResponseWriter) *wire.Error {
	return &wire.Error{
		Code: wire.CodeServer, StatusCode: http.StatusInternalServerError,
		Message: "the request failed inside the service; its log says why, under the id " + w.Header().Get(wire.HeaderRequestID),
	}
}

// wireError returns what a client may see of err; nil if nothing.
func wireError(err error) *wire.Error {
	var known *wire.Error
	var field *wire.FieldError
	var domain *batch.Error
	var denied *auth.Error
	switch {
	case errors.As(err, &known):
		copied := *known
		return &copied
	case errors.As(err, &field):
		return &wire.Error{Code: wire.CodeClient, StatusCode: http.StatusBadRequest, Message: field.Error()}
	case errors.As(err, &denied):
		return &wire.Error{Code: denied.Code, StatusCode: denied.StatusCode, Message: denied.Message}
	case errors.As(err, &domain):
		answer := kinds[domain.Kind]
		answer.Message = domain.Message
		return &answer
	case errors.Is(err, store.ErrGone):
		return &wire.Error{Code: wire.CodeServer, StatusCode: http.StatusServiceUnavailable, Message: store.ErrGone.Error()}
	case errors.Is(err, store.ErrCorrupt):
		return &wire.Error{
			Code: wire.CodeServer, StatusCode: http.StatusInternalServerError,
			Message: "the store is corrupt: stop the runtime and put back a good copy of the state directory",
		}
	default:
		return nil
	}
}
