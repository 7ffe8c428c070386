package aws

import (
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// host is one of the scheduler's hosts as the driver knows it. The mutex of the driver guards it.
type host struct {
	id          string
	environment *environment // nil of one that was released before it was launched
	group       *group       // nil of one that is not launched
	account     *account     // that it was launched in, if its environment has chosen another one since; see accountOf
	stage       batch.Stage  // Launching, Joining, Serving or Gone
	instance    string       // id of the instance; empty: not known yet, or AWS Fargate
	offer       batch.Offer  // that it became; the zero Offer: not known yet
	launchedAt  time.Time    // when the instance was first heard of; what a read does not find soon after may still exist
	misses      int          // sweeps in a row that have not seen the instance
	goneAt      time.Time    // when it came to be Gone
	closing     bool         // it was said to close

	// What is known of one that serves.
	arn      string // of the container instance; empty for AWS Fargate
	capacity batch.Shape
	address  string // private IP address of the instance
	absent   int    // sweeps in a row that have not seen the container instance
}

func (h *host) gone() bool { return h.stage == batch.Gone }

// serving reports whether attempts may be started on h.
func (h *host) serving() bool { return h.stage == batch.Serving }

// row is what is reported of h when it serves.
func (h *host) row() batch.Host {
	row := batch.Host{
		ID: h.id, Kind: h.environment.row.Kind, Name: h.instance, Capacity: h.capacity, Environments: []string{h.environment.name()},
		Address: h.address, Ready: true, SeenAt: batch.At(time.Now()),
	}
	if h.group != nil {
		row.Launch = &batch.Launch{Group: h.group.id, Offer: h.offer, Stage: batch.Serving}
	}
	return row
}

// coming is what is reported of h while it is on its way.
func (h *host) coming() batch.HostComing {
	return batch.HostComing{ID: h.id, Stage: h.stage, Name: h.instance, Offer: h.offer}
}

// accountOf returns the account that h is in; nil if its environment was not provisioned since the start.
func (d *Driver) accountOf(h *host) *account {
	if h.account != nil {
		return h.account
	}
	return h.environment.account
}

// leaves makes h gone and says so. It stays known for a while, so that it is not launched again. The mutex is held.
func (d *Driver) leaves(h *host) {
	if h.gone() {
		return
	}
	h.stage, h.goneAt = batch.Gone, time.Now()
	d.say(batch.HostGone{ID: h.id})
}

// forgetGone drops the hosts that are gone for so long that no order about them is under way, and the groups without hosts. The mutex is held.
func (d *Driver) forgetGone() {
	for id, h := range d.hosts {
		if h.gone() && time.Since(h.goneAt) > tombstonesFor {
			delete(d.hosts, id)
			delete(d.instances, h.instance)
			if h.group != nil {
				delete(h.group.hosts, id)
			}
		}
	}
	for id, g := range d.groups {
		if !g.asking && len(g.hosts) == 0 {
			delete(d.groups, id)
		}
	}
}
