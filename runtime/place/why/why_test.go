package why_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
	"github.com/batchd/terraform-provider-batch/runtime/place/why"
)

// TestStatusReasonsBeginWithTheirCode: what a row says of why a job waits is told back from its words.
func TestStatusReasonsBeginWithTheirCode(t *testing.T) {
	seen := map[why.Code]bool{}
	for _, code := range why.Codes() {
		if seen[code] {
			t.Errorf("%s is listed twice", code)
		}
		seen[code] = true
		reason := code.StatusReason()
		if reason == "" {
			continue
		}
		if !strings.HasPrefix(reason, string(code)+" - ") || why.CodeOf(reason) != code {
			t.Errorf("%s says %q, which is read as %q", code, reason, why.CodeOf(reason))
		}
	}
	if code := why.CodeOf("Essential container in task exited"); code != "" {
		t.Errorf("a reason that says nothing about waiting is read as %s", code)
	}
}

// world is one environment with a host of four vCPUs, and a queue over it.
type world struct {
	*fleet.Fleet
	host *fleet.Host
	full int64
}

func newWorld() *world {
	w := &world{Fleet: fleet.New(), full: -1}
	w.Environments["e"] = &fleet.Environment{Row: batch.Environment{
		Name: "e", Kind: batch.EC2, State: batch.Enabled, Health: batch.Valid, Max: batch.Shape{MilliCPU: 8000, MemoryMiB: 4096},
	}}
	w.host = w.Set(batch.Host{ID: "h", Kind: batch.EC2, Ready: true, Capacity: batch.Shape{MilliCPU: 4000, MemoryMiB: 8192}}, slices.Values([]*fleet.Allocation{}))
	return w
}

// ask is a question about a job of that shape, the first of its queue.
func (w *world) ask(shape batch.Shape, needs ...batch.Need) *why.Question {
	a := &fleet.Ask{Demands: []place.Demand{{Shape: shape, Count: 1}}, Containers: []bool{true}, Needs: needs}
	tried := []batch.EnvironmentOrder{{Environment: "e"}}
	return &why.Question{
		Fleet: w.Fleet, Work: fleet.Work{Ask: a, Job: "j", Queue: "q", Lasts: time.Minute}, Tried: tried, Queue: tried,
		Faulty: true, First: "j", FirstOfShare: true, Full: &w.full, Kept: func(func(*fleet.Reservation) bool) {},
	}
}

// TestEachCauseHasItsCodeAndSentence makes one thing after another stand in the way of a job.
func TestEachCauseHasItsCodeAndSentence(t *testing.T) {
	vcpu := batch.Shape{MilliCPU: 1000}
	for _, c := range []struct {
		name     string
		question func(*world) *why.Question
		code     why.Code
		says     string
	}{
		{"nothing", func(w *world) *why.Question { return w.ask(vcpu) }, why.NextRound, "There is room"},
		{"no vCPUs on its host", func(w *world) *why.Question { return w.ask(batch.Shape{MilliCPU: 5000}) }, why.Busy, "No host of compute environment e has 5 vCPUs free (at most 4 vCPUs, 8192 MiB)."},
		{"no memory in its environment", func(w *world) *why.Question { return w.ask(batch.Shape{MilliCPU: 1000, MemoryMiB: 5000}) }, why.Busy, "Compute environment e has 4096 of 4096 MiB free, 5000 asked for."},
		{"the limit of its host", func(w *world) *why.Question {
			w.host.Runner(true).Limit = &batch.Limit{Attempts: 0, Reason: "pids.max"}
			return w.ask(vcpu)
		}, why.Busy, "Host h holds as many containers as its limits allow: 0 (pids.max)."},
		{"a fault of its host", func(w *world) *why.Question {
			w.host.Runner(true).Fault = &batch.Fault{Reason: "the daemon is down"}
			return w.ask(vcpu)
		}, why.HostFault, "Host h cannot start containers: the daemon is down."},
		{"a disabled environment", func(w *world) *why.Question {
			w.Environments["e"].Row.State = batch.Disabled
			return w.ask(vcpu)
		}, why.Invalid, "No compute environment of queue q is ENABLED and VALID."},
		{"no host", func(w *world) *why.Question {
			w.Drop(w.host)
			return w.ask(vcpu)
		}, why.NoHost, "No host is ready in e."},
		{"a consumable resource in use", func(w *world) *why.Question {
			w.Stocks["licence"] = &fleet.Stock{Row: batch.Consumable{Name: "licence", Total: 3, Replenishable: true}, Used: 2}
			return w.ask(vcpu, batch.Need{Resource: "licence", Quantity: 2})
		}, why.Consumable, "It needs 2 of consumable resource licence, of which 1 of 3 are available."},
		{"a consumable resource that is gone", func(w *world) *why.Question {
			return w.ask(vcpu, batch.Need{Resource: "licence", Quantity: 2})
		}, why.Consumable, "Consumable resource licence has been deleted."},
		{"an older job", func(w *world) *why.Question {
			q := w.ask(vcpu)
			q.First, q.FirstOfShare = "older", false
			return q
		}, why.QueueOrder, "Job older is placed before it."},
		{"another share", func(w *world) *why.Question {
			q := w.ask(vcpu)
			q.First, q.FirstShare, q.Share = "other", "a", "b"
			return q
		}, why.FairShare, "Share a has used less for its weight than share b and goes first."},
		{"a reservation of its policy", func(w *world) *why.Question {
			q := w.ask(vcpu)
			q.Reserved, q.Policy = true, &batch.Policy{Name: "p", FairShare: &batch.FairShare{ReservationPercent: 50}}
			return q
		}, why.ShareReservation, "Scheduling policy p keeps 50% to the power"},
		{"a place that is kept", func(w *world) *why.Question {
			q := w.ask(vcpu)
			kept := &fleet.Reservation{Work: fleet.Work{Job: "urgent", Queue: "high"}, Environment: w.Environments["e"]}
			q.Kept = func(yield func(*fleet.Reservation) bool) { yield(kept) }
			return q
		}, why.Priority, "The room in e is kept for job urgent of queue high."},
		{"its own size", func(w *world) *why.Question {
			q := w.ask(batch.Shape{MilliCPU: 16000})
			q.Aside = why.MaxResource
			return q
		}, why.MaxResource, "It asks for 16 vCPUs; compute environment e may hold 8 vCPUs and 4096 MiB, and its largest host has 4 vCPUs, 8192 MiB."},
	} {
		q := c.question(newWorld())
		code := q.Code()
		if code != c.code {
			t.Errorf("%s: the code is %s, want %s", c.name, code, c.code)
		}
		if said := q.Sentence(code); !strings.HasPrefix(said, c.says) {
			t.Errorf("%s: it says %q, want %q", c.name, said, c.says)
		}
	}
}

// TestFaultsAreNamedUpToALimit counts those that are not.
func TestFaultsAreNamedUpToALimit(t *testing.T) {
	w := newWorld()
	var hosts []*fleet.Host
	for _, id := range []string{"a", "b", "c", "d", "f"} {
		h := w.Set(batch.Host{ID: id, Kind: batch.EC2, Ready: true, Faults: []batch.Fault{{Runner: batch.Processes, Reason: "no room"}}}, slices.Values([]*fleet.Allocation{}))
		hosts = append(hosts, h)
	}
	said := why.FaultsByPool(hosts)[w.Pool(w.Environments["e"])].StatusReason()
	want := "HOST_FAULT - Host a cannot start processes: no room; host b cannot start processes: no room; host c cannot start processes: no room; and 2 more."
	if said != want {
		t.Errorf("it says %q, want %q", said, want)
	}
}
