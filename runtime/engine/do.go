package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// ask is a command or a query on its way, and where its answer goes.
type ask struct {
	command sched.Command // nil in a query
	query   sched.Query   // nil in a command
	reply   any
	err     error
	done    chan struct{} // closed when reply and err are set for good
}

// settle answers the asker. It is called once.
func (a *ask) settle() { close(a.done) }

func (a *ask) refuse(err error) {
	a.reply, a.err = nil, err
	a.settle()
}

// Do has a command applied and returns its reply once what it changed is durable. Refusals are
// [*batch.Error]s; one of kind Unavailable means that nothing was accepted, or says that this is not known. When
// ctx ends first, the command may have been accepted or not.
func Do[R any](ctx context.Context, e *Engine, command sched.Returning[R]) (R, error) {
	reply, err := e.do(ctx, command)
	return typed[R](command, reply, err)
}

// Ask has the machine answer a query between two rounds, so that all it says is durable. It sees every command that
// was given to the engine before it, and may see some that came after. Refusals are [*batch.Error]s.
func Ask[R any](ctx context.Context, e *Engine, q sched.Answering[R]) (R, error) {
	answer, err := e.query(ctx, q)
	return typed[R](q, answer, err)
}

func typed[R any](asked, reply any, err error) (R, error) {
	var none R
	if err != nil {
		return none, err
	}
	answer, ok := reply.(R)
	if !ok {
		return none, fmt.Errorf("engine: %T was answered with %T, not %T", asked, reply, none)
	}
	return answer, nil
}

// do puts a command into the inbox, with what it needs from the store.
func (e *Engine) do(ctx context.Context, command sched.Command) (any, error) {
	needy, ok := command.(sched.Needy[sched.Command])
	if !ok {
		return e.put(ctx, e.commands, &ask{command: command})
	}
	return withNeeds(ctx, e, needy, func(given sched.Command) (any, error) {
		return e.put(ctx, e.commands, &ask{command: given})
	})
}

// query puts a query into its inbox, with what it needs from the store.
func (e *Engine) query(ctx context.Context, q sched.Query) (any, error) {
	needy, ok := q.(sched.Needy[sched.Query])
	if !ok {
		return e.put(ctx, e.queries, &ask{query: q})
	}
	return withNeeds(ctx, e, needy, func(given sched.Query) (any, error) {
		return e.put(ctx, e.queries, &ask{query: given})
	})
}

// withNeeds gathers what a command or query needs and tries it, again if what it was given went out of date on the way.
func withNeeds[T any](ctx context.Context, e *Engine, needy sched.Needy[T], try func(T) (any, error)) (any, error) {
	needs := needy.Needs()
	if needs.InTurn {
		select {
		case e.turn <- struct{}{}:
			defer func() { <-e.turn }()
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	for range maxGathers {
		given, err := e.gather(ctx, needs)
		if err != nil {
			return nil, fmt.Errorf("engine: reading what %T needs: %w", needy, err)
		}
		reply, err := try(needy.With(given))
		if !errors.Is(err, batch.ErrStale) {
			return reply, err
		}
	}
	return nil, batch.Errorf(batch.Unavailable, "what the request refers to keeps changing; try again")
}

// put puts a command or query into an inbox and waits for its answer.
func (e *Engine) put(ctx context.Context, inbox chan<- *ask, a *ask) (any, error) {
	a.done = make(chan struct{})
	select {
	case <-e.stopping:
		return nil, errStopping()
	default:
	}
	select {
	case inbox <- a:
	case <-e.stopping:
		return nil, errStopping()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	select {
	case <-a.done:
		return a.reply, a.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-e.looped:
	}
	select {
	case <-a.done:
		return a.reply, a.err
	default:
		return nil, errStopping()
	}
}
