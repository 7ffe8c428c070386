package aws

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/governor"
)

// The statuses of container instances that matter here.
const (
	instanceActive   = "ACTIVE"
	instanceDraining = "DRAINING"
)

// registered notes that the agent of a host has registered it, and reports the host with what it really has.
func (d *Driver) registered(e *environment, c *ecstypes.ContainerInstance) {
	d.mu.Lock()
	defer d.mu.Unlock()
	h := d.hostOf(e, c)
	if h == nil || e.retired || h.gone() || h.stage == batch.Releasing || aws.ToString(c.Status) != instanceActive {
		return
	}
	h.absent = 0
	room := d.roomOf(h, c)
	if h.serving() && h.arn == aws.ToString(c.ContainerInstanceArn) && h.capacity == room {
		return
	}
	if !h.serving() && !c.AgentConnected {
		return // it would refuse tasks
	}
	h.stage, h.arn, h.capacity = batch.Serving, aws.ToString(c.ContainerInstanceArn), room
	d.say(batch.HostReady{Host: h.row()})
	d.learn(e, h)
}

// address finds the addresses of hosts that have registered before a sweep has seen their instances run.
func (d *Driver) address(ctx context.Context, a *account, found []ecstypes.ContainerInstance) error {
	var ids []string
	d.mu.Lock()
	for i := range found {
		if h := d.instances[aws.ToString(found[i].Ec2InstanceId)]; h != nil && h.address == "" {
			ids = append(ids, h.instance)
		}
	}
	d.mu.Unlock()
	if len(ids) == 0 {
		return nil
	}
	instances, err := d.instancesIn(governor.In(ctx, governor.Describe), a, where("instance-id", ids...))
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range instances {
		if h := d.instances[aws.ToString(instances[i].InstanceId)]; h != nil {
			d.see(a, h, &instances[i])
		}
	}
	return nil
}

// hostOf returns the host that a container instance is, and nil if it is not one of e. In an UNMANAGED environment each one becomes a host. The mutex is held.
func (d *Driver) hostOf(e *environment, c *ecstypes.ContainerInstance) *host {
	id := aws.ToString(c.Ec2InstanceId)
	if e.row.Kind != batch.Unmanaged {
		if h := d.instances[id]; h != nil && h.environment == e {
			return h
		}
		return nil
	}
	name := e.name() + "-" + id
	h := d.hosts[name]
	if h == nil || h.gone() {
		h = &host{id: name, environment: e, stage: batch.Joining, instance: id}
		d.hosts[name] = h
	}
	return h
}

// roomOf is what attempts can have of a container instance: what it registered, less what tasks of others hold in an UNMANAGED
// environment. The mutex is held.
func (d *Driver) roomOf(h *host, c *ecstypes.ContainerInstance) batch.Shape {
	registered := shapeOf(c.RegisteredResources)
	if h.environment.row.Kind != batch.Unmanaged {
		return registered
	}
	others := registered.Minus(shapeOf(c.RemainingResources)).Minus(d.heldOn(h))
	return registered.Minus(others.Max(batch.Shape{})).Max(batch.Shape{})
}

// shapeOf reads the resources of a container instance. ECS counts 1,024 units of CPU for a vCPU.
func shapeOf(resources []ecstypes.Resource) (s batch.Shape) {
	for _, r := range resources {
		switch aws.ToString(r.Name) {
		case "CPU":
			s.MilliCPU = int64(r.IntegerValue) * 1000 / 1024
		case "MEMORY":
			s.MemoryMiB = int64(r.IntegerValue)
		case "GPU":
			s.GPUs = int64(len(r.StringSetValue))
		}
	}
	return s
}

// learn notes how much memory a type has for tasks. If that is news the offers change, and with them what fits. The mutex is held.
func (d *Driver) learn(e *environment, h *host) {
	if h.offer.Type == "" || !e.account.catalogue.Learn(h.offer.Type, h.capacity.MemoryMiB) {
		return
	}
	for _, other := range d.environments {
		if other.account == e.account && other.launches() && other.site != nil {
			a, s, row := other.account, other.site, other.row
			d.begin(func(ctx context.Context) { d.offerAnew(ctx, other, a, s, &row) })
		}
	}
}

// sweepCluster compares all container instances of a cluster with the hosts of e.
func (d *Driver) sweepCluster(ctx context.Context, e *environment, a *account, s *site) error {
	found, err := a.containerInstances(ctx, s.cluster, look{lane: governor.Sweep})
	if err == nil {
		err = d.address(ctx, a, found)
	}
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for i := range found {
		c := &found[i]
		seen[aws.ToString(c.Ec2InstanceId)] = true
		d.registered(e, c)
		if aws.ToString(c.Status) == instanceDraining {
			d.mu.Lock()
			d.drains(e, c)
			d.mu.Unlock()
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	e.swept = true
	for _, h := range d.hostsOf(e) {
		if !h.serving() || h.instance == "" || seen[h.instance] {
			continue
		}
		if h.absent++; h.absent < missesUntilGone {
			continue
		}
		d.log.Warn("a host is not in its cluster any longer", "host", h.id, "instance", h.instance)
		if h.group != nil {
			d.endInstance(d.accountOf(h), h.instance, "it is not registered any longer")
		}
		d.leaves(h)
	}
	return nil
}

// familyOf is the family of an instance type, for example "c7i" of "c7i.large".
func familyOf(typ string) string {
	family, _, _ := strings.Cut(typ, ".")
	return family
}
