package aws

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/tasks"
)

// newTasks makes what runs the attempts of d.
func (d *Driver) newTasks() *tasks.Runner {
	return tasks.New(tasks.Options{
		Logger: d.options.Logger, Installation: d.options.Installation, Place: d.placeOf, Report: d.say, Full: d.lookAt,
	})
}

// Start implements [compute.Driver].
func (d *Driver) Start(_ context.Context, starts []compute.Start) error {
	d.tasks.Start(starts)
	return nil
}

// Stop implements [compute.Driver].
func (d *Driver) Stop(_ context.Context, stops []compute.Stop) error {
	d.tasks.Stop(stops)
	return nil
}

// Forget implements [compute.Driver].
func (d *Driver) Forget(_ context.Context, attempts []batch.AttemptID) error {
	d.tasks.Forget(attempts)
	return nil
}

// attemptsCensus adds the attempts to a census, and says of which hosts they are missing because the tasks of their cluster have not been
// listed yet. The mutex is held.
func (d *Driver) attemptsCensus(c *compute.Census) {
	c.Attempts = d.tasks.Census(func(id string) bool { return d.hosts[id] != nil && d.hosts[id].gone() })
	for i := range c.Hosts {
		if e := d.hosts[c.Hosts[i].ID].environment; e.site == nil || !d.tasks.Listed(e.site.cluster) {
			c.Faults = append(c.Faults, batch.HostFault{Host: c.Hosts[i].ID, Runner: batch.Containers, Unlisted: true})
		}
	}
}

// heldOn is what the attempts on a host hold. The mutex is held.
func (d *Driver) heldOn(h *host) batch.Shape { return d.tasks.Held(h.id) }

// watchTasks has attempts run in the cluster of e, which is provisioned. The mutex is held.
func (d *Driver) watchTasks(e *environment) {
	d.tasks.Watch(tasks.Cluster{
		ARN: e.site.cluster, Region: e.account.region, Account: d.logAccount(e.account), ECS: e.account.ecs, Logs: e.account.logs,
	})
}

// unwatchTasks lets go of the cluster of e, which goes, unless another environment uses it. The mutex is held.
func (d *Driver) unwatchTasks(e *environment) {
	if e.site == nil {
		return
	}
	for _, other := range d.environments {
		if other != e && other.site != nil && other.site.cluster == e.site.cluster {
			return
		}
	}
	d.tasks.Unwatch(e.site.cluster)
}

// placeOf says where attempts of a host run.
func (d *Driver) placeOf(id string) (tasks.Place, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	h := d.hosts[id]
	switch {
	case h == nil || h.gone():
		return tasks.Place{}, errors.New("the host is gone")
	case !h.serving():
		return tasks.Place{}, errors.New("the host does not take attempts")
	case h.environment.site == nil:
		return tasks.Place{}, errors.New("the environment of the host is not provisioned yet")
	}
	e := h.environment
	r := resourcesOf(&e.row)
	return tasks.Place{
		Cluster: e.site.cluster, Kind: e.row.Kind, Instance: h.instance, SecurityGroups: r.SecurityGroups, DefaultImage: r.DefaultImage,
		Subnets: slices.Sorted(maps.Values(e.site.subnets)), Tags: d.tags(&e.row),
	}, nil
}

// lookAt has a host looked at that ECS found full, or without an agent.
func (d *Driver) lookAt(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if h := d.hosts[id]; h != nil && h.environment != nil && h.environment.watch != nil {
		h.environment.watch.ring()
	}
}

// interrupted notes that a host was told that it will be taken away. The mutex is held.
func (d *Driver) interrupted(h *host) { d.tasks.Interrupted(h.id, time.Now()) }

// removeDefinitions removes the task definitions that were made for an environment that goes, and reports whether there were any.
func (d *Driver) removeDefinitions(ctx context.Context, e *environment) (bool, error) {
	d.mu.Lock()
	client := e.account.ecs
	d.mu.Unlock()
	return tasks.RemoveDefinitions(ctx, client, map[string]string{tagInstallation: d.options.Installation, tagEnvironment: e.uuid})
}
