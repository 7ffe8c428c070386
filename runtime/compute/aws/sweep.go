package aws

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/governor"
)

// sweepInstances compares the instances of an account with the hosts that are known, until ctx ends: those of groups of which hosts
// are on their way often, and all of them now and then.
func (d *Driver) sweepInstances(ctx context.Context, a *account) {
	var swept time.Time
	failures := 0
	for wait := time.Duration(0); a.sweeps.wait(ctx, wait); {
		d.mu.Lock()
		groups := d.comingGroups(a)
		d.mu.Unlock()
		whole := time.Since(swept) >= instancesEvery || len(groups) > maxGroups
		var err error
		switch {
		case whole:
			swept = time.Now()
			err = d.sweepOnce(governor.In(ctx, governor.Sweep), a, nil)
		case len(groups) > 0:
			err = d.sweepOnce(governor.In(ctx, governor.Describe), a, groups)
		}
		wait = time.Until(swept.Add(instancesEvery))
		if len(groups) > 0 {
			wait = comingEvery
		}
		if failures++; err == nil {
			failures = 0
		} else if ctx.Err() == nil {
			d.log.Info("the instances of an account cannot be listed", "account", a.number, "region", a.region, "error", err)
		}
		if !pause(ctx, min(comingEvery, max(wait, 0))) { // a bell that rings all the time does not make it sweep all the time
			return
		}
		wait = max(wait-comingEvery, backoff.After(failures), 0)
	}
}

// comingGroups returns the ids of the groups of which hosts are on their way in a, in order. The mutex is held.
func (d *Driver) comingGroups(a *account) (ids []string) {
	for id, g := range d.groups {
		for _, h := range g.hosts {
			if h.stage.Coming() && d.accountOf(h) == a {
				ids = append(ids, id)
				break
			}
		}
	}
	slices.Sort(ids)
	return ids
}

// sweepOnce lists the instances of this installation once: those of groups, or all of them.
func (d *Driver) sweepOnce(ctx context.Context, a *account, groups []string) error {
	began := time.Now()
	var filters []ec2types.Filter
	if groups != nil {
		filters = append(filters, where("tag:"+tagGroup, groups...))
	}
	found, err := d.instancesIn(ctx, a, filters...)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	seen := map[string]bool{}
	missing := map[*group][]instance{}
	for i := range found {
		one := &found[i]
		id := aws.ToString(one.InstanceId)
		seen[id] = true
		if h := d.instances[id]; h != nil {
			d.see(a, h, one)
			continue
		}
		if g := d.groups[tagOf(one.Tags, tagGroup)]; g != nil && alive(one) && g.environment.account == a {
			missing[g] = append(missing[g], instance{id, poolOfInstance(one)})
			continue
		}
		d.reapInstance(a, one)
	}
	for g, instances := range missing {
		d.assign(g, instances)
	}
	if groups == nil {
		d.missed(a, seen, began)
		d.forgetGone()
	}
	return nil
}

// instancesIn reads the instances with the tag of this installation, and more filters.
func (d *Driver) instancesIn(ctx context.Context, a *account, filters ...ec2types.Filter) (found []ec2types.Instance, err error) {
	pages := ec2.NewDescribeInstancesPaginator(a.ec2, &ec2.DescribeInstancesInput{
		Filters: append(filters, where("tag:"+tagInstallation, d.options.Installation)), MaxResults: aws.Int32(1000),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, r := range page.Reservations {
			found = append(found, r.Instances...)
		}
	}
	return found, nil
}

// see notes the state of the instance of a host. The mutex is held.
func (d *Driver) see(a *account, h *host, one *ec2types.Instance) {
	h.misses = 0
	h.address = aws.ToString(one.PrivateIpAddress)
	switch {
	case h.gone():
		if alive(one) && time.Since(h.goneAt) > strangerAfter {
			d.endInstance(a, h.instance, "its host is gone")
		}
	case !alive(one):
		d.log.Info("an instance has ended", "instance", h.instance, "host", h.id, "why", stateReason(one))
		d.noteInterrupted(h, one)
		d.leaves(h)
	case one.State.Name == ec2types.InstanceStateNameStopping || one.State.Name == ec2types.InstanceStateNameStopped:
		d.endInstance(a, h.instance, "it was stopped") // a stopped instance has no tasks, and its volumes cost money
		d.leaves(h)
	case one.State.Name == ec2types.InstanceStateNameRunning && h.stage == batch.Launching:
		h.stage = batch.Joining
		d.say(h.coming())
		h.environment.watch.ring()
	}
}

// noteInterrupted says that a host was taken back by its pool, so that the pool is not asked again at once. The mutex is held.
func (d *Driver) noteInterrupted(h *host, one *ec2types.Instance) {
	if one.StateReason != nil && aws.ToString(one.StateReason.Code) == "Server.SpotInstanceTermination" && !h.closing {
		h.closing = true
		d.say(batch.HostClosing{ID: h.id, Why: batch.Interrupted, By: batch.At(time.Now())})
	}
}

// missed counts how often instances were not seen, and gives up those that do not exist. The mutex is held.
func (d *Driver) missed(a *account, seen map[string]bool, began time.Time) {
	for _, h := range d.hosts {
		if h.group == nil || h.gone() || h.instance == "" || d.accountOf(h) != a || seen[h.instance] || began.Sub(h.launchedAt) < visibleAfter {
			continue
		}
		if h.misses++; h.misses >= missesUntilGone {
			d.log.Warn("an instance does not exist any longer", "instance", h.instance, "host", h.id)
			d.leaves(h)
		}
	}
}

// alive reports whether an instance costs money or may again.
func alive(i *ec2types.Instance) bool {
	return i.State != nil && i.State.Name != ec2types.InstanceStateNameTerminated && i.State.Name != ec2types.InstanceStateNameShuttingDown
}

func stateReason(i *ec2types.Instance) string {
	if i.StateReason == nil {
		return ""
	}
	return aws.ToString(i.StateReason.Code) + ": " + aws.ToString(i.StateReason.Message)
}

func poolOfInstance(i *ec2types.Instance) batch.Pool {
	pool := batch.Pool{Type: string(i.InstanceType), Market: batch.OnDemand}
	if i.Placement != nil {
		pool.Zone = aws.ToString(i.Placement.AvailabilityZone)
	}
	if i.InstanceLifecycle == ec2types.InstanceLifecycleTypeSpot {
		pool.Market = batch.SpotMarket
	}
	return pool
}
