package app

import (
	"context"

	"github.com/batchd/terraform-provider-batch/runtime/auth"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/events"
	"github.com/batchd/terraform-provider-batch/runtime/registry"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// self is who gives the commands that nobody from outside gave.
const self = "batchd"

// openEvents makes what tells events and carries them to the sinks that are configured.
func (a *App) openEvents() (err error) {
	config, err := a.config()
	if err != nil {
		return err
	}
	a.source = &events.Source{
		Store: a.store, Place: a.place(), Tail: a.engine.LastTransition,
	}
	a.outbox, err = events.NewOutbox(events.OutboxOptions{
		Source: a.source, Sinks: config.Events.Sinks, Cursors: a.store, Move: a.moveCursor, Drop: a.dropCursor, Logger: a.log,
		ReadSecret: auth.ReadSecret,
	})
	return err
}

func (a *App) moveCursor(ctx context.Context, name string, seq int64) error {
	_, err := engine.Do(ctx, a.engine, sched.Keep{Command: registry.MoveCursor{Caller: batch.Caller{Who: self}, Name: name, Seq: seq}})
	return err
}

func (a *App) dropCursor(ctx context.Context, name string) error {
	_, err := engine.Do(ctx, a.engine, sched.Keep{Command: registry.DropCursor{Caller: batch.Caller{Who: self}, Name: name}})
	return err
}
