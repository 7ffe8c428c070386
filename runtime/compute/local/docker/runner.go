package docker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/fifo"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

// Options is what a [Runner] is made from.
type Options struct {
	// Host is the daemon, as in DOCKER_HOST; empty means DOCKER_HOST, else the first usual socket
	// that exists.
	Host string
	// InstallationID keeps the containers of two runtimes on one daemon apart. It is required
	// and must stay the same as long as there are containers.
	InstallationID string
	// StateDir is where the runner remembers that there may be containers; see [Runner.Census].
	StateDir string
	// LogsDir is the directory of the log segments; output goes into [joblog.SeriesContainers].
	LogsDir string
	// Logger receives what goes wrong behind the orders and how pulls go; nil discards it.
	Logger *slog.Logger
}

// Runner runs attempts as containers. It is safe for concurrent use. Between Open and Close it
// has one goroutine for each attempt that runs, one that watches the daemon, and one that
// delivers reports.
type Runner struct {
	installation string
	logsDir      string
	daemon       daemon
	logger       *slog.Logger
	log          *joblog.Writer
	reports      *fifo.Queue[batch.Report]
	out          chan []batch.Report // where they are received
	marker       *marker
	fitness      *fitness
	absence      absence
	pulls        singleflight.Group
	starts       chan struct{} // holds a token for each start in flight
	removals     chan struct{} // and for each removal
	tasks        sync.WaitGroup

	mu       sync.Mutex
	attempts map[batch.AttemptID]*attempt
	lanes    map[string]*lane
	listed   bool // the daemon's list was read since Open
	open     bool
	spawn    func(func(context.Context)) // runs a task with a context that ends with Close; nil before Open
	cancel   context.CancelFunc
}

// New returns a runner of the daemon that o names. It connects to nothing: a daemon that is not there is
// found out, and said, when something is to run.
func New(o Options) (*Runner, error) {
	if o.InstallationID == "" || o.StateDir == "" || o.LogsDir == "" {
		return nil, errors.New("docker runner: InstallationID, StateDir and LogsDir must be given")
	}
	d, err := newDaemon(o.Host)
	if err != nil {
		return nil, err
	}
	logger := o.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	reports := fifo.New[batch.Report]()
	return &Runner{
		installation: o.InstallationID, logsDir: o.LogsDir, daemon: d, logger: logger,
		reports: reports, out: make(chan []batch.Report),
		marker: newMarker(o.StateDir, o.InstallationID), fitness: newFitness(reports.Put), absence: absence{lasts: true},
		starts: make(chan struct{}, startsInFlight), removals: make(chan struct{}, removalsInFlight),
		attempts: map[batch.AttemptID]*attempt{}, lanes: map[string]*lane{},
	}, nil
}

// Open finds the containers of this installation again and begins to watch the daemon. A daemon
// that does not answer is not an error; it is tried again until Close. A runner is opened once.
func (r *Runner) Open(ctx context.Context) error {
	if err := r.begun(ctx); err != nil {
		return fmt.Errorf("docker runner: %w", err)
	}
	r.spawn(func(life context.Context) { r.reports.Forward(life.Done(), r.out) })
	if r.marker.exists() {
		r.fitness.wanted()
	}
	if r.daemon.ping(ctx) == nil { // a sweep of one that hangs takes long
		_ = r.sweep(ctx) // watch tries again, and says so
		r.settle(ctx)
	}
	r.spawn(r.watch)
	return nil
}

func (r *Runner) begun(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.spawn != nil {
		return errors.New("opened twice")
	}
	log, err := joblog.OpenWriter(r.logsDir, joblog.SeriesContainers)
	if err != nil {
		return err
	}
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r.log, r.cancel, r.open = log, cancel, true
	r.spawn = func(task func(context.Context)) { r.tasks.Go(func() { task(life) }) }
	return nil
}

// settle waits a moment for what ended while nobody watched, so that the first census lists the exits.
func (r *Runner) settle(ctx context.Context) {
	r.mu.Lock()
	var over []*attempt
	for _, a := range r.attempts {
		if a.phase == launched && a.over {
			over = append(over, a)
		}
	}
	r.mu.Unlock()
	timer := time.NewTimer(settleWait)
	defer timer.Stop()
	for _, a := range over {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			return
		case <-a.done:
		}
	}
}

// Close ends the runner's goroutines and waits for them until ctx ends. Containers go on.
func (r *Runner) Close(ctx context.Context) error {
	r.mu.Lock()
	open := r.open
	r.open = false
	r.mu.Unlock()
	if !open {
		return nil
	}
	r.cancel()
	idle := make(chan struct{})
	go func() {
		r.tasks.Wait()
		close(idle)
	}()
	select {
	case <-idle:
	case <-ctx.Done():
		return fmt.Errorf("docker runner: waiting for the daemon: %w", ctx.Err())
	}
	return errors.Join(r.log.Close(), r.daemon.Close())
}

// Version says which daemon answers, for example "28.5.2 (API 1.51)". Its error says that Docker
// is not reachable, why, and what to do.
func (r *Runner) Version(ctx context.Context) (string, error) { return r.daemon.version(ctx) }

// Reports implements the verb of [compute.Driver].
func (r *Runner) Reports() <-chan []batch.Report { return r.out }

func now() batch.Time { return batch.At(time.Now()) }
