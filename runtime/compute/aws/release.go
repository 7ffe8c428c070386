package aws

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/governor"
)

// Release implements [compute.Launcher].
func (d *Driver) Release(_ context.Context, hosts []string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, id := range hosts {
		h := d.hosts[id]
		switch {
		case h == nil:
			d.hosts[id] = &host{id: id, stage: batch.Gone, goneAt: time.Now()}
		case h.gone() || h.group == nil: // a host that was not launched cannot be given back
		default:
			h.stage = batch.Releasing
			d.endReleased(h.environment)
		}
	}
	return nil
}

// endReleased ends the instances of hosts that were given back. A host without an instance is gone at once: an instance that comes for
// it nevertheless is one too many. So is a host that was not launched, because its instance is a user's own. The mutex is held.
func (d *Driver) endReleased(e *environment) {
	for _, h := range d.hostsOf(e) {
		switch {
		case h.stage != batch.Releasing:
		case h.instance == "" || h.group == nil:
			d.leaves(h)
		case d.accountOf(h) != nil:
			d.endInstance(d.accountOf(h), h.instance, "its host was given back")
		}
	}
}

// endInstance has an instance ended. The mutex is held.
func (d *Driver) endInstance(a *account, id, why string) {
	if _, known := a.ending[id]; known {
		return
	}
	d.log.Info("an instance is ended", "instance", id, "why", why)
	a.ending[id] = why
	a.ends.ring()
}

// endInstances ends the instances of a that are to be ended, until ctx ends.
func (d *Driver) endInstances(ctx context.Context, a *account) {
	for failures := 0; ; {
		d.mu.Lock()
		ids := slices.Sorted(maps.Keys(a.ending))
		d.mu.Unlock()
		wait := time.Hour // or until there is one
		if len(ids) > 0 {
			if d.terminate(ctx, a, ids[:min(len(ids), maxEnded)]) {
				failures = 0
				continue
			}
			failures++
			wait = backoff.After(failures)
		}
		if !a.ends.wait(ctx, wait) {
			return
		}
	}
}

// terminate ends instances, all at once and then each alone: one that does not exist makes the call fail for all. It reports whether any of them has
// been ended.
func (d *Driver) terminate(ctx context.Context, a *account, ids []string) bool {
	err := d.terminateOnce(ctx, a, ids)
	if err == nil {
		return true
	}
	if !isCode(err, "InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed") || len(ids) == 1 {
		d.log.Warn("instances are not ended yet", "instances", ids, "error", err)
		return false
	}
	some := false
	for _, id := range ids {
		some = d.terminateOnce(ctx, a, []string{id}) == nil || some
	}
	return some
}

func (d *Driver) terminateOnce(ctx context.Context, a *account, ids []string) error {
	_, err := a.ec2.TerminateInstances(governor.Counting(governor.In(ctx, governor.Stop), len(ids)), &ec2.TerminateInstancesInput{InstanceIds: ids})
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil && !(len(ids) == 1 && isCode(err, "InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed") && d.isOld(ids[0])) {
		return err
	}
	for _, id := range ids {
		delete(a.ending, id)
		if h := d.instances[id]; h != nil {
			d.leaves(h)
		}
	}
	return nil
}

// isOld reports whether an instance that a call does not find does not exist: one that was launched a moment ago may not be visible
// yet. The mutex is held.
func (d *Driver) isOld(id string) bool {
	h := d.instances[id]
	return h == nil || time.Since(h.launchedAt) > visibleAfter
}
