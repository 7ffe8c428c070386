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
	{"launches a host once", launchIsIdempotent},
	{"says that a host is on its way", lateHost},
	{"gives back a host that never comes", neverHost},
	{"refuses a host of an empty pool, and says until when", emptyPool},
	{"never launches what was released before", releaseBeforeLaunch},
	{"runs attempts on the host that is named", hostsAreApart},
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

func (w *witness) launch(o batch.Offer, hosts ...string) {
	w.t.Helper()
	if err := w.launcher().Launch(w.t.Context(), launchesOf(o, hosts...)); err != nil {
		w.t.Fatal("launching: ", err)
	}
}

func launchesOf(o batch.Offer, hosts ...string) (launches []compute.Launch) {
	for _, id := range hosts {
		launches = append(launches, compute.Launch{Host: id, Environment: "e", Offer: o})
	}
	return launches
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
	err := launcher.Launch(w.t.Context(), launchesOf(w.Offers.Scarce, "more"))
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
	if err := w.launcher().Launch(w.t.Context(), launchesOf(w.Offers.Prompt, "early")); err != nil {
		w.t.Error("launching: ", err)
	}
	w.hosted("early", "not at all")
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
	if held := w.census(); len(held) != 1 || held[id(1)].State != compute.Running {
		w.t.Errorf("after a host was given back there is %+v", held)
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
	w.reopen()
	w.hosted(w.host, "ready")
	w.hosted("never", "coming")
	w.start(id(1), Behaviour{Code: 4})
	w.ended(id(1), 4)
}
