package computetest

import (
	"cmp"
	"context"
	"maps"
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
	// Comes says how long a host takes to be ready; a negative time: for ever, unless [FakeCloud.Arrive] brings it. Nil: no time.
	Comes func(compute.Launch) time.Duration
}

// FakeCloud is a [Fake] whose hosts are launched by order. It implements [compute.Launcher].
type FakeCloud struct{ *Fake }

var _ compute.Launcher = (*FakeCloud)(nil)

// instance is a host that was launched.
type instance struct {
	launch compute.Launch
	stage  batch.Stage // Launching, Joining, Serving or Gone
	order  int64
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
	var refused []compute.Launch
	for _, l := range launches {
		if w.cloud[l.Host] != nil {
			continue
		}
		if !w.hasRoom(l.Offer) {
			refused = append(refused, l)
			continue
		}
		i := &instance{launch: l, stage: batch.Launching, order: w.next()}
		w.cloud[l.Host] = i
		w.tell(batch.HostComing{ID: l.Host, Stage: i.stage})
		if after := w.comesAfter(l); after >= 0 {
			time.AfterFunc(after/2, func() { w.advanceHost(i, batch.Joining) })
			time.AfterFunc(after, func() { w.advanceHost(i, batch.Serving) })
		}
	}
	until := time.Now().Add(cmp.Or(w.options.Cloud.Closed, time.Minute))
	if len(refused) == len(launches) {
		return &compute.Refusal{Why: batch.NoCapacity, Text: "none of this type is left", Until: until}
	}
	for _, l := range refused {
		w.tell(batch.HostRefused{ID: l.Host, Why: batch.NoCapacity, Text: "none of this type is left", Until: batch.At(until)})
	}
	return nil
}

func (w *world) comesAfter(l compute.Launch) time.Duration {
	if w.options.Cloud.Comes == nil {
		return 0
	}
	return w.options.Cloud.Comes(l)
}

func (w *world) hasRoom(o batch.Offer) bool {
	room, bounded := w.options.Cloud.Room[o.Type]
	for _, i := range w.cloud {
		if i.stage != batch.Gone && i.launch.Offer.Pool == o.Pool {
			room--
		}
	}
	return !bounded || room > 0
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
	w.tell(batch.HostComing{ID: i.launch.Host, Stage: to})
}

func (i *instance) host() batch.Host {
	return batch.Host{
		ID: i.launch.Host, Kind: batch.EC2, Name: i.launch.Host, Capacity: i.launch.Offer.Shape, Address: loopback, Ready: true, SeenAt: now(),
		Launch: &batch.Launch{Offer: i.launch.Offer, Stage: batch.Serving},
	}
}

// vanish ends a host, with its attempts. One that is unknown will not be launched.
func (w *world) vanish(id string) {
	i := w.cloud[id]
	if i == nil {
		w.cloud[id] = &instance{launch: compute.Launch{Host: id}, stage: batch.Gone}
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
			coming = append(coming, batch.HostComing{ID: i.launch.Host, Stage: i.stage})
		}
	}
	return coming
}
