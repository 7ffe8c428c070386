package aws

import (
	"cmp"
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// group is the hosts of one launch. The mutex of the driver guards it.
type group struct {
	id          string
	environment *environment
	order       compute.Launch
	hosts       map[string]*host // those that are gone too, by id
	asking      bool             // a goroutine asks for its instances, or looks for them
	answered    bool             // EC2 has answered, so that nothing more is asked for
	askedAt     time.Time        // first, since the start
}

// groupOf returns the group of that id, and makes it if it is not known. The mutex is held.
func (d *Driver) groupOf(e *environment, id string) *group {
	g := d.groups[id]
	if g == nil {
		g = &group{id: id, environment: e, hosts: map[string]*host{}}
		d.groups[id] = g
	}
	return g
}

// add makes h, which has the group g, known. The mutex is held.
func (d *Driver) add(h *host) {
	d.hosts[h.id] = h
	h.group.hosts[h.id] = h
	if h.instance != "" {
		d.instances[h.instance] = h
	}
}

// waiting returns the hosts of g that have no instance yet and are wanted, by id.
func (g *group) waiting() (hosts []*host) {
	for _, h := range g.hosts {
		if h.instance == "" && !h.gone() {
			hosts = append(hosts, h)
		}
	}
	slices.SortFunc(hosts, func(a, b *host) int { return cmp.Compare(a.id, b.id) })
	return hosts
}

// instance is what is known of an instance that was launched.
type instance struct {
	id   string
	pool batch.Pool
}

// assign makes instances of g hosts of it, in the order of their ids, so that whoever does it again does the same. What is too many is ended: the hosts
// that it was for were given back meanwhile. The mutex is held.
func (d *Driver) assign(g *group, found []instance) {
	slices.SortFunc(found, func(a, b instance) int { return cmp.Compare(a.id, b.id) })
	for _, i := range found {
		if d.instances[i.id] != nil {
			continue
		}
		free := g.waiting()
		if len(free) == 0 {
			if !g.answered && g.asking {
				continue // the answer says which of them are too many
			}
			d.endInstance(g.environment.account, i.id, "its host is not wanted any longer")
			continue
		}
		d.becomes(free[0], i)
	}
}

// becomes notes which instance a host is. The mutex is held.
func (d *Driver) becomes(h *host, i instance) {
	h.instance, h.offer, h.launchedAt, h.misses = i.id, h.environment.offer(h.group, i.pool), time.Now(), 0
	d.instances[i.id] = h
	d.say(h.coming())
	h.environment.account.sweeps.ring()
}

// offer is the offer that an instance of a pool was launched by.
func (e *environment) offer(g *group, pool batch.Pool) batch.Offer {
	if i := slices.IndexFunc(g.order.Offers, func(o batch.Offer) bool { return o.Pool == pool }); i >= 0 {
		return g.order.Offers[i]
	}
	offer, _ := e.account.catalogue.Offer(pool)
	return offer
}

// adopt takes over the hosts of e that the rows have. The mutex is held.
func (d *Driver) adopt(e *environment, rows []batch.Host) {
	for i := range rows {
		row := &rows[i]
		if row.Launch == nil || d.hosts[row.ID] != nil {
			continue
		}
		l := row.Launch
		g := d.groupOf(e, l.Group)
		if len(g.order.Offers) == 0 { // a host that knows what it became has none, another of its group may have some
			g.order = compute.Launch{Group: l.Group, Environment: e.name(), Offers: l.Offers, Count: int(l.Count), Together: l.Together, Spec: l.Spec}
		}
		h := &host{id: row.ID, environment: e, group: g, stage: l.Stage, instance: row.Name, offer: l.Offer, capacity: row.Capacity, address: row.Address}
		if l.Stage == batch.Ordered {
			h.stage = batch.Launching
		}
		d.add(h)
	}
}
