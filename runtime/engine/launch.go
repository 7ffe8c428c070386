package engine

import (
	"context"
	"errors"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// launch has the driver launch hosts of one offer. What it refuses is reported, host by host; a driver that is called too often is
// asked again later.
func (m *mailbox) launch(ctx, calling context.Context, letters []letter, reports chan<- delivery) bool {
	launches := each(letters, func(o sched.LaunchHost) compute.Launch {
		return compute.Launch{Host: o.Host, Environment: o.Environment, Offer: o.Offer}
	})
	err := error(&compute.Refusal{Why: batch.Unsupported, Text: "the hosts of this driver are not launched by order"})
	if launcher, ok := m.driver.(compute.Launcher); ok {
		err = launcher.Launch(calling, launches)
	}
	var refusal *compute.Refusal
	if !errors.As(err, &refusal) || refusal.Why == batch.Throttled {
		return m.worked(ctx, verbLaunch, err)
	}
	facts := make([]sched.Fact, len(launches))
	for i, l := range launches {
		refused := batch.HostRefused{ID: l.Host, Why: refusal.Why, Text: refusal.Text}
		if !refusal.Until.IsZero() {
			refused.Until = batch.At(refusal.Until)
		}
		facts[i] = sched.Reported{Report: refused}
	}
	send(ctx, reports, delivery{from: m, facts: facts})
	return m.worked(ctx, verbLaunch, nil)
}

// release has the driver give hosts back.
func (m *mailbox) release(ctx, calling context.Context, letters []letter) bool {
	launcher, ok := m.driver.(compute.Launcher)
	if !ok {
		return true
	}
	hosts := each(letters, func(o sched.ReleaseHost) string { return o.Host })
	return m.worked(ctx, verbRelease, launcher.Release(calling, hosts))
}
