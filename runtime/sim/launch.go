package sim

import (
	"fmt"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// In a story of launches, every environment but the first has its hosts launched in an imagined cloud: they come late or never, and pools
// run out. The dice of these are thrown in such stories alone.

// cloud is where hosts are launched.
type cloud struct {
	d         *driver
	instances map[string]*instance // by the id that the scheduler gave
	launched  []*instance          // in the order in which they were launched
	// closed are the pools that environments know to be empty, and until when by the wall clock; heard is what the machine was told since the
	// last commit.
	closed map[poolOf]batch.Time
	heard  []batch.HostRefused
	// provisioner is where environments are provisioned; nil: in this story they are not.
	provisioner *provisioner
}

// poolOf is a pool that an environment was refused a host of.
type poolOf struct {
	environment string
	pool        batch.Pool
}

// instance is a host that was launched.
type instance struct {
	order sched.LaunchHosts // of its group
	id    string
	offer batch.Offer
	stage batch.Stage
}

// config is what the machine is told once.
func (w *world) config() sched.Config {
	c := sched.Config{HostGrace: hostGrace}
	if w.cloud != nil {
		c.LaunchPatience, c.FirstPaid = launchPatience, firstPaid
	}
	if w.provisioner() != nil {
		c.Provisioned = []batch.Kind{batch.EC2}
	}
	return c
}

// makeLaunches makes a story one of launches.
func (w *world) makeLaunches() {
	switch w.dice.between(0, 3, "launch profile", "") {
	case 0: // nothing else goes wrong
		w.faults.rates = rates{}
	case 1: // only what carries orders and reports fails
		w.faults.rates = rates{OrderLost: 150, ReportLost: 150, CensusStale: 200, CrashAfter: 20}
	}
	w.faults.rates[HostLate], w.faults.rates[HostNever], w.faults.rates[PoolEmpty] = 250, 100, 250
	d := w.driverOf(batch.EC2)
	if d == nil {
		d = newDriver(w, batch.EC2)
		w.drivers = append(w.drivers, d)
	}
	w.cloud = &cloud{d: d, instances: map[string]*instance{}, closed: map[poolOf]batch.Time{}}
}

func (w *world) driverOf(kind batch.Kind) *driver {
	for _, d := range w.drivers {
		if d.kind == kind {
			return d
		}
	}
	return nil
}

// inCloud returns a command as it is in a story of launches: environments have offers.
func (w *world) inCloud(c sched.Command) sched.Command {
	if a := w.provisioner(); a != nil {
		return a.ask(c)
	}
	create, ok := c.(sched.CreateEnvironment)
	if !ok || w.cloud == nil || create.Environment.Name == "e0" {
		return c
	}
	e := &create.Environment
	e.Kind = batch.EC2
	e.MinMilliCPU = w.dice.between(0, 2, "min", e.Name) * 1000
	e.Offers = w.offers()
	return create
}

func (w *world) offers() []batch.Offer {
	return []batch.Offer{w.offer("medium", 2000), w.offer("small", 1000), w.offer("large", 8000)}
}

func (w *world) offer(name string, milliCPU int64) batch.Offer {
	return batch.Offer{
		Pool:            batch.Pool{Type: name, Zone: "z", Market: batch.OnDemand},
		Shape:           batch.Shape{MilliCPU: milliCPU, MemoryMiB: milliCPU * 2, GPUs: w.dice.between(0, 1, "offered gpus", name)},
		MicroUSDPerHour: milliCPU * 40,
	}
}

// launch does a launch order: see compute.Launcher.
func (c *cloud) launch(o sched.LaunchHosts) {
	for _, id := range o.Hosts {
		switch {
		case c.instances[id] != nil:
		case c.provisioner != nil:
			c.provisioner.launch(o, id)
		default:
			c.launchOne(o, id, o.Offers[0])
		}
	}
}

// launchOne launches a host of a group.
func (c *cloud) launchOne(o sched.LaunchHosts, id string, offer batch.Offer) {
	w := c.d.w
	key := w.nth("launch", o.Environment+" "+offer.Type)
	if w.faults.strikes(PoolEmpty, key) {
		refused := batch.HostRefused{ID: id, Why: batch.NoCapacity, Text: "none is left"}
		if w.dice.chance(700, "says until when", key) {
			refused.Until = w.wall().Add(std(w.dice.span(second, 20*second, "closed for", key)))
		}
		w.story.say(w, "pool %s has no host %s", offer.Type, id)
		c.tell(id, refused)
		return
	}
	c.begin(o, id, offer, key)
}

// begin has a host of a group come.
func (c *cloud) begin(o sched.LaunchHosts, id string, offer batch.Offer, key string) {
	w := c.d.w
	i := &instance{order: o, id: id, offer: offer, stage: batch.Launching}
	c.instances[id] = i
	c.launched = append(c.launched, i)
	c.tell(id, i.coming())
	if w.faults.strikes(HostNever, key) {
		return
	}
	takes := w.dice.span(50*millisecond, 3*second, "boots for", key)
	if w.faults.strikes(HostLate, key) {
		takes = w.dice.span(3*second, 25*second, "late", key)
	}
	w.after(takes/2, func() { c.join(i) })
	w.after(takes, func() { c.serve(i, key) })
}

func (c *cloud) join(i *instance) {
	if i.stage == batch.Launching {
		i.stage = batch.Joining
		c.tell(i.id, i.coming())
	}
}

func (i *instance) coming() batch.HostComing {
	return batch.HostComing{ID: i.id, Stage: i.stage, Name: "i-" + i.id, Offer: i.offer}
}

// serve has a host take attempts. Some are smaller than what was offered.
func (c *cloud) serve(i *instance, key string) {
	w := c.d.w
	if !i.stage.Coming() {
		return
	}
	i.stage = batch.Serving
	row := batch.Host{
		ID: i.id, Kind: batch.EC2, Name: "i-" + i.id, Address: "10.1.0." + i.id, Ready: true, Capacity: i.offer.Shape,
		Launch: &batch.Launch{Offer: i.offer},
	}
	if w.dice.chance(150, "smaller than offered", key) {
		row.Capacity.MemoryMiB -= row.Capacity.MemoryMiB / 8
	}
	w.story.say(w, "host %s comes with %v", row.ID, row.Capacity)
	c.d.add(row, 0)
	c.tell(row.ID, batch.HostReady{Host: c.d.machine(row.ID).seen()})
}

// release does a release order: see compute.Launcher.
func (c *cloud) release(id string) {
	i := c.instances[id]
	if i == nil {
		c.instances[id] = &instance{id: id, stage: batch.Gone} // it is not launched any more
		return
	}
	c.vanish(i)
}

// vanish ends a host with all that it holds.
func (c *cloud) vanish(i *instance) {
	if i.stage == batch.Gone {
		return
	}
	w, id := c.d.w, i.id
	w.story.say(w, "host %s is gone", id)
	if m := c.d.machine(id); m != nil {
		m.lose()
		c.d.machines = slices.DeleteFunc(c.d.machines, func(o *machine) bool { return o == m })
	}
	i.stage = batch.Gone
	c.tell(id, batch.HostGone{ID: id})
}

// tell reports about a host; such a report may be lost.
func (c *cloud) tell(host string, r batch.Report) {
	w := c.d.w
	key := w.nth("report", host[:strings.IndexByte(host+"-", '-')])
	if !w.faults.strikes(ReportLost, fmt.Sprintf("%T %s", r, key)[len("batch."):]) {
		c.d.postHost(r)
	}
}

// list adds the hosts that are on their way to a census of d.
func (c *cloud) list(d *driver, census *sched.Census) {
	if c == nil || c.d != d {
		return
	}
	census.Kinds = []batch.Kind{d.kind}
	for _, i := range c.launched {
		if i.stage.Coming() {
			census.Coming = append(census.Coming, i.coming())
		}
	}
}

// takes has a machine that was launched vanish instead of being repaired, and reports whether it was launched.
func (c *cloud) takes(m *machine) bool {
	if c == nil || c.instances[m.row.ID] == nil {
		return false
	}
	c.vanish(c.instances[m.row.ID])
	return true
}

// order carries an order about a host.
func (c *cloud) order(name string, do func()) {
	key := c.d.w.nth("order", name)
	if !c.d.w.faults.strikes(OrderLost, key) {
		c.d.deliver(key, do)
	}
}

// hears notes what the machine is told of refusals. It counts once it is committed; what is lost before is told by nobody.
func (c *cloud) hears(f sched.Fact) {
	if r, ok := f.(sched.Reported); ok && c != nil {
		c.provisioner.hears(r.Report)
		if refused, ok := r.Report.(batch.HostRefused); ok {
			c.heard = append(c.heard, refused)
		}
	}
}

// forgets is when the machine is made anew: what it was told and had not committed is lost.
func (c *cloud) forgets() {
	if c != nil {
		c.heard = nil
		c.provisioner.forgets()
	}
}

// keeps is when what was heard is committed.
func (c *cloud) keeps() {
	if c == nil {
		return
	}
	for _, r := range c.heard {
		if h, ok := c.d.w.store.Hosts[r.ID]; ok && h.Launch != nil && h.Launch.Stage == batch.Gone {
			pools := r.Pools
			if len(pools) == 0 {
				pools = h.Launch.Pools()
			}
			for _, p := range pools {
				pool := poolOf{h.Environments[0], p}
				c.closed[pool] = max(c.closed[pool], r.Until)
			}
		}
	}
	c.heard = nil
	c.provisioner.keeps()
}

// text describes environments and hosts, for people.
func (c *cloud) text() (text string) {
	w := c.d.w
	for _, name := range sortedKeys(w.store.Environments) {
		e := w.store.Environments[name]
		text += fmt.Sprintf("\n  environment %s %s %s max=%d min=%d revision=%d %+v spec=%q", name, e.State, e.Health, e.Max.MilliCPU, e.MinMilliCPU, e.Revision, e.Provisioning, e.Spec)
	}
	for _, id := range sortedKeys(w.store.Hosts) {
		if h := w.store.Hosts[id]; h.Launch != nil && h.Launch.Stage != batch.Gone {
			text += fmt.Sprintf("\n  host %s %+v", id, *h.Launch)
		}
	}
	for _, i := range c.launched {
		if i.stage != batch.Gone {
			text += fmt.Sprintf("\n  launched %s as %s %s, %s", i.id, i.offer.Type, i.order.Spec, i.stage)
		}
	}
	return text
}
