//go:build linux || darwin

package local

import (
	"context"
	"fmt"
	"sync"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// noDocker is why nothing can run attempts with an image.
const noDocker = "Docker is not reachable on this machine; start it (or set DOCKER_HOST) and start batchd again, or leave the image out of the job definition, so that the command runs as a process"

// routes remembers which attempts are containers: an attempt's id does not say.
type routes struct {
	mu         sync.Mutex
	learned    bool // containers holds what ran before this driver, too
	containers map[batch.AttemptID]struct{}
	// refused are attempts that never were given to anyone, and stops for attempts nobody knew: they are
	// not to be started. They live in memory: after a restart the scheduler orders again what is not held.
	refused map[batch.AttemptID]batch.Exit
}

// learn makes sure that containers of a former driver are known.
func (d *Driver) learn(ctx context.Context) error {
	r := &d.routes
	if r.learned || d.options.Containers == nil {
		return nil
	}
	held, err := d.options.Containers.Census(ctx)
	if err != nil {
		return fmt.Errorf("asking which containers run: %w", err)
	}
	for _, p := range held {
		r.containers[p.Attempt] = struct{}{}
	}
	r.learned = true
	return nil
}

func (d *Driver) startContainers(ctx context.Context, starts []compute.Start) error {
	r := &d.routes
	r.mu.Lock()
	defer r.mu.Unlock()
	var wanted []compute.Start
	for _, s := range starts {
		if _, refused := r.refused[s.Attempt]; refused {
			continue
		}
		if d.options.Containers != nil {
			r.containers[s.Attempt] = struct{}{}
			wanted = append(wanted, s)
			continue
		}
		d.refuseOne(&s, compute.OfMachine.NotStarted(noDocker))
	}
	if len(wanted) == 0 {
		return nil
	}
	return d.options.Containers.Start(ctx, wanted)
}

// refuse reports those of starts that are for a runner which cannot be given anything as refused by this machine.
func (d *Driver) refuse(starts []compute.Start, runner batch.Runner, reason string) {
	r := &d.routes
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range starts {
		s := &starts[i]
		if _, refused := r.refused[s.Attempt]; !refused && batch.RunnerOf(s.Container.Image != "") == runner {
			d.refuseOne(s, compute.OfMachine.NotStarted(reason))
		}
	}
}

// refuseJob reports a start that is not given to anyone, because of what its job asks for.
func (d *Driver) refuseJob(s *compute.Start, reason string) {
	d.routes.mu.Lock()
	defer d.routes.mu.Unlock()
	d.refuseOne(s, compute.OfJob.NotStarted(reason))
}

// refuseOne reports how a start ended that was not given to anyone, with the lock held.
func (d *Driver) refuseOne(s *compute.Start, exit batch.Exit) {
	exit.Attempt, exit.BaseKey = s.Attempt, s.BaseKey
	d.routes.refused[s.Attempt] = exit
	d.say(batch.AttemptExited{Exit: exit})
}

// routeStops says who is to stop what. An attempt that is not a container is the holder's, which
// remembers those it does not know; a container of that id must not start either.
//
// While it is not known which containers run, what is not ordered for a process is left out: the scheduler gives the order
// again when a census lists the attempt.
func (d *Driver) routeStops(ctx context.Context, stops []compute.Stop) (processes, containers []compute.Stop) {
	r := &d.routes
	r.mu.Lock()
	defer r.mu.Unlock()
	unknown := d.learn(ctx)
	for _, s := range stops {
		if _, ok := r.containers[s.Attempt]; ok {
			containers = append(containers, s)
		} else if unknown != nil && s.Runner != batch.Processes {
			d.options.Logger.Info("an attempt is not stopped before it is known whether it is a container", "attempt", s.Attempt.String(), "error", unknown)
		} else if exit, ok := r.refused[s.Attempt]; !ok || exit.Kind == batch.Recalled {
			r.refused[s.Attempt] = batch.Exit{Attempt: s.Attempt, Kind: batch.Recalled}
			processes = append(processes, s)
		}
	}
	return processes, containers
}

// routeForgets says who is to forget what. A container that is not known yet is forgotten when it is found: the scheduler does not
// know its attempt any more.
func (d *Driver) routeForgets(ctx context.Context, attempts []batch.AttemptID) (processes, containers []batch.AttemptID) {
	r := &d.routes
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = d.learn(ctx) // it is tried again with the next order
	for _, id := range attempts {
		exit, refused := r.refused[id]
		delete(r.refused, id)
		if _, ok := r.containers[id]; ok {
			delete(r.containers, id)
			containers = append(containers, id)
		} else if !refused || exit.Kind == batch.Recalled {
			processes = append(processes, id)
		}
	}
	return processes, containers
}

// containerCensus lists containers, and attempts that were refused here.
func (d *Driver) containerCensus(ctx context.Context) ([]compute.Presence, error) {
	r := &d.routes
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []compute.Presence
	var err error
	if d.options.Containers != nil {
		if all, err = d.options.Containers.Census(ctx); err != nil {
			err = fmt.Errorf("asking which containers run: %w", err)
		}
		for _, p := range all {
			r.containers[p.Attempt] = struct{}{}
		}
		r.learned = r.learned || err == nil
	}
	for id, exit := range r.refused {
		if exit.Kind != batch.Recalled { // the holder lists those
			all = append(all, compute.Presence{Attempt: id, State: compute.Ended, Exit: exit})
		}
	}
	return all, err
}
