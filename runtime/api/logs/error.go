package logs

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Codes of CloudWatch Logs.
const (
	codeNotFound      = "ResourceNotFoundException"
	codeInvalid       = "InvalidParameterException"
	codeExists        = "ResourceAlreadyExistsException"
	codeSerialization = "SerializationException"
)

// notRequest refuses a body that is not the JSON of a request.
func notRequest(err error) error {
	message := "the body is not JSON: " + err.Error()
	var mistyped *json.UnmarshalTypeError
	if errors.As(err, &mistyped) {
		message = fmt.Sprintf("%s: given a JSON %s, which it does not take", cmp.Or(mistyped.Field, "body"), mistyped.Value)
	}
	return &wire.Error{Code: codeSerialization, StatusCode: http.StatusBadRequest, Message: message}
}

// refusal gives what the domain refuses the code that CloudWatch Logs has for it.
func refusal(err error) error {
	var domain *batch.Error
	var field *wire.FieldError
	switch {
	case errors.As(err, &field):
		return invalid("%v", field)
	case !errors.As(err, &domain):
		return err
	}
	switch domain.Kind {
	case batch.NotFound:
		return &wire.Error{Code: codeNotFound, StatusCode: http.StatusBadRequest, Message: domain.Message}
	case batch.Conflict:
		return &wire.Error{Code: codeExists, StatusCode: http.StatusBadRequest, Message: domain.Message}
	case batch.InvalidRequest:
		return invalid("%s", domain.Message)
	default:
		return err
	}
}

func notFound(what string) error {
	return &wire.Error{Code: codeNotFound, StatusCode: http.StatusBadRequest, Message: "The specified log " + what + " does not exist."}
}

func invalid(format string, args ...any) error {
	return &wire.Error{Code: codeInvalid, StatusCode: http.StatusBadRequest, Message: fmt.Sprintf(format, args...)}
}
