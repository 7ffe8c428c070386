package aws

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/governor"
)

// Retire implements [compute.Provisioner].
func (d *Driver) Retire(_ context.Context, retirements []compute.Retirement) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, r := range retirements {
		e := d.environments[r.Environment.UUID]
		if e == nil {
			e = &environment{uuid: r.Environment.UUID, row: r.Environment}
			d.environments[e.uuid] = e
		}
		if e.retired {
			continue
		}
		e.retired = true
		for _, h := range d.hostsOf(e) {
			h.stage = batch.Releasing
		}
		d.endReleased(e)
		if e.watch != nil {
			e.watch.ring()
		}
		if !e.busy { // otherwise the goroutine that provisions it goes on with this
			e.busy = true
			d.begin(func(ctx context.Context) { d.retire(ctx, e) })
		}
	}
	d.told = true
	return nil
}

// retire removes what was made for e, until nothing is left.
func (d *Driver) retire(ctx context.Context, e *environment) {
	empty := 0
	for failures := 0; empty < emptyLooks; {
		left, err := d.retireOnce(ctx, e)
		wait := emptyEvery
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			d.log.Warn("an environment is not removed yet", "environment", e.name(), "error", err)
			failures++
			empty, wait = 0, max(wait, backoff.After(failures))
		case left:
			empty = 0
		default:
			empty++
		}
		if empty < emptyLooks && !pause(ctx, wait) {
			return
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, h := range d.hostsOf(e) {
		d.leaves(h)
	}
	delete(d.environments, e.uuid)
	d.unwatchTasks(e)
	d.say(batch.EnvironmentRetired{Name: e.name(), UUID: e.uuid})
}

// retireOnce removes what can be removed now, and reports whether anything was found.
func (d *Driver) retireOnce(ctx context.Context, e *environment) (left bool, err error) {
	r := resourcesOf(&e.row)
	a, err := d.account(ctx, accountKey{r.Profile, r.Region})
	if err != nil {
		return true, err
	}
	d.mu.Lock()
	e.account = a
	d.endReleased(e)
	asking := d.anyAsking(e)
	d.mu.Unlock()
	if e.launches() {
		if left, err = d.endAll(ctx, a, e); left || asking || err != nil {
			return true, err
		}
	}
	b := &builder{d, a, &e.row, r}
	definitions := func(ctx context.Context) (bool, error) { return d.removeDefinitions(ctx, e) }
	for _, remove := range []func(context.Context) (bool, error){b.removeTemplates, definitions, b.removeCluster, b.removeProfile} {
		found, err := remove(ctx)
		if left = left || found; err != nil {
			return true, err
		}
	}
	return left, d.endLease(ctx, a)
}

// anyAsking reports whether a call that launches for e may be under way. The mutex is held.
func (d *Driver) anyAsking(e *environment) bool {
	for _, g := range d.groups {
		if g.environment == e && g.asking {
			return true
		}
	}
	return false
}

// endAll ends all instances of e, and reports whether there were any that have not ended.
func (d *Driver) endAll(ctx context.Context, a *account, e *environment) (left bool, err error) {
	found, err := d.instancesIn(ctx, a, where("tag:"+tagEnvironment, e.uuid), where("instance-state-name", "pending", "running", "shutting-down", "stopping", "stopped"))
	if err != nil {
		return true, fmt.Errorf("listing its instances: %w", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range found {
		if alive(&found[i]) {
			d.endInstance(a, aws.ToString(found[i].InstanceId), "its environment goes")
		}
	}
	return len(found) > 0, nil
}

func (b *builder) removeTemplates(ctx context.Context) (bool, error) {
	if b.row.Kind != batch.EC2 && b.row.Kind != batch.Spot {
		return false, nil
	}
	found, err := b.describeTemplates(ctx)
	for _, t := range found {
		if err := b.account.deleteTemplate(ctx, aws.ToString(t.LaunchTemplateId)); err != nil {
			return true, fmt.Errorf("removing the launch template %s: %w", aws.ToString(t.LaunchTemplateName), err)
		}
	}
	return len(found) > 0, err
}

// removeCluster removes the cluster that was made for the environment. Container instances of a user's own in the cluster of an
// UNMANAGED environment are not touched: the cluster stays with them.
func (b *builder) removeCluster(ctx context.Context) (bool, error) {
	if b.resources.ECSCluster != "" {
		return false, nil
	}
	name := clusterName(b.row)
	found, err := b.account.ecs.DescribeClusters(ctx, &ecs.DescribeClustersInput{Clusters: []string{name}})
	if err != nil {
		return true, fmt.Errorf("looking for its cluster: %w", err)
	}
	if len(found.Clusters) == 0 || aws.ToString(found.Clusters[0].Status) == "INACTIVE" {
		return false, nil
	}
	_, err = b.account.ecs.DeleteCluster(ctx, &ecs.DeleteClusterInput{Cluster: aws.String(name)})
	switch {
	case err == nil, isCode(err, "ClusterNotFoundException"):
		return true, nil
	case !isCode(err, "ClusterContainsContainerInstancesException"):
		return true, fmt.Errorf("removing its cluster: %w", err)
	case b.row.Kind == batch.Unmanaged:
		b.log.Info("the cluster of an environment stays, because instances are registered in it", "environment", b.row.Name, "cluster", name)
		return false, nil
	}
	return true, b.deregisterAll(ctx, name)
}

// deregisterAll removes the container instances of instances that have ended: some stay registered.
func (b *builder) deregisterAll(ctx context.Context, cluster string) error {
	found, err := b.account.containerInstances(ctx, cluster, look{lane: governor.Stop})
	if err != nil {
		return fmt.Errorf("listing its container instances: %w", err)
	}
	for _, c := range found {
		_, err := b.account.ecs.DeregisterContainerInstance(governor.In(ctx, governor.Stop), &ecs.DeregisterContainerInstanceInput{
			Cluster: aws.String(cluster), ContainerInstance: c.ContainerInstanceArn, Force: aws.Bool(true),
		})
		var invalid *ecstypes.InvalidParameterException // it has gone meanwhile
		if err != nil && !errors.As(err, &invalid) {
			return fmt.Errorf("deregistering a container instance: %w", err)
		}
	}
	return nil
}
