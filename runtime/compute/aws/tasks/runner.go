package tasks

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/fifo"
	"github.com/batchd/terraform-provider-batch/runtime/retry"
)

// Options are what a runner needs.
type Options struct {
	Logger *slog.Logger // nil: nothing is logged
	// Installation is in the tags of tasks and task definitions. What has another one is left alone.
	Installation string
	// Place says where attempts of a host run. The error is a reason for people why they cannot run there.
	Place func(host string) (Place, error)
	// Report is told what happens to attempts. It does not block.
	Report func(...batch.Report)
	// Full is called when ECS has found no room, or no agent, on a host; nil: it is of no interest. It does not block.
	Full func(host string)
}

// Cluster is one that tasks run in, and the clients of its account.
type Cluster struct {
	ARN     string
	Region  string
	Account string // what names the account in references to logs; see [batch.LogStream]
	ECS     *ecs.Client
	Logs    *cloudwatchlogs.Client
}

// Place is where an attempt runs.
type Place struct {
	Cluster  string // the ARN of a cluster that is watched
	Kind     batch.Kind
	Instance string // the id of the EC2 instance; empty on Fargate
	// Subnets and SecurityGroups are those of tasks that have a network of their own.
	Subnets, SecurityGroups []string
	DefaultImage            string            // of jobs that have none; empty: they are refused
	Tags                    map[string]string // of the task
}

// Runner runs attempts in the clusters that it watches.
type Runner struct {
	options Options
	log     *slog.Logger
	work    *fifo.Queue[func(context.Context)]
	run     sync.WaitGroup
	end     context.CancelFunc

	mu       sync.Mutex
	opened   time.Time
	clusters map[string]*cluster // by ARN
	attempts map[batch.AttemptID]*attempt
	lanes    map[string]*lane
	tasks    map[string]*attempt              // by the ARN of their task
	ignored  map[string]time.Time             // tasks of no interest any more, each with the time since when
	refusals map[batch.AttemptID]refusalCount // how often an attempt was refused
	notices  map[string]time.Time             // when hosts were told that they are taken away
}

// cluster is one that is watched. The mutex of the runner guards what is not constant.
type cluster struct {
	Cluster
	calls       chan struct{} // holds an element for each RunTask call that is made
	definitions *definitions
	listed      chan struct{} // closed when its tasks were listed for the first time
	gone        chan struct{} // closed when it is not watched any more
	gatherings  []*gathering  // for results of attempts that have ended
	bell        chan struct{} // rings when there are new ones
}

// New returns a runner that is not open yet.
func New(o Options) *Runner {
	if o.Full == nil {
		o.Full = func(string) {}
	}
	return &Runner{
		options: o, log: cmp.Or(o.Logger, slog.New(slog.DiscardHandler)), work: fifo.New[func(context.Context)](),
		clusters: map[string]*cluster{}, attempts: map[batch.AttemptID]*attempt{}, lanes: map[string]*lane{}, tasks: map[string]*attempt{},
		ignored: map[string]time.Time{}, refusals: map[batch.AttemptID]refusalCount{}, notices: map[string]time.Time{},
	}
}

// Open lets the runner begin.
func (r *Runner) Open(ctx context.Context) {
	ctx, r.end = context.WithCancel(context.WithoutCancel(ctx))
	r.opened = time.Now()
	r.run.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-r.work.Bell():
			}
			for _, do := range r.work.Take() {
				r.run.Go(func() { do(ctx) })
			}
		}
	})
}

// Close ends the goroutines of the runner, and waits for them. Tasks go on.
func (r *Runner) Close() {
	if r.end != nil {
		r.end()
	}
	r.run.Wait()
}

// spawn has do called in a goroutine of its own, with a context that ends when the runner is closed.
func (r *Runner) spawn(do func(context.Context)) { r.work.Put(do) }

// Watch lets attempts run in a cluster, and looks after those that run there already. Watching a cluster again only changes its clients.
func (r *Runner) Watch(c Cluster) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if old := r.clusters[c.ARN]; old != nil {
		old.Cluster = c
		return
	}
	watched := &cluster{
		Cluster: c, calls: make(chan struct{}, callsInFlight), definitions: newDefinitions(r.options.Installation),
		listed: make(chan struct{}), gone: make(chan struct{}), bell: make(chan struct{}, 1),
	}
	r.clusters[c.ARN] = watched
	r.spawn(func(ctx context.Context) { r.observe(ctx, watched) })
	r.spawn(func(ctx context.Context) { r.gather(ctx, watched) })
}

// Unwatch lets go of a cluster. Its attempts are not reported any more.
func (r *Runner) Unwatch(arn string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.clusters[arn]
	if c == nil {
		return
	}
	close(c.gone)
	c.noteListed()
	delete(r.clusters, arn)
	for id, a := range r.attempts {
		if a.cluster == c {
			delete(r.attempts, id)
			delete(r.tasks, a.task)
		}
	}
}

// Interrupted notes that a host was told that it will be taken away.
func (r *Runner) Interrupted(host string, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.notices[host]; !known {
		r.notices[host] = at
	}
}

// clients returns those of c as they are now.
func (r *Runner) clients(c *cluster) Cluster {
	r.mu.Lock()
	defer r.mu.Unlock()
	return c.Cluster
}

// patience is how long what failed waits before it is tried again.
var patience = retry.Backoff{First: firstWait, Longest: longestWait}
