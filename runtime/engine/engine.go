package engine

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// Options are what an engine is made of.
type Options struct {
	// Store keeps the rows. The engine is its only writer; it neither opens nor closes it.
	Store store.Store
	// Drivers run attempts, each on hosts of the kinds that it serves. They are open.
	Drivers []compute.Driver
	// Config is handed to the machine. Provisioned is set by the engine: to the kinds of those drivers that are provisioners.
	Config sched.Config
	// Clock reads the wall clock; nil is [time.Now].
	Clock func() time.Time
	// Logger receives what people should know; nil discards it.
	Logger *slog.Logger
	// Home is where the store lies, for messages about a full disk.
	Home string
	// Observer is told how the engine fares; it may be nil.
	Observer Observer
	// Metadata returns where an attempt finds out about itself, for ECS_CONTAINER_METADATA_URI_V4; nil: nowhere.
	Metadata func(batch.AttemptID) string
}

// machine is the part of [sched.Machine] that the engine drives.
type machine interface {
	Apply(now time.Time, ev sched.Event) (any, error)
	Dispatch(now time.Time)
	Answer(now time.Time, q sched.Query) (any, error)
	Take() sched.Round
	View() sched.View
}

// Engine owns the one machine of a runtime.
type Engine struct {
	options   Options
	log       *slog.Logger
	load      func(batch.Snapshot, sched.Config) machine
	mailboxes []*mailbox // one for each driver

	commands chan *ask
	queries  chan *ask // apart, so that commands never wait behind them
	reports  chan delivery
	gone     chan error // why the store cannot be used any more
	// turn is held by the command that is in turn: see [sched.Needs].
	turn chan struct{}

	view      atomic.Pointer[sched.View]
	watermark watermark
	health    atomic.Pointer[Health]

	started  atomic.Bool
	stopping chan struct{} // closed when no more commands are taken
	stopOnce sync.Once
	looped   chan struct{} // closed when the loop has ended
	quiet    chan struct{} // closed when the goroutines around the drivers have ended
	cancel   context.CancelFunc
}

// New returns an engine that is not started.
func New(o Options) *Engine {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Observer == nil {
		o.Observer = unobserved{}
	}
	o.Config.Provisioned = nil
	e := &Engine{
		options: o, log: o.Logger,
		load:     func(s batch.Snapshot, c sched.Config) machine { return sched.Load(s, c) },
		commands: make(chan *ask, inboxSize), queries: make(chan *ask, inboxSize), reports: make(chan delivery, inboxSize),
		gone:     make(chan error, 1),
		turn:     make(chan struct{}, 1),
		stopping: make(chan struct{}), looped: make(chan struct{}), quiet: make(chan struct{}),
	}
	for _, driver := range o.Drivers {
		e.mailboxes = append(e.mailboxes, newMailbox(driver, newResolver(o.Store, o.Metadata), o.Logger))
		if _, ok := driver.(compute.Provisioner); ok {
			e.options.Config.Provisioned = append(e.options.Config.Provisioned, driver.Kinds()...)
		}
	}
	e.view.Store(&sched.View{})
	e.health.Store(&Health{State: Working, Since: o.Clock()})
	return e
}

// servers returns how many drivers serve each kind of host.
func (e *Engine) servers() map[batch.Kind]int {
	serve := map[batch.Kind]int{}
	for _, m := range e.mailboxes {
		for _, kind := range m.kinds {
			serve[kind]++
		}
	}
	return serve
}

// mailboxOf returns the mailbox of the driver that serves hosts of a kind; nil if none does.
func (e *Engine) mailboxOf(kind batch.Kind) *mailbox {
	for _, m := range e.mailboxes {
		if slices.Contains(m.kinds, kind) {
			return m
		}
	}
	return nil
}

// Start loads the machine from the store and begins its rounds. It returns an error if the store cannot be
// loaded. The values of ctx are kept, its end is not: the engine runs until Stop.
func (e *Engine) Start(ctx context.Context) error {
	snapshot, err := e.options.Store.Load(ctx)
	if err != nil {
		return fmt.Errorf("engine: loading the store: %w", err)
	}
	for kind, serve := range e.servers() {
		if serve > 1 {
			return fmt.Errorf("engine: %d drivers serve hosts of kind %s; one must", serve, kind)
		}
	}
	l, err := newLoop(e, snapshot)
	if err != nil {
		return fmt.Errorf("engine: %w", err)
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	e.cancel = cancel
	var around sync.WaitGroup
	for _, m := range e.mailboxes {
		around.Go(func() { m.run(running, e.reports) })
		around.Go(func() { m.forward(running, e.reports) })
	}
	go func() {
		around.Wait()
		close(e.quiet)
	}()
	go func() {
		l.run(running)
		close(e.looped)
	}()
	e.started.Store(true)
	return nil
}

// Stop refuses further commands, ends the round that runs, lets the drivers take the orders that are already
// theirs for a short while, and waits for every goroutine. Attempts go on running. It returns the error of
// ctx if that ends first. Stopping an engine twice, or one that was not started, does no harm.
func (e *Engine) Stop(ctx context.Context) error {
	e.stopOnce.Do(func() { close(e.stopping) })
	if !e.started.Load() {
		return nil
	}
	defer e.cancel()
	select {
	case <-e.looped:
	case <-ctx.Done():
		return fmt.Errorf("engine: waiting for the last round: %w", context.Cause(ctx))
	}
	flushing, done := context.WithTimeout(ctx, flushTimeout)
	defer done()
	for _, m := range e.mailboxes {
		m.flush(flushing)
	}
	e.cancel()
	select {
	case <-e.quiet:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("engine: waiting for the drivers: %w", context.Cause(ctx))
	}
}

// StoreGone makes the engine halt because of an error that wraps [store.ErrGone] or [store.ErrDeposed]. A commit that meets one does so by
// itself; StoreGone is for whoever finds out between two commits.
func (e *Engine) StoreGone(cause error) {
	select {
	case e.gone <- cause:
	default: // it has been told
	}
}

// View returns what the machine said of itself after the last round. It is published once the rows of that round are durable:
// whoever takes the view first and then reads the store finds there all that the view tells of, and perhaps more. What has to
// agree exactly comes from one of them, or from an answer of [Ask].
func (e *Engine) View() sched.View { return *e.view.Load() }

// Health returns whether commands are accepted.
func (e *Engine) Health() Health { return *e.health.Load() }
