package auth

import (
	"fmt"
	"net/http"
)

// Error is a refusal, in AWS's words. Its message may be shown to the caller.
type Error struct {
	Code       string
	Message    string
	StatusCode int    // of HTTP
	Resource   string // what the caller may not touch, "job-queue/high"; empty: it is not about one
}

// Error returns the code and the message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Codes of refusals. [QueryCode] has those of the query protocol.
const (
	CodeMissingToken       = "MissingAuthenticationTokenException"
	CodeIncomplete         = "IncompleteSignatureException"
	CodeUnrecognizedClient = "UnrecognizedClientException"
	CodeInvalidSignature   = "InvalidSignatureException"
	CodeAccessDenied       = "AccessDeniedException"
	CodeTooLarge           = "RequestEntityTooLargeException"
	CodeTooSlow            = "RequestTimeoutException"
	CodeMediaType          = "UnsupportedMediaTypeException"
)

// queryCodes are what services of the query protocol, such as AWS STS, call the same refusals.
var queryCodes = map[string]string{
	CodeMissingToken:       "MissingAuthenticationToken",
	CodeIncomplete:         "IncompleteSignature",
	CodeUnrecognizedClient: "InvalidClientTokenId",
	CodeInvalidSignature:   "SignatureDoesNotMatch",
	CodeAccessDenied:       "AccessDenied",
}

// QueryCode returns what a service of the query protocol calls the refusal with that code.
func QueryCode(code string) string {
	if theirs, ok := queryCodes[code]; ok {
		return theirs
	}
	return code
}

func refuse(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), StatusCode: http.StatusForbidden}
}

// brief shortens what a caller sent, for a message.
func brief(text string) string { return text[:min(len(text), maxShown)] }
