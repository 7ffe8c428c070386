package docker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/retry"
)

var errNotOpen = errors.New("docker runner: not open")

// Start implements the verb of [compute.Driver].
func (r *Runner) Start(_ context.Context, starts []compute.Start) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.open {
		return errNotOpen
	}
	r.fitness.wanted()
	for _, s := range starts {
		a := r.attempts[s.Attempt]
		switch {
		case a == nil || a.phase == leftover:
			a = newAttempt(identityOf(s), s)
			r.attempts[s.Attempt] = a
			r.place(a)
		case a.phase == forgotten: // it was refused, and its container is still being removed
			a.again = &s
		case a.phase == waiting && !s.Ahead:
			r.leave(a)
			a.start.Ahead = false
			r.place(a)
		}
	}
	return nil
}

// Stop implements the verb of [compute.Driver]. The process that a container was started with gets the
// signal; it may hand it on.
func (r *Runner) Stop(_ context.Context, stops []compute.Stop) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.open {
		return errNotOpen
	}
	for _, s := range stops {
		a := r.attempts[s.Attempt]
		if a == nil {
			a = newAttempt(identity{attempt: s.Attempt}, compute.Start{})
			r.attempts[s.Attempt] = a
		}
		r.stop(a, s.Recall)
	}
	return nil
}

// stop ends a, or only recalls it, with mu held.
func (r *Runner) stop(a *attempt, recall bool) {
	switch a.phase {
	case leftover, waiting:
		r.endLocked(a, batch.Exit{Kind: batch.Recalled})
	case preparing:
		if !a.stopping {
			a.stopping = true
			close(a.recalled)
		}
	case launched:
		if !recall && !a.stopping {
			a.stopping = true
			r.spawn(func(ctx context.Context) { r.terminate(ctx, a) })
		}
	case forgotten:
		if a.again != nil {
			a.again = nil
			r.reports.Put(batch.AttemptExited{Exit: batch.Exit{Attempt: a.attempt, Kind: batch.Recalled, StoppedAt: now()}})
		}
	case ended:
	}
}

// terminate asks a's container to end, and makes it when the grace is over.
func (r *Runner) terminate(ctx context.Context, a *attempt) {
	select {
	case <-ctx.Done():
		return
	case <-a.done:
		return
	case <-a.running:
	}
	signal, wait := "SIGTERM", a.stopGrace
	for {
		err := within(ctx, requestTimeout, func(ctx context.Context) error {
			return r.daemon.ContainerKill(ctx, a.container, signal)
		})
		if err != nil {
			r.logger.Info("a container does not take a signal", "attempt", a.attempt, "signal", signal, "error", err)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-a.done:
		case <-timer.C:
			signal, wait = "SIGKILL", killAgain
			continue
		}
		timer.Stop()
		return
	}
}

// Forget implements the verb of [compute.Driver]. Containers are removed behind it.
func (r *Runner) Forget(_ context.Context, attempts []batch.AttemptID) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.open {
		return errNotOpen
	}
	for _, id := range attempts {
		a := r.attempts[id]
		if a == nil || a.phase != ended {
			continue
		}
		if a.container == "" {
			r.drop(id)
			continue
		}
		a.phase = forgotten
		r.spawn(func(ctx context.Context) { r.discard(ctx, a) })
	}
	return nil
}

// discard removes a's container and then knows nothing of a any more.
func (r *Runner) discard(ctx context.Context, a *attempt) {
	select {
	case <-ctx.Done():
		return
	case r.removals <- struct{}{}:
	}
	defer func() { <-r.removals }()
	for tries := 0; ; tries++ {
		err := untilAnswered(ctx, func(ctx context.Context) error { return r.daemon.remove(ctx, a.container, true) })
		if err != nil && tries == 0 {
			r.logger.Warn("a container cannot be removed; it is tried again", "container", a.container, "attempt", a.attempt, "error", err)
		}
		if err == nil {
			break
		}
		if tries >= removalTries {
			break // the next sweep finds it
		}
		if retry.Pause(ctx, reconnectWait<<tries) != nil {
			return
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drop(a.attempt)
	if a.again != nil {
		next := newAttempt(identityOf(*a.again), *a.again)
		r.attempts[a.attempt] = next
		r.place(next)
	}
}

// drop knows nothing of an attempt any more, with mu held.
func (r *Runner) drop(id batch.AttemptID) {
	delete(r.attempts, id)
	if r.listed && len(r.attempts) == 0 {
		r.marker.clear()
	}
}

// Census lists every attempt held; one that is being pulled, created or started counts as waiting. It fails
// while there may be containers of an earlier time and the daemon has not been reached since Open.
func (r *Runner) Census(ctx context.Context) ([]compute.Presence, error) {
	if err := r.list(ctx); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []compute.Presence
	for _, a := range r.attempts {
		if p, ok := presence(a); ok {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b compute.Presence) int {
		return cmp.Or(cmp.Compare(a.Attempt.Job, b.Attempt.Job), cmp.Compare(a.Attempt.Number, b.Attempt.Number))
	})
	return all, nil
}

// list reads the daemon's list if that was not possible since Open and it may hold attempts.
func (r *Runner) list(ctx context.Context) error {
	r.mu.Lock()
	listed := r.listed
	r.mu.Unlock()
	if listed || !r.marker.exists() {
		return nil
	}
	if err := r.sweep(ctx); err != nil {
		return fmt.Errorf("listing containers that may run: %w (if they are gone for good, remove %s)", r.daemon.explain(ctx, err), r.marker.path)
	}
	return nil
}

func presence(a *attempt) (compute.Presence, bool) {
	p := compute.Presence{Attempt: a.attempt, State: compute.WaitingAhead}
	switch a.phase {
	case forgotten:
		return p, a.again != nil
	case leftover, waiting, preparing:
	case launched:
		if a.started.At != 0 {
			p.State, p.Started = compute.Running, a.started
		}
	case ended:
		p.State, p.Exit = compute.Ended, a.exit
	}
	return p, true
}

// remove removes a container and its anonymous volumes. One that is gone, or going, is not an error.
func (d daemon) remove(ctx context.Context, id string, force bool) error {
	err := d.ContainerRemove(ctx, id, container.RemoveOptions{Force: force, RemoveVolumes: true})
	if gone(err) {
		return nil
	}
	return err
}
