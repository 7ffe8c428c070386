package aws

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// Provision implements [compute.Provisioner]. The work is done in a goroutine of each environment, one after another for what is asked of the same one.
func (d *Driver) Provision(_ context.Context, provisions []compute.Provision) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range provisions {
		e := d.environments[p.Environment.UUID]
		if e == nil {
			e = &environment{uuid: p.Environment.UUID}
			d.environments[e.uuid] = e
		}
		if e.retired {
			continue
		}
		if e.changes == 0 || e.row.Revision != p.Environment.Revision || !e.busy {
			e.changes++
		}
		e.row = p.Environment
		d.adopt(e, p.Hosts)
		if e.fargate() && e.row.Cluster != "" {
			d.fargateHost(e) // it was reported before the start
		}
		if !e.busy {
			e.busy = true
			d.begin(func(ctx context.Context) { d.provision(ctx, e) })
		}
	}
	d.told = true
	return nil
}

// provision makes what an environment asks for, again if it asks for something else meanwhile.
func (d *Driver) provision(ctx context.Context, e *environment) {
	for done := false; !done; {
		d.mu.Lock()
		row, changes := e.row, e.changes
		d.mu.Unlock()
		a, s, err := d.siteOf(ctx, &row)
		if ctx.Err() != nil {
			return
		}
		d.mu.Lock()
		if done = e.changes == changes || e.retired; done {
			e.busy = false
			if e.retired {
				e.busy = true
				d.begin(func(ctx context.Context) { d.retire(ctx, e) })
			} else {
				d.provisioned(e, a, s, err)
			}
		}
		d.mu.Unlock()
	}
}

func (d *Driver) siteOf(ctx context.Context, row *batch.Environment) (*account, *site, error) {
	r := resourcesOf(row)
	a, err := d.account(ctx, accountKey{r.Profile, r.Region})
	if err != nil {
		return nil, nil, whileDoing("opening the AWS account", err)
	}
	s, err := d.build(ctx, a, row)
	return a, s, err
}

// provisioned reports what became of an order. The mutex is held.
func (d *Driver) provisioned(e *environment, a *account, s *site, err error) {
	e.failed = err != nil
	if a != nil && a != e.account {
		d.moves(e, a)
	}
	if err != nil {
		d.log.Warn("an environment cannot be provisioned", "environment", e.name(), "error", err)
		d.say(batch.EnvironmentFailed{
			Name: e.name(), UUID: e.uuid, Revision: e.row.Revision, Reason: err.Error(), Until: batch.At(time.Now().Add(failureOf(err).again)),
		})
		if s = e.site; s == nil && a != nil {
			s = formerSite(&e.row)
		}
	}
	if s == nil {
		return
	}
	e.site = s
	d.follow(e)
	if err == nil {
		d.sayReady(e)
	}
}

// moves notes that e is in another account from now on. Its hosts stay where they are. The mutex is held.
func (d *Driver) moves(e *environment, a *account) {
	if e.account != nil {
		for _, h := range d.hostsOf(e) {
			h.account = d.accountOf(h)
		}
	}
	e.account = a
}

// formerSite is what is known from the row of what an environment had before the start, if it cannot be provisioned now: enough to follow
// the hosts that it has, and to give them back. Nothing is launched with it.
func formerSite(row *batch.Environment) *site {
	if row.Cluster == "" {
		return nil
	}
	return &site{spec: row.Spec, cluster: row.Cluster, clusterName: row.Cluster[strings.LastIndex(row.Cluster, "/")+1:]}
}

// follow begins to watch what e has in its account. The mutex is held.
func (d *Driver) follow(e *environment) {
	d.watchTasks(e)
	if e.watch == nil {
		e.watch = newBell()
		d.begin(func(ctx context.Context) { d.watchCluster(ctx, e) })
		d.begin(func(ctx context.Context) { d.tend(ctx, e) })
	}
	e.watch.ring()
	e.account.sweeps.ring()
	d.endReleased(e)
	d.askAll(e)
	if e.fargate() {
		d.sayFargate(e)
	}
}

// sayReady reports that e is provisioned, and what it can have launched. The mutex is held.
func (d *Driver) sayReady(e *environment) {
	d.say(batch.EnvironmentReady{
		Name: e.name(), UUID: e.uuid, Revision: e.row.Revision, Spec: e.site.spec, Cluster: e.site.cluster, Offers: slices.Clone(e.site.selection.Offers),
	})
}

// sayFargate reports the one host of an environment on AWS Fargate. The mutex is held.
func (d *Driver) sayFargate(e *environment) { d.say(batch.HostReady{Host: d.fargateHost(e).row()}) }

// fargateHost returns the one host of an environment on AWS Fargate. It has as many vCPUs as the environment may use, and the memory that
// tasks of that many vCPUs may have at most. The mutex is held.
func (d *Driver) fargateHost(e *environment) *host {
	h := d.hosts[e.uuid]
	if h == nil {
		h = &host{id: e.uuid, environment: e}
		d.hosts[h.id] = h
	}
	h.stage, h.capacity = batch.Serving, batch.Shape{MilliCPU: e.row.Max.MilliCPU, MemoryMiB: e.row.Max.MilliCPU * fargateMiBPerVCPU / 1000}
	return h
}

// tend looks now and then whether types and prices of e are old, and removes launch templates that nobody needs.
func (d *Driver) tend(ctx context.Context, e *environment) {
	for pause(ctx, offersEvery) {
		d.mu.Lock()
		a, s, row, retired := e.account, e.site, e.row, e.retired
		d.mu.Unlock()
		if retired {
			return
		}
		if !e.launches() {
			continue
		}
		if err := d.reapTemplates(ctx, e); err != nil && ctx.Err() == nil {
			d.log.Info("launch templates are not removed", "environment", row.Name, "error", err)
		}
		if a.catalogue.Stale() {
			d.offerAnew(ctx, e, a, s, &row)
		}
	}
}

// offerAnew makes the offers of e again, after types, prices or what is learnt of them have changed.
func (d *Driver) offerAnew(ctx context.Context, e *environment, a *account, s *site, row *batch.Environment) {
	b := &builder{d, a, row, resourcesOf(row)}
	selection, err := b.selection(ctx, s)
	if err != nil {
		d.log.Warn("the offers of an environment stay as they are", "environment", row.Name, "error", err)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if e.site != s || slices.Equal(s.selection.Offers, selection.Offers) {
		return
	}
	next := *s
	next.selection = selection
	e.site = &next
	d.sayReady(e)
}
