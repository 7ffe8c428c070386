package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/google/uuid"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// validated is a request that knows the rules of its fields.
type validated[T any] interface {
	*T
	Validate() error
}

// call is what an operation may need to know of its request beside the body.
type call struct {
	caller     sched.Caller
	resource   string // of operations on tags: "job-queue/high"
	invocation string // identifies the request through a client's retries; empty if it says nothing
}

// operation makes a route of a function from request to answer.
func operation[Q, A any, P validated[Q]](limit int64, serve func(context.Context, call, P) (A, error)) route {
	return route{limit, func(w http.ResponseWriter, r *http.Request) error {
		if err := auth.CheckContentType(r); err != nil {
			return err
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
		if err != nil {
			return fmt.Errorf("reading the request: %w", err)
		}
		request := P(new(Q))
		if err := wire.Decode(bytes.NewReader(body), limit, request); err != nil {
			return err
		}
		if err := request.Validate(); err != nil {
			return err
		}
		answer, err := serve(r.Context(), callOf(r, body), request)
		if err != nil {
			return err
		}
		return write(w, answer)
	}}
}

func callOf(r *http.Request, body []byte) call {
	c := call{caller: callerOf(r), resource: resourceOf(r)}
	if id := r.Header.Get("Amz-Sdk-Invocation-Id"); id != "" {
		sum := sha256.Sum256(body)
		c.invocation = "sdk:" + c.caller.Who + ":" + id + ":" + hex.EncodeToString(sum[:8])
	}
	return c
}

func callerOf(r *http.Request) sched.Caller {
	id, _ := auth.IdentityOf(r.Context())
	c := sched.Caller{Who: id.AccessKeyID, Source: r.RemoteAddr}
	if c.Who == "" {
		c.Who = "anonymous"
	}
	return c
}

func write(w http.ResponseWriter, answer any) error {
	text, err := json.Marshal(answer)
	if err != nil {
		return fmt.Errorf("writing the answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text) // the caller has gone if this fails
	return nil
}

func requestID(context.Context) string { return uuid.NewString() }

// kinds maps what the domain refuses to the wire. Statuses are AWS's: one code, and the status tells
// what a client may do.
var kinds = map[batch.ErrorKind]wire.Error{
	batch.InvalidRequest: {Code: wire.CodeClient, StatusCode: http.StatusBadRequest},
	batch.NotFound:       {Code: wire.CodeClient, StatusCode: http.StatusBadRequest},
	batch.Conflict:       {Code: wire.CodeClient, StatusCode: http.StatusConflict},
	batch.Denied:         {Code: wire.CodeAccessDenied, StatusCode: http.StatusForbidden},
	batch.Unavailable:    {Code: wire.CodeServer, StatusCode: http.StatusServiceUnavailable},
}

// answer writes an error. What is not meant for clients is logged and named by the request's id.
func (s *server) answer(w http.ResponseWriter, r *http.Request, err error) {
	id := w.Header().Get(wire.HeaderRequestID)
	if id == "" {
		id = requestID(r.Context())
	}
	answer := wireError(err)
	if answer == nil {
		s.Logger.Error("a request failed", "path", r.URL.Path, "request", id, "error", err)
		answer = &wire.Error{Code: wire.CodeServer, StatusCode: http.StatusInternalServerError, Message: "the request failed inside the service; its log names it " + id}
	}
	answer.RequestID = id
	answer.Write(w)
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
	default:
		return nil
	}
}
