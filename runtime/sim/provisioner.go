package sim

import (
	"fmt"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// In a story of accounts, which is one of launches, environments are provisioned: what they need is made late or not at all for a while, what
// their hosts are launched as changes with updates, and they are retired. Hosts come from several pools, and close before they are lost.

// provisioner is where environments are provisioned.
type provisioner struct {
	c    *cloud
	made map[string]made // what was provisioned, by the UUID of the environment
	// groups are the launches as they were ordered first.
	groups map[string]sched.LaunchHosts
	// asked are the environments whose provisioning was ordered since the process began, by UUID.
	asked map[string]bool
	// closing are the hosts that the machine has been told to close, and has committed since; heard is what it was told since the last commit.
	closing map[string]bool
	heard   []string
}

// made is as of which revision an environment is provisioned, and what its hosts are to be.
type made struct {
	revision int64
	spec     string
}

// makeAccounts makes a story one of accounts.
func (w *world) makeAccounts() {
	w.makeLaunches()
	w.cloud.provisioner = &provisioner{c: w.cloud, made: map[string]made{}, groups: map[string]sched.LaunchHosts{}, asked: map[string]bool{}, closing: map[string]bool{}}
	w.faults.rates[ProvisionFails], w.faults.rates[HostCloses], w.faults.rates[LaunchCut], w.faults.rates[PoolEmpty] = 250, 60, 150, 600
}

// ask is a command as it is in a story of accounts: hosts are chosen by a strategy, and some updates change what they are launched as.
func (a *provisioner) ask(c sched.Command) sched.Command {
	w := a.c.d.w
	switch c := c.(type) {
	case sched.CreateEnvironment:
		if e := &c.Environment; e.Name != "e0" {
			e.Kind, e.MinMilliCPU = batch.EC2, w.dice.between(0, 2, "min", e.Name)*1000
			strategies := []batch.Strategy{batch.BestFit, batch.BestFitProgressive, batch.BestFitProgressiveOrdered}
			e.Resources = &batch.Resources{
				DefaultImage: "image", // so that it runs what the others run
				Strategy:     strategies[w.dice.between(0, 2, "strategy", e.Name)],
				NeverOver:    w.dice.chance(300, "never over", e.Name),
				UpdatePolicy: batch.UpdatePolicy{TerminateJobs: w.dice.chance(300, "terminates", e.Name), JobTimeout: std(2 * second)},
			}
		}
		return c
	case sched.UpdateEnvironment:
		if e := &c.Environment; e.Resources != nil && w.dice.chance(400, "new specification", w.nth("update", e.Name)) {
			next := *e.Resources
			next.KeyPair = fmt.Sprintf("key-%d", e.Revision)
			e.Resources = &next
		}
		return c
	default:
		return c
	}
}

// comesLater reports whether a command was refused because an environment is not VALID yet: then it is given again.
func (a *provisioner) comesLater(refusal *batch.Error) bool {
	return a != nil && strings.Contains(refusal.Error(), "it must be VALID")
}

// offers are the hosts that an environment can have launched, in two zones.
func (a *provisioner) offers() (offers []batch.Offer) {
	for _, zone := range []string{"y", "z"} {
		for _, o := range a.c.d.w.offers() {
			o.Zone = zone
			offers = append(offers, o)
		}
	}
	return offers
}

// specOf is what the hosts of an environment are launched as.
func specOf(e batch.Environment) string { return "spec " + e.Resources.KeyPair }

// provision does a provisioning order: see compute.Provisioner.
func (a *provisioner) provision(o sched.ProvisionEnvironment) {
	w, e := a.c.d.w, o.Environment
	key := w.nth("provision", e.Name)
	w.after(w.dice.span(10*millisecond, 3*second, "provisioning takes", key), func() {
		if w.store.Environments[e.Name].UUID != e.UUID || w.store.Environments[e.Name].Health == batch.Deleting {
			return
		}
		if w.faults.strikes(ProvisionFails, key) {
			failed := batch.EnvironmentFailed{Name: e.Name, UUID: e.UUID, Revision: e.Revision, Reason: "the dice refused"}
			if w.dice.chance(700, "says until when", key) {
				failed.Until = w.wall().Add(std(w.dice.span(second, 10*second, "fails for", key)))
			}
			a.c.tell(e.Name, failed)
			return
		}
		w.story.say(w, "environment %s is provisioned as of revision %d, %s", e.Name, e.Revision, specOf(e))
		if e.Revision > a.made[e.UUID].revision {
			a.made[e.UUID] = made{e.Revision, specOf(e)}
		}
		a.c.tell(e.Name, batch.EnvironmentReady{
			Name: e.Name, UUID: e.UUID, Revision: e.Revision, Spec: specOf(e), Offers: a.offers(), Cluster: "cluster of " + e.Name,
		})
	})
}

// retire does a retiring order: see compute.Provisioner.
func (a *provisioner) retire(o sched.RetireEnvironment) {
	w, e := a.c.d.w, o.Environment
	w.after(w.dice.span(10*millisecond, 3*second, "retiring takes", w.nth("retire", e.Name)), func() {
		for _, i := range a.c.launched {
			if i.of(e.UUID) {
				a.c.vanish(i)
			}
		}
		w.story.say(w, "nothing is left of environment %s", e.Name)
		delete(a.made, e.UUID)
		a.c.tell(e.Name, batch.EnvironmentRetired{Name: e.Name, UUID: e.UUID})
	})
}

// of reports whether a host was launched for the environment with that UUID.
func (i *instance) of(uuid string) bool { return strings.HasPrefix(i.order.Group, uuid+"-") }

// launch launches a host of a group: from the first of its pools that has one. A pool that has refused one of a group refuses the others.
func (a *provisioner) launch(o sched.LaunchHosts, id string) {
	w := a.c.d.w
	if key := w.nth("part", o.Environment); w.faults.strikes(LaunchCut, key) {
		return
	}
	var refused []batch.Pool
	for _, offer := range o.Offers {
		key := w.nth("launch", o.Environment+" "+offer.Type+offer.Zone)
		if w.faults.strikes(PoolEmpty, key) {
			refused = append(refused, offer.Pool)
			continue
		}
		a.c.begin(o, id, offer, key)
		return
	}
	w.story.say(w, "no pool has host %s", id)
	said := batch.HostRefused{ID: id, Why: batch.NoCapacity, Text: "none is left", Pools: refused}
	if key := w.nth("refusal", o.Environment); w.dice.chance(700, "says until when", key) {
		said.Until = w.wall().Add(std(w.dice.span(second, 20*second, "closed for", key)))
	}
	a.c.tell(id, said)
}

// mayClose has a host close now and then: it is interrupted soon after, or stays until it is given back.
func (a *provisioner) mayClose(m *machine, key string) {
	if a == nil || a.c.instances[m.row.ID] == nil || !a.c.d.w.faults.strikes(HostCloses, key) {
		return
	}
	w, i := a.c.d.w, a.c.instances[m.row.ID]
	if w.dice.chance(300, "drains", key) {
		a.c.tell(i.id, batch.HostClosing{ID: i.id, Why: batch.Draining})
		return
	}
	w.story.say(w, "host %s is going to be interrupted", i.id)
	a.c.tell(i.id, batch.HostClosing{ID: i.id, Why: batch.Interrupted, By: w.wall().Add(std(noticeTime))})
	w.after(noticeTime, func() { a.c.vanish(i) })
}

// hears notes what the machine is told of hosts that close.
func (a *provisioner) hears(r batch.Report) {
	if closing, ok := r.(batch.HostClosing); ok && a != nil {
		a.heard = append(a.heard, closing.ID)
	}
}

// keeps is when what was heard is committed.
func (a *provisioner) keeps() {
	if a == nil {
		return
	}
	for _, id := range a.heard {
		a.closing[id] = true
	}
	a.heard = nil
}

// forgets is when the machine is made anew: what it was told and had not committed is lost.
func (a *provisioner) forgets() {
	if a != nil {
		a.heard = nil
		a.asked = map[string]bool{}
	}
}

// unsettled reports whether an environment is not as its users asked for, or something is left of one that is gone.
func (w *world) unsettled() bool {
	if w.cloud == nil || w.cloud.provisioner == nil {
		return false
	}
	a := w.cloud.provisioner
	for _, e := range w.store.Environments {
		if e.Kind == batch.EC2 && (e.Health != batch.Valid || a.made[e.UUID].spec != e.Spec || e.Spec != specOf(e)) {
			return true
		}
	}
	for _, i := range w.cloud.launched {
		e := w.store.Environments[i.order.Environment]
		if i.stage != batch.Gone && (i.order.Spec != e.Spec || w.store.Hosts[i.id].Launch == nil || w.store.Hosts[i.id].Launch.Offer != i.offer) {
			return true
		}
	}
	return slices.ContainsFunc(sortedKeys(a.made), func(uuid string) bool {
		return !slices.ContainsFunc(sortedKeys(w.store.Environments), func(name string) bool { return w.store.Environments[name].UUID == uuid })
	})
}
