package auth

import (
	"fmt"
	"net/http"
)

// Error is a refusal, in AWS's words. Its message may be shown to the caller.
type Error struct {
	Code       string
	Message    string
	StatusCode int // of HTTP
}

// Error returns the code and the message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Codes of refusals.
const (
	CodeMissingToken       = "MissingAuthenticationTokenException"
	CodeIncomplete         = "IncompleteSignatureException"
	CodeUnrecognizedClient = "UnrecognizedClientException"
	CodeInvalidSignature   = "InvalidSignatureException"
	CodeAccessDenied       = "AccessDeniedException"
	CodeTooLarge           = "RequestEntityTooLargeException"
	CodeMediaType          = "UnsupportedMediaTypeException"
	CodeClient             = "ClientException"
)

func refuse(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), StatusCode: http.StatusForbidden}
}
