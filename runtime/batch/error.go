package batch

import (
	"errors"
	"fmt"
)

// ErrStale is returned by a command that was given rows which are out of date, or that was made from another revision of what it changes:
// something that it depends on ended or changed between reading and applying. Nothing has changed; read again and apply again.
var ErrStale = errors.New("what the command was given is out of date")

// ErrorKind is what sort of refusal an [Error] is; the API maps each kind to a
// wire code and an HTTP status in one table.
type ErrorKind uint8

// The kinds of refusal.
const (
	// InvalidRequest: the request breaks a rule; the same request will always be refused.
	InvalidRequest ErrorKind = iota + 1
	// NotFound: something the request names does not exist.
	NotFound
	// Conflict: something that already exists, or still refers to it, is in the way.
	Conflict
	// Denied: the caller may not do this.
	Denied
	// Unavailable: the service cannot do this now; trying again may work.
	Unavailable
)

// Error is a refusal that a client may see: its message is safe to show. Any
// other error is internal and must not reach a client.
type Error struct {
	Kind    ErrorKind
	Message string
}

func (e *Error) Error() string { return e.Message }

// Errorf returns an [*Error] of kind with a formatted message.
func Errorf(kind ErrorKind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}
