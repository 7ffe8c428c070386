package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/document"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/events"
	"github.com/batchd/terraform-provider-batch/runtime/metadata"
	"github.com/batchd/terraform-provider-batch/runtime/rendezvous"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore"
	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore/sqlite"
)

// storeFile is the database in the state directory.
const storeFile = "batchd.db"

// App is a runtime.
type App struct {
	options  Options
	log      *slog.Logger
	dir      *rendezvous.Dir
	lock     *rendezvous.Lock
	store    *sqlstore.Store
	machine  machine
	drivers  []namedDriver // that of this machine first
	engine   *engine.Engine
	metrics  *metrics
	metadata *metadata.Endpoint
	source   *events.Source
	outbox   *events.Outbox
	listener net.Listener
	server   *http.Server
	idle     *idle
	keys     *auth.StoredKeys
	// closedKeys are access keys that do not open and are to be revoked.
	closedKeys  []string
	certificate *certificate // nil without TLS
	startedAt   time.Time
	letGo       sync.Once // of the drivers

	mu       sync.Mutex
	cleanups []cleanup
	closing  chan struct{} // closed when Stop begins
	ended    chan struct{} // closed when the runtime wants to end
	endOnce  sync.Once
	failure  error // why it wants to, if something failed; written before ended is closed
}

// cleanup undoes one step of New or Start.
type cleanup struct {
	what string
	undo func(context.Context) error
}

// New opens the state directory and takes its lock, binds the address and opens the store. Nothing is served
// and nothing runs before Start; Stop gives everything back, after New alone too.
func New(ctx context.Context, o Options) (*App, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	a := &App{options: o, log: o.Logger, startedAt: time.Now(), closing: make(chan struct{}), ended: make(chan struct{})}
	if err := a.open(ctx); err != nil {
		return nil, errors.Join(err, a.unwind(context.WithoutCancel(ctx)))
	}
	return a, nil
}

func (a *App) open(ctx context.Context) (err error) {
	if a.dir, err = rendezvous.Open(a.options.StateDir); err != nil {
		return err
	}
	lock, err := a.dir.Lock()
	if err != nil {
		return err
	}
	a.lock = lock
	a.later("lock", func(context.Context) error { return lock.Unlock() })
	installation, copied, err := openInstallation(a.dir)
	if err != nil {
		return err
	}
	if copied {
		a.log.Warn("the state directory is a copy: its jobs that were running go on where it was copied from and are LOST here, and those that were waiting run here too", "state_dir", a.dir.Path())
	}
	if err := installation.checkDatabase(a.dir); err != nil {
		return err
	}
	if a.listener, err = a.dir.Listen(ctx, a.options.Listener, a.options.Listen); err != nil {
		return err
	}
	a.later("listener", func(context.Context) error { return unlessClosed(a.listener.Close()) })
	if a.store, err = sqlstore.Open(ctx, sqlstore.Options{Database: sqlite.New(a.dir.File(storeFile), lock.Path()), Log: a.log}); err != nil {
		return err
	}
	a.later("store", func(context.Context) error { return a.store.Close() })
	if err := a.reread(ctx); err != nil {
		return err
	}
	if err := installation.keep(a.dir); err != nil {
		return err
	}
	if a.keys, err = a.openKeys(ctx); err != nil {
		return err
	}
	if a.options.TLSCert != "" {
		if a.certificate, err = openCertificate(a.options.TLSCert, a.options.TLSKey, a.log); err != nil {
			return err
		}
	}
	if a.machine, err = a.options.machine(a.dir, installation.ID); err != nil {
		return err
	}
	a.drivers, a.machine.logs = a.options.drivers(a.machine, a.dir.Path(), installation.ID)
	if a.metadata, err = metadata.Listen(ctx, a.dir.File(metadataFile), metadata.Options{Store: a.store, Place: a.place(), Logger: a.log, Listener: a.options.Listener}); err != nil {
		return err
	}
	a.later("metadata listener", func(context.Context) error { return unlessClosed(a.metadata.Listener.Close()) })
	a.metrics = newMetrics()
	a.engine = engine.New(engine.Options{
		Store: a.store, Drivers: computeDrivers(a.drivers),
		Config: sched.Config{MaxArraySize: a.options.MaxArraySize, HostGrace: hostGrace}, Logger: a.log, Home: a.dir.Path(),
		Observer: a.metrics, Metadata: a.metadata.URL,
	})
	if err := a.openEvents(); err != nil {
		return err
	}
	a.metrics.watch(a.engine, a.outbox)
	a.idle = newIdle(a.engine, a.options.IdleTimeout)
	return a.prepareServer()
}

// reread brings rows that another version stored to what this one makes of their documents. The engine has not started yet.
func (a *App) reread(ctx context.Context) error {
	var rows batch.Snapshot
	var err error
	if rows.Environments, err = a.store.Environments(ctx, store.NameQuery{}); err != nil {
		return err
	}
	if rows.Queues, err = a.store.Queues(ctx, store.NameQuery{}); err != nil {
		return err
	}
	if rows.Policies, err = a.store.Policies(ctx, store.NameQuery{}); err != nil {
		return err
	}
	delta, err := document.Reread(a.place(), &rows)
	if err != nil || delta.Empty() {
		return err
	}
	return a.store.Commit(ctx, &delta)
}

// prepareServer makes the HTTP server.
func (a *App) prepareServer() error {
	metrics, err := a.metricsGuard()
	if err != nil {
		return err
	}
	most := maxConnections
	if files := openFiles(); files > 0 && files/filesPerConnection < maxConnections {
		most = int(files / filesPerConnection)
	}
	open := newConnections(most)
	handler := api.New(api.Options{
		Engine: a.engine, Store: a.store, Logs: a.machine.logs, Authenticator: knowing{a.authenticator(), open}, Guard: a.guard(), Keys: a.keys,
		TrustJobs: a.options.TrustJobs, RunAs: a.options.RunAs, Place: a.place(), Events: a.source, Observe: a.metrics.answered,
		Version: Version, StateDir: a.dir.Path(), AWS: a.options.AWS, PID: os.Getpid(), StartedAt: a.startedAt, Logger: a.log,
		Doctor: a.doctor, Stop: func() { a.end(nil) }, Lease: a.idle.lease,
	})
	handler = withMetrics(metrics.Protect(a.metrics.handler()), handler)
	a.server = newServer(a.endLeases(handler), open, a.log)
	return nil
}

// place is what ARNs are made of.
func (a *App) place() batch.Place {
	return batch.Place{Region: a.options.Region, Account: a.options.AccountID}
}

// newServer makes a server whose callers cannot hold each other up. What lasts longer than requestTimeout, the
// API allows by itself: bodies that keep coming, answers that are taken.
func newServer(handler http.Handler, open *connections, log *slog.Logger) *http.Server {
	one := new(http.Protocols)
	one.SetHTTP1(true)
	server := &http.Server{
		Handler: handler, Protocols: one, ConnState: open.note, ConnContext: open.hold,
		ReadHeaderTimeout: headerTimeout, ReadTimeout: requestTimeout, WriteTimeout: requestTimeout, IdleTimeout: connectionIdle, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	server.RegisterOnShutdown(open.close)
	return server
}

// Start begins to run jobs and to serve, and returns once requests are answered.
func (a *App) Start(ctx context.Context) error {
	if err := a.start(ctx); err != nil {
		return errors.Join(err, a.Stop(context.WithoutCancel(ctx)))
	}
	a.log.Info("serving", "endpoint", a.Endpoint(), "state_dir", a.dir.Path(), "version", Version, "pid", os.Getpid(), "after", time.Since(a.startedAt))
	return nil
}

func (a *App) start(ctx context.Context) error {
	a.later("drivers", a.closeDrivers)
	if err := a.openDrivers(ctx); err != nil {
		return err
	}
	if err := a.engine.Start(ctx); err != nil {
		return err
	}
	a.later("engine", a.engine.Stop)
	if err := a.outbox.Start(ctx); err != nil {
		return err
	}
	a.later("event sinks", a.outbox.Stop)
	a.serveMetadata()
	if err := a.admitAdmin(ctx); err != nil {
		return err
	}
	a.inBackground(ctx, "upkeep", a.upkeep)
	a.inBackground(ctx, "watch of the store", a.watchStore)
	a.inBackground(ctx, "idle watch", func(ctx context.Context) { a.idle.watch(ctx, func() { a.end(nil) }) })
	a.serve()
	if err := a.dir.WriteRuntime(a.runtime()); err != nil {
		return err
	}
	a.later("runtime file", func(context.Context) error { return a.dir.RemoveRuntime() })
	return a.sayReady()
}

// serve accepts requests until Stop.
func (a *App) serve() {
	served := make(chan struct{})
	go func() {
		defer close(served)
		if err := a.server.Serve(secured(a.listener, a.certificate)); !errors.Is(err, http.ErrServerClosed) {
			a.end(fmt.Errorf("serving %s: %w", a.listener.Addr(), err))
		}
	}()
	a.later("server", func(ctx context.Context) error {
		patient, done := context.WithTimeout(ctx, requestGrace)
		defer done()
		err := a.server.Shutdown(patient)
		if err != nil {
			err = errors.Join(fmt.Errorf("requests did not end: %w", err), a.server.Close())
		}
		<-served
		return err
	})
}

// inBackground runs work until Stop.
func (a *App) inBackground(ctx context.Context, what string, work func(context.Context)) {
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		work(running)
	}()
	a.later(what, func(context.Context) error {
		cancel()
		<-done
		return nil
	})
}

// Stop gives back, in reverse order, all that New and Start took. Attempts go on running. It returns when
// everything has ended, or what did not in time. Stopping twice does no harm.
func (a *App) Stop(ctx context.Context) error {
	a.end(nil)
	a.mu.Lock()
	select {
	case <-a.closing:
	default:
		close(a.closing)
	}
	a.mu.Unlock()
	return a.unwind(ctx)
}

// Run starts the runtime and serves until ctx ends, somebody asks it to stop or it has been idle long
// enough, and then stops it. The process belongs to the runtime meanwhile: how its memory is collected is set for it.
func (a *App) Run(ctx context.Context) error {
	if err := a.Start(ctx); err != nil {
		return err
	}
	a.inBackground(ctx, "memory", tendMemory)
	why := "asked to, or idle"
	select {
	case <-ctx.Done():
		why = context.Cause(ctx).Error()
	case <-a.ended:
	}
	a.log.Info("stopping", "why", why)
	stopping, done := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer done()
	return errors.Join(a.failure, a.Stop(stopping))
}

// Done is closed when the runtime wants to end: it was asked to, is idle, or failed.
func (a *App) Done() <-chan struct{} { return a.ended }

// Addr returns the address the runtime serves at.
func (a *App) Addr() net.Addr { return a.listener.Addr() }

// Engine returns the engine, for tests that look inside.
func (a *App) Engine() *engine.Engine { return a.engine }

// end asks the runtime to end.
func (a *App) end(failure error) {
	a.endOnce.Do(func() {
		a.failure = failure
		close(a.ended)
	})
}

func (a *App) later(what string, undo func(context.Context) error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.cleanups = append(a.cleanups, cleanup{what, undo})
}

func (a *App) unwind(ctx context.Context) error {
	a.mu.Lock()
	cleanups := a.cleanups
	a.cleanups = nil
	a.mu.Unlock()
	var failures []error
	for _, c := range slices.Backward(cleanups) {
		if err := c.undo(ctx); err != nil {
			failures = append(failures, fmt.Errorf("stopping the %s: %w", c.what, err))
		}
	}
	return errors.Join(failures...)
}

func unlessClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
