//go:build linux || darwin

package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/local/holder"
	"github.com/batchd/terraform-provider-batch/runtime/compute/local/process"
	"github.com/batchd/terraform-provider-batch/runtime/fifo"
)

// Driver runs attempts on this machine. It implements [compute.Driver], [compute.Lifecycle] and
// [compute.ImageResolver].
type Driver struct {
	options Options
	link    *link
	scripts *scripts
	reports *fifo.Queue[batch.Report]
	out     chan []batch.Report // where they are received
	routes  routes
	faults  *faults
	run     sync.WaitGroup
	done    chan struct{}
	err     error // why the options cannot work; told by Open
}

var (
	_ compute.Driver        = (*Driver)(nil)
	_ compute.Lifecycle     = (*Driver)(nil)
	_ compute.ImageResolver = (*Driver)(nil)
)

// New returns a driver that is not open yet.
func New(o Options) *Driver {
	d := &Driver{reports: fifo.New[batch.Report](), out: make(chan []batch.Report), done: make(chan struct{})}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Hostname == "" {
		o.Hostname, d.err = os.Hostname()
	}
	if dir, err := filepath.Abs(o.StateDir); err != nil || o.StateDir == "" {
		d.err = fmt.Errorf("state directory %q: give the path of a directory: %w", o.StateDir, errors.Join(err, os.ErrInvalid))
	} else {
		o.StateDir = dir
	}
	if len(o.HolderCommand) == 0 {
		d.err = errors.New("the holder's command is empty; give the argv that runs it")
	}
	d.options = o
	d.routes = routes{containers: map[batch.AttemptID]struct{}{}, refused: map[batch.AttemptID]batch.Exit{}}
	d.faults = newFaults(d.say)
	d.scripts = newScripts(o.StateDir, func(reason string) { d.faults.set(byScripts, batch.Processes, reason) })
	d.link = newLink(o, d.say, d.faults, d.resized)
	return d
}

// Open implements [compute.Lifecycle]. It reports the host, and connects to the holder if one runs
// or left attempts behind; otherwise one is started when it is first needed. A driver is opened once.
func (d *Driver) Open(ctx context.Context) error {
	if d.err != nil {
		return d.err
	}
	if err := os.MkdirAll(d.options.StateDir, 0o700); err != nil {
		return fmt.Errorf("making the state directory: %w", err)
	}
	if c := d.options.Containers; c != nil {
		if err := c.Open(ctx); err != nil {
			return fmt.Errorf("opening the container runner: %w", err)
		}
		d.run.Go(func() { d.relay(c.Reports()) })
	}
	d.run.Go(func() { d.reports.Forward(d.done, d.out) })
	d.run.Go(func() { d.scripts.watch(d.done) })
	if d.options.Containers == nil {
		d.faults.set(byDocker, batch.Containers, noDocker)
	}
	d.resized()
	if err := d.link.open(ctx); err != nil {
		return errors.Join(err, d.Close(ctx))
	}
	return nil
}

// Close implements [compute.Lifecycle]: attempts go on.
func (d *Driver) Close(ctx context.Context) error {
	err := d.link.close()
	close(d.done)
	d.run.Wait()
	if c := d.options.Containers; c != nil {
		err = errors.Join(err, c.Close(ctx))
	}
	return err
}

// relay passes on what the container runner says.
func (d *Driver) relay(from <-chan []batch.Report) {
	for {
		select {
		case <-d.done:
			return
		case said, ok := <-from:
			if !ok {
				return
			}
			d.pass(said)
		}
	}
}

// pass says what the container runner says. A fault is kept for the census, too.
func (d *Driver) pass(said []batch.Report) {
	for _, r := range said {
		if f, ok := r.(batch.HostFault); ok {
			d.faults.set(byDocker, f.Runner, f.Reason)
			continue
		}
		d.say(r)
	}
}

// resized says how large this machine is, when it is opened and when a holder with other limits is there.
func (d *Driver) resized() { d.say(batch.HostReady{Host: d.host()}) }

func (d *Driver) say(said ...batch.Report) { d.reports.Put(said...) }

// Reports implements [compute.Driver].
func (d *Driver) Reports() <-chan []batch.Report { return d.out }

// Kinds implements [compute.Driver].
func (d *Driver) Kinds() []batch.Kind { return []batch.Kind{batch.Local} }

// Start implements [compute.Driver].
func (d *Driver) Start(ctx context.Context, starts []compute.Start) error {
	var processes []holder.Start
	var containers []compute.Start
	for i := range starts {
		s := &starts[i]
		if asks := s.Container.OnlyECS(); asks != "" {
			d.refuseJob(s, "CannotStartContainerError: "+asks+" cannot be had on this machine; use a job queue of compute environments in an AWS account")
			continue
		}
		if s.Container.Image != "" {
			containers = append(containers, *s)
			continue
		}
		if why := d.refusal(s.Container.User); why != "" {
			d.refuseJob(s, why)
			continue
		}
		order, err := d.order(s)
		if err != nil {
			d.refuse(starts[i:i+1], batch.Processes, err.Error())
			continue
		}
		processes = append(processes, order)
	}
	if len(processes) > 0 {
		if err := d.link.start(ctx, processes); err != nil {
			d.refuse(starts, batch.Processes, err.Error())
		}
	}
	if len(containers) == 0 {
		return nil
	}
	return d.startContainers(ctx, containers)
}

// order makes an order for the holder, whose script lies where the holder finds it.
func (d *Driver) order(s *compute.Start) (holder.Start, error) {
	c := &s.Container
	script, err := d.scripts.store(c.Script)
	return holder.Start{
		Attempt: s.Attempt, Lane: s.Lane, Ahead: s.Ahead, Command: c.Command, Script: script,
		Environment: s.Environment, Directory: c.WorkingDirectory, User: cmp.Or(c.User, d.options.RunAs.User), Users: d.options.RunAs.Range,
		Confined: d.options.RunAs != process.RunAs{}, MemoryMiB: c.Shape.MemoryMiB, Grace: s.StopGrace, BaseKey: s.BaseKey,
	}, err
}

// refusal says why no process may run as the user that a job definition names; empty if one may.
func (d *Driver) refusal(user string) string {
	if d.options.RunAs == (process.RunAs{}) || user == "" || user == d.options.RunAs.User {
		return ""
	}
	return fmt.Sprintf("CannotStartContainerError: user %q: this runtime is served with --run-as, and every process runs as the user that it names; leave the user out of the job definition", user)
}

// Stop implements [compute.Driver].
func (d *Driver) Stop(ctx context.Context, stops []compute.Stop) error {
	var err error
	processes, containers := d.routeStops(ctx, stops)
	if len(processes) > 0 {
		err = d.link.do(ctx, holder.Request{Stops: processes})
	}
	if len(containers) > 0 {
		err = errors.Join(err, d.options.Containers.Stop(ctx, containers))
	}
	return err
}

// Forget implements [compute.Driver].
func (d *Driver) Forget(ctx context.Context, attempts []batch.AttemptID) error {
	var err error
	processes, containers := d.routeForgets(ctx, attempts)
	if len(processes) > 0 {
		err = d.link.do(ctx, holder.Request{Forget: processes})
	}
	if len(containers) > 0 {
		err = errors.Join(err, d.options.Containers.Forget(ctx, containers))
	}
	return err
}

// Census implements [compute.Driver].
func (d *Driver) Census(ctx context.Context) (compute.Census, error) {
	unlisted := map[batch.Runner]bool{}
	processes, err := d.link.census(ctx)
	if unlisted[batch.Processes] = err != nil; err != nil && d.faults.isWell(batch.Processes) {
		return compute.Census{}, err // it is asked again
	}
	containers, containerErr := d.containerCensus(ctx)
	unlisted[batch.Containers] = containerErr != nil
	if err = errors.Join(err, containerErr); err != nil { // a runner that cannot be asked does not hold back the other
		d.options.Logger.Info("the census is not whole", "error", err)
	}
	faults := d.faults.list()
	for i := range faults {
		faults[i].Unlisted = unlisted[faults[i].Runner]
	}
	return compute.Census{Hosts: []batch.Host{d.host()}, Faults: faults, Attempts: append(processes, containers...)}, nil
}

// ImageDigest implements [compute.ImageResolver]; without a container runner no image is known.
func (d *Driver) ImageDigest(ctx context.Context, image string) (string, error) {
	if d.options.Containers == nil {
		return "", nil
	}
	return d.options.Containers.ImageDigest(ctx, image)
}

// EndHolder kills every process attempt and ends the holder, and waits until it is gone. The exits
// stay in the state directory for the next one. Without a holder it does nothing.
func (d *Driver) EndHolder(ctx context.Context) error { return d.link.endHolder(ctx) }
