package docker

import (
	"context"
	"fmt"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/api/types/filters"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// watch keeps what is known in step with the daemon: events at once, its whole list now and then
// and whenever it comes back.
func (r *Runner) watch(ctx context.Context) {
	reachable := true
	answered := func() {
		if !reachable {
			r.logger.Info("Docker answers again", "host", r.daemon.DaemonHost())
		}
		reachable = true
		r.fitness.answers()
	}
	for {
		err := r.watchOnce(ctx, answered)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			continue
		}
		if brokenOff(err) {
			r.absence.begin()
			err = fmt.Errorf("Docker at %s has ended the connection: %w", r.daemon.DaemonHost(), err) //nolint:staticcheck // a proper name begins it
		}
		if reachable {
			r.logger.Info("watching containers", "error", err)
		}
		reachable = false
		r.fitness.unreachable(err.Error())
		if !r.fitness.await(ctx) {
			return
		}
	}
}

// watchOnce listens for a while. It begins to listen before it reads the list, so that nothing falls between. Its error is explained.
func (r *Runner) watchOnce(ctx context.Context, answered func()) error {
	mark := r.absence.asking()
	if _, err := r.daemon.version(ctx); err != nil { // the client's Events relies on the API's version being settled
		return err
	}
	r.absence.answered(mark)
	listening, cancel := context.WithTimeout(ctx, sweepEvery)
	defer cancel()
	messages, errs := r.daemon.Events(listening, events.ListOptions{Filters: filters.NewArgs(
		filters.Arg("type", string(events.ContainerEventType)),
		filters.Arg("event", string(events.ActionDie)), filters.Arg("event", string(events.ActionOOM)), r.ours())})
	if err := r.sweep(ctx); err != nil {
		return r.daemon.explain(ctx, err)
	}
	answered()
	look := time.NewTicker(pingEvery)
	defer look.Stop()
	for {
		select {
		case <-look.C: // the events of a daemon that hangs do not end
			if !r.isUsed() {
				continue
			}
			if err := r.daemon.ping(ctx); err != nil {
				return err
			}
		case <-r.fitness.wake: // a start was refused: is the daemon there?
			return nil
		case m := <-messages:
			r.notice(m.Action, m.Actor.ID)
		case err := <-errs:
			if listening.Err() != nil {
				return nil
			}
			return r.daemon.explain(ctx, err)
		}
	}
}

// isUsed reports whether containers are wanted or run.
func (r *Runner) isUsed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range r.attempts {
		if a.phase > leftover && a.phase < ended {
			return true
		}
	}
	return false
}

func (r *Runner) ours() filters.KeyValuePair {
	return filters.Arg("label", labelInstallation+"="+r.installation)
}

// notice deals with an event of a container.
func (r *Runner) notice(action events.Action, container string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range r.attempts {
		if a.container != container || a.phase != launched {
			continue
		}
		if action == events.ActionDie {
			a.endSoon()
		} else if !a.oom {
			a.oom = true
			close(a.starved)
		}
		return
	}
}

// endSoon gives the output of an ended container a moment to come to its end by itself.
func (a *attempt) endSoon() {
	if cut := a.cut; cut != nil {
		time.AfterFunc(drainWait, cut)
	}
}

// sweep compares the daemon's list with what is known.
func (r *Runner) sweep(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	list, err := r.daemon.ContainerList(ctx, container.ListOptions{All: true, Filters: filters.NewArgs(r.ours())})
	if err != nil {
		return err
	}
	for _, c := range list {
		id, err := parseIdentity(c.Labels)
		if err != nil {
			r.logger.Warn("a container of this runtime is not understood and left alone", "container", c.ID, "error", err)
			continue
		}
		if err := r.compare(ctx, c, id); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.listed = true
	if len(list) == 0 && len(r.attempts) == 0 {
		r.marker.clear()
	}
	return nil
}

// compare deals with one container of the list.
func (r *Runner) compare(ctx context.Context, c container.Summary, id identity) error {
	r.mu.Lock()
	a := r.attempts[id.attempt]
	known := a != nil && a.phase != leftover
	if known {
		if a.phase == launched && a.container == c.ID && c.State == container.StateExited {
			a.endSoon()
		}
		if a.phase == ended && a.container == "" { // created after all, although the daemon did not answer
			a.container = c.ID
		}
	}
	r.mu.Unlock()
	switch {
	case known || c.State == container.StateRemoving:
		return nil
	case c.State == container.StateDead: // a removal of it was begun and did not come to its end
		err := r.daemon.remove(ctx, c.ID, true)
		if err == nil || lost(err) {
			return err
		}
		r.logger.Warn("a dead container cannot be removed; the next look at the list tries again", "container", c.ID, "attempt", id.attempt, "error", err)
		return nil
	case c.State != container.StateCreated:
		return r.adopt(ctx, c.ID, id)
	default:
		r.keepLeftover(c.ID, id)
		return nil
	}
}

// keepLeftover remembers a container that was created and never started. The next census lists it as waiting: the scheduler orders
// its attempt again, or stops it, and then it is removed.
func (r *Runner) keepLeftover(container string, id identity) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.attempts[id.attempt] == nil {
		a := newAttempt(id, compute.Start{})
		a.container = container
		r.attempts[id.attempt] = a
	}
}

// adopt takes over a container that an earlier batchd started. It inspects first: the list may be older than
// the removal of what it names.
func (r *Runner) adopt(ctx context.Context, container string, id identity) error {
	a := newAttempt(id, compute.Start{})
	a.container = container
	state, err := r.daemon.ContainerInspect(ctx, container)
	if gone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	startedAt := timeOf(state.State.StartedAt)
	if startedAt == 0 {
		r.keepLeftover(container, id)
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if old := r.attempts[id.attempt]; !r.open || old != nil && old.phase != leftover {
		return nil
	}
	r.attempts[id.attempt] = a
	a.found = true
	a.over = !state.State.Running && !state.State.Restarting
	r.take(a, startedAt)
	return nil
}

// take gives a, which runs since at, its place in its lane and somebody who attends it, with mu held.
func (r *Runner) take(a *attempt, at batch.Time) {
	r.lane(a.lane).busy++
	a.phase = launched
	r.nowRunning(a, at)
	r.spawn(func(ctx context.Context) { r.attend(ctx, a) })
}
