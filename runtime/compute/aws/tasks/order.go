package tasks

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// Start implements the verb of [compute.Driver].
func (r *Runner) Start(starts []compute.Start) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range starts {
		a := r.attempts[s.Attempt]
		switch {
		case a == nil:
			a = newAttempt(s.Attempt)
			a.order, a.host, a.label.baseKey = s, s.Host, s.BaseKey
			r.attempts[a.id] = a
			r.place(a)
		case a.phase == waiting && !s.Ahead:
			r.leave(a)
			a.order.Ahead = false
			r.place(a)
		}
	}
}

// Stop implements the verb of [compute.Driver].
func (r *Runner) Stop(stops []compute.Stop) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range stops {
		a := r.attempts[s.Attempt]
		if a == nil {
			a = newAttempt(s.Attempt)
			r.attempts[a.id] = a
			r.seek(a, s.Recall)
			continue
		}
		r.stop(a, s.Recall)
	}
}

// seek is for an attempt that nobody has ordered here and that is to be stopped. It is recalled if there is no task of it. The mutex is held.
func (r *Runner) seek(a *attempt, recall bool) {
	lists := r.lists()
	if len(lists) == 0 {
		r.finish(a, batch.Exit{Kind: batch.Recalled})
		return
	}
	a.stopping = !recall
	r.spawn(func(ctx context.Context) {
		if untilClosed(ctx, lists) != nil {
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		if a.phase == sought {
			r.finish(a, batch.Exit{Kind: batch.Recalled})
		}
	})
}

// stop ends a, or only recalls it. The mutex is held.
func (r *Runner) stop(a *attempt, recall bool) {
	switch a.phase {
	case waiting:
		r.finish(a, batch.Exit{Kind: batch.Recalled})
	case preparing:
		close(a.recalled)
		r.finish(a, batch.Exit{Kind: batch.Recalled})
	case sought, asked:
		a.stopping = a.stopping || !recall // its task is stopped when it is known
	case begun:
		if !recall && !a.stopping {
			a.stopping = true
			r.spawn(func(ctx context.Context) { r.terminate(ctx, a) })
		}
	case finishing, ended:
	}
}

// Forget implements the verb of [compute.Driver].
func (r *Runner) Forget(attempts []batch.AttemptID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range attempts {
		if a := r.attempts[id]; a != nil && a.phase == ended {
			delete(r.attempts, id)
			r.ignore(a.task)
		}
	}
}

// Census lists every attempt that the runner holds. It knows of attempts of before a restart once their cluster is listed. An attempt
// of a host that is gone is left out until it is known how it ended.
func (r *Runner) Census(gone func(host string) bool) []compute.Presence {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]compute.Presence, 0, len(r.attempts))
	for _, a := range r.attempts {
		lost := a.phase != ended && gone != nil && gone(a.label.host)
		if a.phase != sought && !lost {
			all = append(all, presence(a))
		}
	}
	slices.SortFunc(all, func(a, b compute.Presence) int {
		return cmp.Or(cmp.Compare(a.Attempt.Job, b.Attempt.Job), cmp.Compare(a.Attempt.Number, b.Attempt.Number))
	})
	return all
}

// Listed reports whether the tasks of a cluster were listed, those that had stopped before included.
func (r *Runner) Listed(arn string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.clusters[arn]
	return c != nil && c.isListed()
}

// Held is what the attempts of a host hold.
func (r *Runner) Held(host string) (sum batch.Shape) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range r.attempts {
		if a.label.host == host && a.phase == begun {
			sum = sum.Plus(a.holds)
		}
	}
	return sum
}

// presence is what a census says of a. One whose task has not started yet waits.
func presence(a *attempt) compute.Presence {
	switch {
	case a.phase == ended:
		return compute.Presence{Attempt: a.id, State: compute.Ended, Exit: a.exit}
	case a.started.At != 0:
		return compute.Presence{Attempt: a.id, State: compute.Running, Started: a.started}
	default:
		return compute.Presence{Attempt: a.id, State: compute.WaitingAhead}
	}
}

// lists are closed when all clusters that are watched were listed once. The mutex is held.
func (r *Runner) lists() []chan struct{} {
	var all []chan struct{}
	for c := range maps.Values(r.clusters) {
		all = append(all, c.listed)
	}
	return all
}

func untilClosed(ctx context.Context, channels []chan struct{}) error {
	for _, c := range channels {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-c:
		}
	}
	return nil
}
