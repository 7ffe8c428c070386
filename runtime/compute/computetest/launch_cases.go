package computetest

import (
	"errors"
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// launchCases are the laws of a driver whose hosts are launched by order.
var launchCases = []law{
	{"provisions an environment again after an update and after a restart", provisionsAgain},
	{"leaves no host of an environment that is retired", retires},
	{"launches a host once", launchIsIdempotent},
	{"says that a host is on its way", lateHost},
	{"gives back a host that never comes", neverHost},
	{"refuses a host of an empty pool, and says until when", emptyPool},
	{"never launches what was released before", releaseBeforeLaunch},
	{"runs attempts on the host that is named", hostsAreApart},
	{"says what hosts of a group became", groupBecomes},
	{"launches a group once", groupIsIdempotent},
	{"refuses an attempt for a host that is not there", noSuchHost},
	{"keeps hosts while it is closed", hostsSurviveClosing},
}

// launcher returns the driver if its hosts are launched by order, and ends the test if they are not.
func (w *witness) launcher() compute.Launcher {
	w.t.Helper()
	launcher, ok := w.Driver.(compute.Launcher)
	if ok != (w.Offers != nil) {
		w.t.Fatalf("the driver launches hosts: %t; the subject has offers: %t", ok, w.Offers != nil)
	}
	if !ok {
		w.t.Skip("the hosts of this driver are not launched by order")
	}
	return launcher
}

// environment is the one that hosts are launched for.
func (w *witness) environment(revision int64) batch.Environment {
	return batch.Environment{
		Name: "e", UUID: "00000000-0000-4000-8000-00000000000e", Kind: batch.EC2, State: batch.Enabled, Health: batch.Creating,
		Revision: revision, Max: batch.Shape{MilliCPU: 1_000_000}, Resources: w.Resources,
	}
}

// provisioner returns the driver if it is one.
func (w *witness) provisioner() (compute.Provisioner, bool) {
	p, ok := w.Driver.(compute.Provisioner)
	return p, ok
}

// provision has the environment that hosts are launched for provisioned as of a revision, with the hosts that rows would have.
func (w *witness) provision(revision int64, hosts ...batch.Host) {
	w.t.Helper()
	p, ok := w.provisioner()
	if !ok {
		return
	}
	e := w.environment(revision)
	w.mu.Lock()
	w.revision, w.made[e.UUID] = revision, 0
	w.mu.Unlock()
	if err := p.Provision(w.t.Context(), []compute.Provision{{Environment: e, Hosts: hosts}}); err != nil {
		w.t.Fatal("provisioning: ", err)
	}
	w.await("the environment to be provisioned", func() bool { return w.made[e.UUID] == revision })
}

// rowsOf returns the rows that a machine would have of the hosts that the driver has.
func (w *witness) rowsOf() (rows []batch.Host) {
	w.t.Helper()
	c, err := w.Driver.Census(w.t.Context())
	if err != nil {
		w.t.Fatal("census: ", err)
	}
	return c.Hosts
}

func provisionsAgain(w *witness) {
	w.launcher()
	if _, ok := w.provisioner(); !ok {
		w.t.Skip("the environments of this driver are not provisioned")
	}
	w.provision(2)
	w.reopen()
	w.hosted(w.host, "ready")
}

func retires(w *witness) {
	w.launcher()
	p, ok := w.provisioner()
	if !ok {
		w.t.Skip("the environments of this driver are not provisioned")
	}
	e := w.environment(1)
	for range 2 {
		if err := p.Retire(w.t.Context(), []compute.Retirement{{Environment: e}}); err != nil {
			w.t.Fatal("retiring: ", err)
		}
		w.await("the environment to be retired", func() bool { return w.made[e.UUID] == -1 })
		w.mu.Lock()
		w.made[e.UUID] = 0
		w.mu.Unlock()
	}
	w.hosted(w.host, "not at all")
}

func (w *witness) launch(o batch.Offer, hosts ...string) {
	w.t.Helper()
	w.launchGroup(w.groupOf(hosts, o))
}

func (w *witness) launchGroup(l compute.Launch) {
	w.t.Helper()
	if err := w.launcher().Launch(w.t.Context(), []compute.Launch{l}); err != nil {
		w.t.Fatal("launching: ", err)
	}
}

// groupOf asks for hosts as one group, which is named after the first.
func (w *witness) groupOf(hosts []string, offers ...batch.Offer) compute.Launch {
	w.mu.Lock()
	defer w.mu.Unlock()
	return compute.Launch{Group: "of-" + hosts[0], Environment: "e", Offers: offers, Count: len(hosts), Hosts: hosts, Spec: w.spec}
}

func (w *witness) release(hosts ...string) {
	w.t.Helper()
	if err := w.launcher().Release(w.t.Context(), hosts); err != nil {
		w.t.Fatal("releasing: ", err)
	}
}

// becomes waits until a host has come to a stage.
func (w *witness) becomes(host string, stage batch.Stage) {
	w.t.Helper()
	w.await("host "+host+" to be "+string(stage), func() bool { return w.stages[host] == stage })
}

// hosted checks how a host is listed by a census: as ready, coming or not at all.
func (w *witness) hosted(host string, want string) {
	w.t.Helper()
	c, err := w.Driver.Census(w.t.Context())
	if err != nil {
		w.t.Fatal("census: ", err)
	}
	got := "not at all"
	if slices.ContainsFunc(c.Coming, func(h batch.HostComing) bool { return h.ID == host && h.Stage.Coming() }) {
		got = "coming"
	}
	if slices.ContainsFunc(c.Hosts, func(h batch.Host) bool { return h.ID == host && h.Ready && h.Launch != nil }) {
		got = "ready"
	}
	if got != want {
		w.t.Errorf("the census lists host %s as %s, want %s: %+v", host, got, want, c)
	}
}

func launchIsIdempotent(w *witness) {
	w.launcher()
	w.launch(w.Offers.Scarce, "one")
	w.becomes("one", batch.Serving)
	w.launch(w.Offers.Scarce, "one")
	w.hosted("one", "ready")
	w.release("one")
	w.becomes("one", batch.Gone)
	w.launch(w.Offers.Scarce, "one")
	w.hosted("one", "not at all")
}

func lateHost(w *witness) {
	w.launcher()
	w.launch(w.Offers.Late, "late")
	w.hosted("late", "coming")
	w.Offers.Arrive("late")
	var h batch.Host
	w.await("host late", func() bool {
		for _, h = range w.hosts {
			if h.ID == "late" {
				return true
			}
		}
		return false
	})
	if h.Capacity.MilliCPU <= 0 || h.Capacity.MemoryMiB <= 0 || h.Launch == nil || h.Launch.Offer != w.Offers.Late {
		w.t.Errorf("host %+v", h)
	}
	w.hosted("late", "ready")
}

func neverHost(w *witness) {
	w.launcher()
	w.launch(w.Offers.Late, "never")
	w.hosted("never", "coming")
	w.release("never")
	w.becomes("never", batch.Gone)
	w.hosted("never", "not at all")
	w.release("never")
}

func emptyPool(w *witness) {
	launcher := w.launcher()
	w.launch(w.Offers.Scarce, "taken")
	w.becomes("taken", batch.Serving)
	err := launcher.Launch(w.t.Context(), []compute.Launch{w.groupOf([]string{"more"}, w.Offers.Scarce)})
	if refusal := (*compute.Refusal)(nil); errors.As(err, &refusal) {
		if refusal.Why != batch.NoCapacity || !refusal.Until.After(time.Now()) || refusal.Text == "" {
			w.t.Errorf("refusal %+v", refusal)
		}
	} else {
		w.await("the refusal", func() bool { return w.refusals["more"].Why == batch.NoCapacity && w.refusals["more"].Until > now() })
	}
	w.hosted("more", "not at all")
	w.hosted("taken", "ready")
	w.launch(w.Offers.Prompt, "other") // of another pool
	w.becomes("other", batch.Serving)
}

func releaseBeforeLaunch(w *witness) {
	w.launcher()
	w.release("early")
	w.launch(w.Offers.Prompt, "early")
	w.hosted("early", "not at all")
}

// groupBecomes launches two hosts as a group for which a pool of one host and another one will do.
func groupBecomes(w *witness) {
	w.launcher()
	w.launchGroup(w.groupOf([]string{"a", "b"}, w.Offers.Scarce, w.Offers.Prompt))
	w.becomes("a", batch.Serving)
	w.becomes("b", batch.Serving)
	came := map[batch.Pool]int{}
	for _, id := range []string{"a", "b"} {
		w.mu.Lock()
		coming := w.coming[id]
		w.mu.Unlock()
		if coming.Name == "" {
			w.t.Errorf("host %s has no name", id)
		}
		came[coming.Offer.Pool]++
	}
	if came[w.Offers.Scarce.Pool]+came[w.Offers.Prompt.Pool] != 2 || came[w.Offers.Scarce.Pool] > 1 {
		w.t.Errorf("the hosts came from %v", came)
	}
}

// groupIsIdempotent repeats the launch of a group, with what is known not to have come. All of it is there.
func groupIsIdempotent(w *witness) {
	w.launcher()
	group := w.groupOf([]string{"a", "b"}, w.Offers.Prompt)
	w.launchGroup(group)
	w.becomes("a", batch.Serving)
	w.becomes("b", batch.Serving)
	again := group
	again.Hosts = []string{"b"}
	w.launchGroup(again)
	w.launchGroup(group)
	c, err := w.Driver.Census(w.t.Context())
	if err != nil {
		w.t.Fatal("census: ", err)
	}
	if n := len(c.Hosts) + len(c.Coming); n != 3 { // with the first one of every case
		w.t.Errorf("there are %d hosts: %+v", n, c)
	}
}

func hostsAreApart(w *witness) {
	w.launcher()
	w.launch(w.Offers.Prompt, "second", "third")
	w.becomes("second", batch.Serving)
	w.becomes("third", batch.Serving)
	w.start(id(1), Behaviour{Manual: true})
	w.started(id(1))
	other := w.orderFor(id(2), Behaviour{Manual: true})
	other.Host, other.Lane = "second", "another"
	w.give(other)
	w.started(id(2))
	w.release("second")
	w.becomes("second", batch.Gone)
	held := w.census()
	if held[id(1)].State != compute.Running {
		w.t.Errorf("after another host was given back the attempt is held as %+v", held[id(1)])
	}
	if other, kept := held[id(2)]; kept && (other.State != compute.Ended || other.Exit.Kind == batch.Exited) { // its service may have said how it ended
		w.t.Errorf("after its host was given back the attempt is held as %+v", other)
	}
	w.Finish(id(1), 0)
	w.ended(id(1), 0)
}

func noSuchHost(w *witness) {
	w.launcher()
	order := w.orderFor(id(1), Behaviour{})
	order.Host = "nowhere"
	w.give(order)
	if e := w.exited(id(1)); e.Kind != batch.Refused || e.Reason == "" {
		w.t.Errorf("exit %+v", e)
	}
}

func hostsSurviveClosing(w *witness) {
	w.launcher()
	w.launch(w.Offers.Late, "never")
	var coming batch.HostComing
	w.await("host never to be coming", func() (heard bool) {
		coming, heard = w.coming["never"]
		return heard
	})
	w.reopen(batch.Host{
		ID: "never", Kind: batch.EC2, Name: coming.Name, Environments: []string{"e"},
		Launch: &batch.Launch{Group: "of-never", Count: 1, Offer: w.Offers.Late, Stage: coming.Stage},
	})
	w.hosted(w.host, "ready")
	w.hosted("never", "coming")
	w.start(id(1), Behaviour{Code: 4})
	w.ended(id(1), 4)
}
