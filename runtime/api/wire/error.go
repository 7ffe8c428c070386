package wire

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Codes of the errors a caller can meet.
const (
	// CodeClient is a request that is wrong or cannot be met; it is not retried.
	CodeClient = "ClientException"
	// CodeServer is a failure of the service; it is retried.
	CodeServer = "ServerException"
	// CodeTooManyRequests asks the caller to slow down; it is retried.
	CodeTooManyRequests = "TooManyRequestsException"
	// CodeAccessDenied is a known caller who may not do this.
	CodeAccessDenied = "AccessDeniedException"
	// CodeUnknownOperation is a path or a method that is not served.
	CodeUnknownOperation = "UnknownOperationException"
)

// Headers that carry an error's code and the id of the request.
const (
	HeaderErrorType = "X-Amzn-Errortype"
	HeaderRequestID = "X-Amzn-Requestid"
)

// Error is an error as it travels: a status, a code in a header, a message in the body.
type Error struct {
	Code       string
	Message    string
	StatusCode int // of HTTP; 0 is written as 400
	RequestID  string
}

// Error returns the code, the message and the id of the request.
func (e *Error) Error() string {
	text := e.Code + ": " + e.Message
	if e.RequestID != "" {
		text += " (request " + e.RequestID + ")"
	}
	return text
}

// HTTPStatusCode and ErrorCode are what the AWS SDK's retryers ask an error for.
func (e *Error) HTTPStatusCode() int { return e.StatusCode }

// ErrorCode returns e.Code.
func (e *Error) ErrorCode() string { return e.Code }

// Write answers w with e.
func (e *Error) Write(w http.ResponseWriter) {
	status := e.StatusCode
	if status == 0 {
		status = http.StatusBadRequest
	}
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set(HeaderErrorType, e.Code)
	if e.RequestID != "" {
		header.Set(HeaderRequestID, e.RequestID)
	}
	w.WriteHeader(status)
	// The caller has gone if this fails; there is nobody left to tell.
	_ = json.NewEncoder(w).Encode(struct {
		Type    string `json:"__type"` // where some protocols look for the code
		Message string `json:"message"`
	}{e.Code, e.Message})
}

// maxErrorBody bounds what is read of an error's body, in bytes.
const maxErrorBody = 64 << 10

// ReadError makes an Error of an answer that is not 2xx. A body that is not the
// service's, such as a proxy's page, becomes part of the message.
func ReadError(response *http.Response) *Error {
	e := &Error{StatusCode: response.StatusCode, RequestID: response.Header.Get(HeaderRequestID)}
	text, _ := io.ReadAll(io.LimitReader(response.Body, maxErrorBody))
	var members map[string]json.RawMessage
	_ = json.Unmarshal(text, &members) // a body that is not an object has no members
	e.Code = firstOf(sanitiseCode(firstOf(response.Header.Get(HeaderErrorType), member(members, "code"), member(members, "__type"))), "UnknownError")
	e.Message = firstOf(member(members, "message"), member(members, "Message"), strings.TrimSpace(Brief(string(text))), response.Status)
	return e
}

// member returns the string of that name, or "".
func member(members map[string]json.RawMessage, name string) string {
	var text string
	_ = json.Unmarshal(members[name], &text) // what is not a string counts as absent
	return text
}

// sanitiseCode cuts what some services add around a code: "ns#Code:http://…".
func sanitiseCode(code string) string {
	code, _, _ = strings.Cut(code, ":")
	return code[strings.LastIndexByte(code, '#')+1:]
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// FieldError is a member of a request that breaks a rule.
type FieldError struct {
	Field   string // path of the member, for example containerProperties.command[2]
	Given   string // what was given, in words
	Allowed string // what is allowed, in words
}

// Error names the member, what was given and what is allowed.
func (e *FieldError) Error() string {
	return fmt.Sprintf("%s: given %s; allowed is %s", e.Field, e.Given, e.Allowed)
}

// maxShown is how much of a value an error repeats, in bytes.
const maxShown = 120

// Brief shortens what a caller sent, for a message.
func Brief(text string) string {
	if len(text) <= maxShown {
		return text
	}
	return strings.ToValidUTF8(text[:maxShown], "") + "…"
}
