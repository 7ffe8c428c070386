package awsfake

import (
	"fmt"
	"net/http"
	"time"
)

// Kind is a kind of fault.
type Kind string

// The faults that a call can meet.
const (
	// Throttled answers with the service's error for clients that call too often. The call has no effect.
	Throttled Kind = "throttled"
	// ServerError answers with HTTP status 500. The call has no effect.
	ServerError Kind = "server error"
	// LostBefore resets the connection before the call has an effect, LostAfter after it.
	LostBefore Kind = "lost before the effect"
	LostAfter  Kind = "lost after the effect"
	// Slow delays the answer, but not the effect.
	Slow Kind = "slow"
	// Stale lets the call see the world as it was some time ago.
	Stale Kind = "stale read"
	// Answered answers with the error of the fault. The call has no effect.
	Answered Kind = "answered"
)

// Fault is a rule that makes calls go wrong.
type Fault struct {
	// Service and Operation say which calls, for example ecs and RunTask; empty ones mean any.
	Service, Operation string
	// Match chooses among them by their input, a pointer to a struct of the SDK; nil means all.
	Match func(in any) bool
	// Skip lets that many of them pass, Times is how many of the next go wrong (0: all), and Probability, if it is not 0, is that of each.
	Skip, Times int
	Probability float64

	Kind Kind
	// Delay is how much later (Slow) or earlier (Stale); 0 means a minute.
	Delay time.Duration
	// Error is what is answered with kind Answered.
	Error *Error
}

type fault struct {
	Fault
	passed, met int
}

// Inject adds a rule. Rules are tried in the order in which they were added, and the first that applies decides. The function
// returned removes the rule.
func (w *World) Inject(rule Fault) (remove func()) {
	f := &fault{Fault: rule}
	if f.Delay == 0 {
		f.Delay = time.Minute
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = append(w.faults, f)
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		f.Match = func(any) bool { return false }
	}
}

// strike returns the fault that a call meets, or nil.
func (w *World) strike(c *call) *fault {
	for i, f := range w.faults {
		if f.meets(c, w.chance(f.Probability, fmt.Sprint("fault ", i), fmt.Sprint(c.Action(), c.Number))) {
			c.Fault = f.Kind
			return f
		}
	}
	return nil
}

// meets reports whether the call goes wrong by this rule; luck is the throw for its probability.
func (f *fault) meets(c *call, luck bool) bool {
	matches := (f.Service == "" || f.Service == c.Service) && (f.Operation == "" || f.Operation == c.Operation) && (f.Match == nil || f.Match(c.Input))
	if !matches || f.Times > 0 && f.met >= f.Times {
		return false
	}
	if f.passed < f.Skip {
		f.passed++
		return false
	}
	if f.Probability > 0 && !luck {
		return false
	}
	f.met++
	return true
}

// failure returns what is answered instead of having an effect; nil for the other kinds.
func (f *fault) failure(s *service) *Error {
	if f == nil {
		return nil
	}
	switch f.Kind {
	case Throttled:
		return &s.throttled
	case ServerError:
		return &Error{Status: http.StatusInternalServerError, Code: "InternalError", Message: "An internal error has occurred"}
	case Answered:
		return f.Error
	default:
		return nil
	}
}

// is reports whether a call met a fault of that kind.
func (f *fault) is(kind Kind) bool { return f != nil && f.Kind == kind }
