package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// ask is a command on its way, and where its answer goes.
type ask struct {
	command sched.Command
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
	var none R
	reply, err := e.do(ctx, command)
	if err != nil {
		return none, err
	}
	typed, ok := reply.(R)
	if !ok {
		return none, fmt.Errorf("engine: %T was answered with %T, not %T", command, reply, none)
	}
	return typed, nil
}

// do gives the command what it needs from the store and puts it into the inbox; again if what it was
// given went out of date on the way.
func (e *Engine) do(ctx context.Context, command sched.Command) (any, error) {
	needy, ok := command.(sched.Needy)
	if !ok {
		return e.ask(ctx, command)
	}
	if needy.Needs().Tags != "" {
		select {
		case e.tagging <- struct{}{}:
			defer func() { <-e.tagging }()
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	for range maxGathers {
		given, err := e.gather(ctx, needy)
		if err != nil {
			return nil, fmt.Errorf("engine: reading what %T needs: %w", command, err)
		}
		reply, err := e.ask(ctx, needy.With(given))
		if !errors.Is(err, sched.ErrStale) {
			return reply, err
		}
	}
	return nil, batch.Errorf(batch.Unavailable, "what the request refers to keeps changing; try again")
}

// ask puts a command into the inbox and waits for its answer.
func (e *Engine) ask(ctx context.Context, command sched.Command) (any, error) {
	a := &ask{command: command, done: make(chan struct{})}
	select {
	case <-e.stopping:
		return nil, errStopping()
	default:
	}
	select {
	case e.commands <- a:
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
