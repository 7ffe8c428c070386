package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// The calls of Amazon CloudWatch Logs with which clients read the output of jobs. There is one store of output, and a
// stream for each attempt that has begun; the log groups and stream prefixes that job definitions name are names of it.

const (
	headerTarget = "X-Amz-Target"
	targetLogs   = "Logs_20140328."
	mediaLogs    = "application/x-amz-json-1.1"
)

// Codes of CloudWatch Logs.
const (
	codeLogNotFound = "ResourceNotFoundException"
	codeLogInvalid  = "InvalidParameterException"
	codeLogExists   = "ResourceAlreadyExistsException"
)

// logsOperation makes a route of a function from request to answer. Members of requests that are not
// used here are ignored.
func logsOperation[Q, A any](g grant, serve func(context.Context, call, *Q) (A, error)) route {
	return route{grant: g, serve: func(w http.ResponseWriter, r *http.Request) error {
		if err := auth.CheckContentType(r, mediaLogs); err != nil {
			return err
		}
		body, err := read(r, wire.MaxBody)
		if err != nil {
			return err
		}
		request := new(Q)
		if err := json.Unmarshal(body, request); err != nil {
			return notLogRequest(err)
		}
		answer, err := serve(r.Context(), callOf(r, g, body), request)
		if err != nil {
			return logsError(err)
		}
		text, err := json.Marshal(answer)
		if err != nil {
			return fmt.Errorf("writing the answer: %w", err)
		}
		w.Header().Set("Content-Type", mediaLogs)
		_, _ = w.Write(text) // the caller has gone if this fails
		return nil
	}}
}

// notLogRequest refuses a body that is not the JSON of a request.
func notLogRequest(err error) error {
	message := "the body is not JSON: " + err.Error()
	var mistyped *json.UnmarshalTypeError
	if errors.As(err, &mistyped) {
		message = fmt.Sprintf("%s: given a JSON %s, which it does not take", cmp.Or(mistyped.Field, "body"), mistyped.Value)
	}
	return &wire.Error{Code: "SerializationException", StatusCode: http.StatusBadRequest, Message: message}
}

// logsError gives what the domain refuses the code that CloudWatch Logs has for it.
func logsError(err error) error {
	var domain *batch.Error
	var field *wire.FieldError
	switch {
	case errors.As(err, &field):
		return logInvalid("%v", field)
	case !errors.As(err, &domain):
		return err
	}
	switch domain.Kind {
	case batch.NotFound:
		return &wire.Error{Code: codeLogNotFound, StatusCode: http.StatusBadRequest, Message: domain.Message}
	case batch.Conflict:
		return &wire.Error{Code: codeLogExists, StatusCode: http.StatusBadRequest, Message: domain.Message}
	case batch.InvalidRequest:
		return logInvalid("%s", domain.Message)
	default:
		return err
	}
}

func logNotFound(what string) error {
	return &wire.Error{Code: codeLogNotFound, StatusCode: http.StatusBadRequest, Message: "The specified log " + what + " does not exist."}
}

func logInvalid(format string, args ...any) error {
	return &wire.Error{Code: codeLogInvalid, StatusCode: http.StatusBadRequest, Message: fmt.Sprintf(format, args...)}
}
