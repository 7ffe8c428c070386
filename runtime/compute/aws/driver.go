package aws

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"sync"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/governor"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/tasks"
	"github.com/batchd/terraform-provider-batch/runtime/fifo"
)

// Driver runs attempts in AWS accounts. It implements [compute.Provisioner] and [compute.Lifecycle].
type Driver struct {
	options Options
	log     *slog.Logger
	reports *fifo.Queue[batch.Report]
	out     chan []batch.Report // where they are received
	work    *fifo.Queue[func(context.Context)]
	run     sync.WaitGroup
	end     context.CancelFunc // ends what Open began
	opening sync.Mutex         // held while an account is opened
	tasks   *tasks.Runner      // runs the attempts; it is called with the mutex held, and calls without it

	mu           sync.Mutex
	opened       time.Time
	told         bool // environments were handed in
	accounts     map[accountKey]*account
	governors    map[string]*governor.Governor // by account and region
	environments map[string]*environment       // by UUID
	hosts        map[string]*host              // by id, those that are gone too for a while
	instances    map[string]*host              // by the id of the instance
	groups       map[string]*group             // by id
}

var (
	_ compute.Provisioner = (*Driver)(nil)
	_ compute.Lifecycle   = (*Driver)(nil)
)

// New returns a driver that is not open yet.
func New(o Options) *Driver {
	if o.Config == nil {
		o.Config = LoadConfig
	}
	d := &Driver{
		options: o, log: cmp.Or(o.Logger, slog.New(slog.DiscardHandler)),
		reports: fifo.New[batch.Report](), out: make(chan []batch.Report), work: fifo.New[func(context.Context)](),
		accounts: map[accountKey]*account{}, governors: map[string]*governor.Governor{}, environments: map[string]*environment{},
		hosts: map[string]*host{}, instances: map[string]*host{}, groups: map[string]*group{},
	}
	d.tasks = d.newTasks()
	return d
}

var validInstallation = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

// Open implements [compute.Lifecycle]. No account is called before an environment is provisioned.
func (d *Driver) Open(ctx context.Context) error {
	if !validInstallation.MatchString(d.options.Installation) {
		return fmt.Errorf("installation id %q: give 1 to 64 letters, digits and hyphens", d.options.Installation)
	}
	if d.end != nil {
		return errors.New("the driver was opened before")
	}
	ctx, d.end = context.WithCancel(context.WithoutCancel(ctx))
	d.opened = time.Now()
	d.run.Go(func() { d.reports.Forward(ctx.Done(), d.out) })
	d.run.Go(func() { d.beginAll(ctx) })
	d.tasks.Open(ctx)
	return nil
}

// Close implements [compute.Lifecycle]: instances and tasks go on. A call that is under way is given up; what it did is found by the next driver.
func (d *Driver) Close(context.Context) error {
	if d.end != nil {
		d.end()
	}
	d.tasks.Close()
	d.run.Wait()
	return nil
}

// Kinds implements [compute.Driver].
func (d *Driver) Kinds() []batch.Kind {
	return []batch.Kind{batch.EC2, batch.Spot, batch.Fargate, batch.FargateSpot, batch.Unmanaged}
}

// Reports implements [compute.Driver].
func (d *Driver) Reports() <-chan []batch.Report { return d.out }

func (d *Driver) say(said ...batch.Report) { d.reports.Put(said...) }
