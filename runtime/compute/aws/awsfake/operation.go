package awsfake

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake/wire"
)

// service is one service of AWS.
type service struct {
	// name is what signatures and IAM policies call it, for example events.
	name     string
	protocol wire.Protocol
	// throttled, denied and unknown are the service's words for a client that calls too often, for one that may not make a call, and for
	// an operation that does not exist. The texts are added.
	throttled, denied, unknown Error
	operations                 map[string]*operation
	// leftovers says what of an installation exists in the account, one line each.
	leftovers func(installation string) []string
}

// operation is one operation of a service.
type operation struct {
	service *service
	name    string
	input   reflect.Type
	do      func(c *call, in any) (any, error)
	charges []charger
}

// register adds an operation to a service, named after its input: *ecs.RunTaskInput is that of RunTask. The function is called with the world
// locked and at the time of the call. Each call draws on all the buckets that charges name.
func register[I, O any](s *service, do func(c *call, in *I) (*O, error), charges ...charger) {
	input := reflect.TypeFor[I]()
	name := strings.TrimSuffix(input.Name(), "Input")
	if s.operations == nil {
		s.operations = map[string]*operation{}
	}
	s.operations[name] = &operation{service: s, name: name, input: input, charges: charges, do: func(c *call, in any) (any, error) {
		typed, ok := in.(*I)
		if !ok {
			return nil, fmt.Errorf("%s was called with %T", name, in)
		}
		out, err := do(c, typed)
		if err != nil {
			return nil, err // a nil *O in an any would not be nil
		}
		return out, nil
	}}
}

// action is what IAM calls the operation, for example ec2:RunInstances.
func (o *operation) action() string { return o.service.name + ":" + o.name }

// Call is a call that reached the world. Observers must not change what it points to.
type Call struct {
	// Service and Operation are named as in IAM policies, for example logs and GetLogEvents.
	Service, Operation string
	// Number counts the calls of this operation, from 1.
	Number int
	At     time.Time
	// Input and Output are pointers to structs of the SDK. Output is nil if the call had no effect.
	Input, Output any
	// Err is the error that was answered; nil if there was none.
	Err *Error
	// Fault is the fault that was injected, if any.
	Fault Kind
}

// Action is the call as a policy names it, for example ecs:RunTask.
func (c Call) Action() string { return c.Service + ":" + c.Operation }

// call is a call that is being served.
type call struct {
	Call
	world   *World
	service *service
	// within says that the call was made from within the world, with the role of an instance, and not by the user.
	within bool
	// now is the time of its effect; seen is the time as of which it sees what was written by others: now, or earlier if reads lag.
	now, seen time.Time
	// done is closed when the client has gone; nil if it cannot go.
	done <-chan struct{}
}

// sees reports whether the call sees what was written at that time.
func (c *call) sees(written time.Time) bool { return !written.After(c.seen) }
