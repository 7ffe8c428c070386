package computetest

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// Cloud is where the hosts of a [FakeCloud] come from. The zero Cloud gives every host at once.
type Cloud struct {
	// Room is how many hosts of a type there are to be had at a time; a type that is not in it has no bound.
	Room map[string]int
	// Closed is how long a pool says that it has nothing, once it is empty; 0: a minute.
	Closed time.Duration
	// Comes says how long a host of a type takes to be ready; a negative time: for ever, unless [FakeCloud.Arrive] brings it. Nil: no time.
	Comes func(batch.Offer) time.Duration
	// Offers is what environments are told that they can have launched. Nil: what their rows have.
	Offers []batch.Offer
	// Provisions says why an environment cannot be provisioned now; nil, or an empty reason: it can.
	Provisions func(compute.Provision) (reason string)
}

// FakeCloud is a [Fake] whose environments are provisioned and whose hosts are launched by order. It implements [compute.Provisioner].
type FakeCloud struct{ *Fake }

var _ compute.Provisioner = (*FakeCloud)(nil)

// instance is a host that was launched, or one that was released before it could be.
type instance struct {
	id          string
	environment string
	group       string
	offer       batch.Offer
	spec        string
	stage       batch.Stage // Launching, Joining, Serving or Gone
	closing     *batch.Closing
	order       int64
}

// Again returns another driver over the same world, as a restarted batchd has. Close the old one first.
func (f *FakeCloud) Again() *FakeCloud { return &FakeCloud{f.Fake.Again()} }

// Launch implements [compute.Launcher].
func (f *FakeCloud) Launch(_ context.Context, launches []compute.Launch) error {
	return f.world.launch(launches)
}

// Release implements [compute.Launcher].
func (f *FakeCloud) Release(_ context.Context, hosts []string) error {
	w := f.world
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range hosts {
		w.vanish(id)
	}
	return nil
}

// CloseHost says that a host is going to end, as before a Spot instance is interrupted.
func (f *FakeCloud) CloseHost(id string, why batch.ClosingCause, by time.Time) {
	w := f.world
	w.mu.Lock()
	defer w.mu.Unlock()
	if i := w.cloud[id]; i != nil && i.stage != batch.Gone {
		closing := batch.HostClosing{ID: id, Why: why, By: batch.At(by)}
		i.closing = &batch.Closing{Why: why, By: closing.By}
		w.tell(closing)
	}
}

// LoseHost ends a host with all that runs on it, as a Spot instance is interrupted.
func (f *FakeCloud) LoseHost(id string) {
	f.world.mu.Lock()
	defer f.world.mu.Unlock()
	f.world.vanish(id)
}

// Arrive makes a host ready that is on its way.
func (f *FakeCloud) Arrive(id string) {
	f.world.mu.Lock()
	i := f.world.cloud[id]
	f.world.mu.Unlock()
	if i != nil {
		f.world.advanceHost(i, batch.Serving)
	}
}

// Hosts lists the hosts that were launched and are not gone, by id.
func (f *FakeCloud) Hosts() map[string]batch.Stage {
	f.world.mu.Lock()
	defer f.world.mu.Unlock()
	hosts := map[string]batch.Stage{}
	for id, i := range f.world.cloud {
		if i.stage != batch.Gone {
			hosts[id] = i.stage
		}
	}
	return hosts
}

func (w *world) launch(launches []compute.Launch) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	until, asked := time.Now().Add(cmp.Or(w.options.Cloud.Closed, time.Minute)), 0
	var refused []batch.Report
	for _, l := range launches {
		given, missing := w.give(l)
		asked += given + len(missing)
		for _, id := range missing {
			refused = append(refused, batch.HostRefused{ID: id, Why: batch.NoCapacity, Text: noneLeft, Pools: l.Pools(), Until: batch.At(until)})
		}
	}
	if asked > 0 && asked == len(refused) {
		return &compute.Refusal{Why: batch.NoCapacity, Text: noneLeft, Until: until}
	}
	w.tell(refused...)
	return nil
}

const noneLeft = "none of this type is left"

// give launches as many hosts of a group as there is room for, of a group that comes together all or none. It returns how many it
// launched, and which hosts do not come.
func (w *world) give(l compute.Launch) (given int, missing []string) {
	var new []string
	for _, id := range l.Hosts {
		if w.cloud[id] == nil {
			new = append(new, id)
		}
	}
	if l.Together {
		whole := slices.IndexFunc(l.Offers, func(o batch.Offer) bool { return w.room(o) >= len(new) })
		if whole < 0 {
			return 0, new
		}
		l.Offers = l.Offers[whole : whole+1]
	}
	for _, id := range new {
		first := slices.IndexFunc(l.Offers, func(o batch.Offer) bool { return w.room(o) > 0 })
		if first < 0 {
			missing = append(missing, id)
			continue
		}
		given++
		w.begins(&instance{id: id, environment: l.Environment, group: l.Group, offer: l.Offers[first], spec: l.Spec, stage: batch.Launching, order: w.next()})
	}
	return given, missing
}

// begins has a host come.
func (w *world) begins(i *instance) {
	w.cloud[i.id] = i
	w.tell(i.coming())
	after := time.Duration(0)
	if comes := w.options.Cloud.Comes; comes != nil {
		after = comes(i.offer)
	}
	if after >= 0 {
		time.AfterFunc(after/2, func() { w.advanceHost(i, batch.Joining) })
		time.AfterFunc(after, func() { w.advanceHost(i, batch.Serving) })
	}
}

// room is how many hosts of an offer are to be had.
func (w *world) room(o batch.Offer) int {
	room, bounded := w.options.Cloud.Room[o.Type]
	if !bounded {
		return math.MaxInt
	}
	for _, i := range w.cloud {
		if i.stage != batch.Gone && i.offer.Pool == o.Pool {
			room--
		}
	}
	return room
}

// advanceHost brings a host that is on its way to a later stage.
func (w *world) advanceHost(i *instance, to batch.Stage) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !i.stage.Coming() {
		return
	}
	if i.stage = to; to == batch.Serving {
		w.tell(batch.HostReady{Host: i.host()})
		return
	}
	w.tell(i.coming())
}

func (i *instance) coming() batch.HostComing {
	return batch.HostComing{ID: i.id, Stage: i.stage, Name: "i-" + i.id, Offer: i.offer}
}

func (i *instance) host() batch.Host {
	return batch.Host{
		ID: i.id, Kind: batch.EC2, Name: "i-" + i.id, Capacity: i.offer.Shape, Address: loopback, Ready: true, SeenAt: now(), Closing: i.closing,
		Launch: &batch.Launch{Group: i.group, Offer: i.offer, Spec: i.spec, Stage: batch.Serving},
	}
}

// vanish ends a host, with its attempts. One that is unknown will not be launched.
func (w *world) vanish(id string) {
	i := w.cloud[id]
	if i == nil {
		w.cloud[id] = &instance{id: id, stage: batch.Gone}
		return
	}
	if i.stage == batch.Gone {
		return
	}
	i.stage = batch.Gone
	for _, a := range w.sorted() {
		if a.start.Host != id {
			continue
		}
		switch a.state {
		case compute.Running:
			if a.timer != nil {
				a.timer.Stop()
			}
			w.running[a.start.Lane]--
		case compute.WaitingAhead:
			w.withdraw(a)
		case compute.Ended:
		}
		delete(w.attempts, a.start.Attempt)
	}
	w.tell(batch.HostGone{ID: id})
}

func (w *world) serves(id string) bool {
	return w.cloud[id] != nil && w.cloud[id].stage == batch.Serving
}

// instances are the hosts by the order in which they were launched.
func (w *world) instances() []*instance {
	return slices.SortedFunc(maps.Values(w.cloud), func(a, b *instance) int { return cmp.Compare(a.order, b.order) })
}

func (w *world) serving() (hosts []batch.Host) {
	for _, i := range w.instances() {
		if i.stage == batch.Serving {
			hosts = append(hosts, i.host())
		}
	}
	return hosts
}

func (w *world) coming() (coming []batch.HostComing) {
	for _, i := range w.instances() {
		if i.stage.Coming() {
			coming = append(coming, i.coming())
		}
	}
	return coming
}
