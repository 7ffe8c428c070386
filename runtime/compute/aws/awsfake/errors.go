package awsfake

import (
	"fmt"
	"net/http"

	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake/wire"
)

// Error is an error that a service answers with. A fault that is injected may bring one of its own.
type Error = wire.Error

// refuse returns an error of the client's making, with HTTP status 400.
func refuse(code, format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Code: code, Message: fmt.Sprintf(format, args...)}
}

// asError returns err as an answer. An error that is not an answer is a mistake in the double, and is answered so that its text
// reaches the test.
func asError(err error) *Error {
	if failure, ok := err.(*Error); ok { //nolint:errorlint // errors of operations are not wrapped
		return failure
	}
	return &Error{Status: http.StatusInternalServerError, Code: "InternalFailure", Message: err.Error()}
}
