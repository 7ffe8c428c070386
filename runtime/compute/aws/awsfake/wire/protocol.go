package wire

import "net/http"

// Protocol is how the operations of a service are asked for and answered.
type Protocol interface {
	// Read returns what a request asks for. The error is an [*Error].
	Read(header http.Header, body []byte) (Request, error)
	// Answer writes the output of an operation, which is a pointer to a struct of the SDK.
	Answer(w http.ResponseWriter, request Request, output any) error
	// Fail writes an error.
	Fail(w http.ResponseWriter, request Request, failure *Error)
}

// Request is a request that was read.
type Request struct {
	// ID is the id of the request, which the answer repeats. The server assigns it.
	ID string
	// Operation is what is asked for, for example DescribeInstances.
	Operation string

	parameters map[string]any
	names      Names
}

// Into sets the members of input, a pointer to an input struct of the SDK, to the parameters of the request. A parameter that the
// struct does not have is an error.
func (r Request) Into(input any) error { return decode(r.parameters, input, r.names) }

// Error is an error that a service answers with.
type Error struct {
	// Status is the HTTP status; 0 means 400.
	Status int
	// Code is what clients tell errors apart by, for example ThrottlingException.
	Code    string
	Message string
	// QueryCode is the code that the service had when it spoke the query protocol, if it differs. Only SQS has such codes.
	QueryCode string
	// Members are further members of the error's document, for example the resourceIds of a ConflictException.
	Members map[string]any
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// status returns the HTTP status of the answer.
func (e *Error) status() int {
	if e.Status == 0 {
		return http.StatusBadRequest
	}
	return e.Status
}

// malformed is the answer to a request that cannot be read.
func malformed(err error) *Error {
	return &Error{Code: "SerializationException", Message: err.Error()}
}
