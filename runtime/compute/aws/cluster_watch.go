package aws

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/governor"
)

// look is one way of asking a cluster for its container instances.
type look struct {
	lane   governor.Lane
	filter string // an expression of the cluster query language; empty: all
	status ecstypes.ContainerInstanceStatus
}

// watchCluster follows the container instances of e until it is retired: hosts that have just booted are looked for every second,
// those that drain every ten, and all of them every minute.
func (d *Driver) watchCluster(ctx context.Context, e *environment) {
	if e.row.Kind == batch.Fargate || e.row.Kind == batch.FargateSpot {
		return
	}
	var drained, swept time.Time
	for wait := time.Duration(0); e.watch.wait(ctx, wait); {
		d.mu.Lock()
		a, s, joining, retired := e.account, e.site, d.joining(e), e.retired
		d.mu.Unlock()
		if retired {
			return
		}
		wait = drainingEvery
		var err error
		if len(joining) > 0 {
			wait = joinEvery
			err = d.join(ctx, e, a, s, joining)
		}
		if err == nil && time.Since(drained) >= drainingEvery {
			drained = time.Now()
			err = d.lookForDraining(ctx, e, a, s)
		}
		if err == nil && time.Since(swept) >= clusterEvery {
			swept = time.Now()
			err = d.sweepCluster(ctx, e, a, s)
		}
		if err != nil && ctx.Err() == nil {
			d.log.Info("a cluster cannot be looked at", "cluster", s.clusterName, "error", err)
			wait = max(wait, firstBackoff)
		}
	}
}

// joining returns the instances of hosts that run and have not registered yet, maxFiltered at most: the rest has its turn later. The mutex is held.
func (d *Driver) joining(e *environment) (ids []string) {
	for _, h := range d.hostsOf(e) {
		if h.group != nil && h.instance != "" && h.stage.Coming() && len(ids) < maxFiltered {
			ids = append(ids, h.instance)
		}
	}
	return ids
}

// join looks whether instances have registered.
func (d *Driver) join(ctx context.Context, e *environment, a *account, s *site, ids []string) error {
	found, err := a.containerInstances(ctx, s.cluster, look{
		lane: governor.Describe, filter: "ec2InstanceId in [" + strings.Join(ids, ", ") + "]", status: ecstypes.ContainerInstanceStatusActive,
	})
	if err != nil {
		return err
	}
	if err := d.address(ctx, a, found); err != nil {
		return err
	}
	for i := range found {
		d.registered(e, &found[i])
	}
	return nil
}

// lookForDraining looks for container instances that drain. On Spot instances the agent has them drain when it is told of the interruption.
func (d *Driver) lookForDraining(ctx context.Context, e *environment, a *account, s *site) error {
	found, err := a.containerInstances(ctx, s.cluster, look{lane: governor.Describe, status: ecstypes.ContainerInstanceStatusDraining})
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range found {
		d.drains(e, &found[i])
	}
	return nil
}

// drains says that a host closes, because its container instance drains. The mutex is held.
func (d *Driver) drains(e *environment, c *ecstypes.ContainerInstance) {
	h := d.hostOf(e, c)
	if h == nil || h.closing || h.gone() || h.stage == batch.Releasing {
		return
	}
	h.closing = true
	closing := batch.HostClosing{ID: h.id, Why: batch.Draining}
	if e.row.Kind == batch.Spot {
		closing.Why, closing.By = batch.Interrupted, batch.At(time.Now().Add(interruptionNotice))
		d.interrupted(h)
	}
	d.say(closing)
}

// containerInstances reads container instances of a cluster.
func (a *account) containerInstances(ctx context.Context, cluster string, l look) (found []ecstypes.ContainerInstance, err error) {
	ctx = governor.In(ctx, l.lane)
	input := &ecs.ListContainerInstancesInput{Cluster: aws.String(cluster), Status: l.status, MaxResults: aws.Int32(maxDescribed)}
	if l.filter != "" {
		input.Filter = aws.String(l.filter)
	}
	pages := ecs.NewListContainerInstancesPaginator(a.ecs, input)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		if len(page.ContainerInstanceArns) == 0 {
			continue
		}
		described, err := a.ecs.DescribeContainerInstances(ctx, &ecs.DescribeContainerInstancesInput{
			Cluster: aws.String(cluster), ContainerInstances: page.ContainerInstanceArns,
		})
		if err != nil {
			return nil, err
		}
		found = append(found, described.ContainerInstances...)
	}
	return found, nil
}
