package fleet_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// offers are of a small, a medium and a large host, those that an environment prefers first.
var offers = []batch.Offer{
	{Pool: batch.Pool{Type: "medium"}, Shape: batch.Shape{MilliCPU: 4000, MemoryMiB: 4000}},
	{Pool: batch.Pool{Type: "small"}, Shape: batch.Shape{MilliCPU: 2000, MemoryMiB: 8000}},
	{Pool: batch.Pool{Type: "large"}, Shape: batch.Shape{MilliCPU: 16000, MemoryMiB: 16000}},
}

const idle = time.Minute

// draw adds a host that was launched for a, at some stage of its way.
func (w *world) draw(t *rapid.T, n int) {
	o := rapid.SampledFrom(offers).Draw(t, "offer")
	stage := rapid.SampledFrom([]batch.Stage{batch.Ordered, batch.Launching, batch.Joining, batch.Serving, batch.Serving, batch.Releasing, batch.Gone}).Draw(t, "stage")
	row := batch.Host{ID: fmt.Sprint("l", n), Kind: batch.EC2, Environments: []string{"a"}, Launch: &batch.Launch{Offer: o, Stage: stage}}
	if stage == batch.Serving {
		row.Ready, row.Capacity = true, o.Shape
	}
	w.set(row)
	for range rapid.IntRange(0, 2).Draw(t, "attempts") {
		if stage == batch.Serving {
			w.start(row.ID, "a", epoch, time.Hour)
		}
	}
	if h := w.Host(row.ID); stage == batch.Serving && h.Used == (batch.Shape{}) {
		h.Row.Launch.IdleSince = epoch.Add(-time.Duration(rapid.IntRange(0, 120).Draw(t, "idle")) * time.Second)
	}
}

// launched returns the first offer of each host that e lacks.
func launched(s *fleet.Scaling, e *fleet.Environment) (offers []batch.Offer) {
	for _, g := range s.Launches(e) {
		for range g.Count {
			offers = append(offers, g.Offers[0])
		}
	}
	return offers
}

// TestScalingKeepsItsBounds holds what is launched and given back against the rules, for random hosts and work.
func TestScalingKeepsItsBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(0)
		e := w.Environments["a"]
		e.Row.Offers = offers
		e.Row.Max.MilliCPU = rapid.Int64Range(0, 40_000).Draw(t, "max")
		e.Row.MinMilliCPU = min(rapid.Int64Range(0, 10_000).Draw(t, "min"), e.Row.Max.MilliCPU)
		for _, o := range offers {
			if rapid.IntRange(0, 3).Draw(t, "refuses") == 0 {
				e.Row.Refused = append(e.Row.Refused, batch.PoolRefusal{Pool: o.Pool, Until: epoch.Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "until")) * time.Second)})
			}
		}
		for n := range rapid.IntRange(0, 6).Draw(t, "hosts") {
			w.draw(t, n)
		}
		asked := *e // the same without offers: what finds room on hosts that are there or coming
		asked.Row.Offers = nil
		s, without := w.Scaling(epoch), w.Scaling(epoch)
		for range rapid.IntRange(0, 4).Draw(t, "kinds of work") {
			shape := batch.Shape{MilliCPU: rapid.Int64Range(1, 20_000).Draw(t, "cpus"), MemoryMiB: rapid.Int64Range(0, 9000).Draw(t, "memory")}
			count := rapid.Int64Range(0, 20).Draw(t, "count")
			before := len(launched(s, e))
			left, lacks := s.Need(e, shape, count), without.Need(&asked, shape, count)
			if lacks == 0 && len(launched(s, e)) > before && before == 0 {
				t.Fatalf("hosts are launched for %d of %v, which have room", count, shape)
			}
			if left > lacks {
				t.Fatalf("%d of %v find no room, without offers %d", left, shape, lacks)
			}
		}
		wanted := len(launched(s, e))
		s.Keep(e)
		var total, last int64
		for _, h := range w.Launched(e) {
			switch h.Row.Launch.Stage {
			case batch.Gone:
			case batch.Serving:
				total += h.Row.Capacity.MilliCPU
			default:
				total += h.Row.Launch.Offer.Shape.MilliCPU
			}
		}
		for i, o := range launched(s, e) {
			if w.RefusedUntil(o.Pool) > epoch {
				t.Fatalf("pool %s is asked before its time", o.Type)
			}
			if i < wanted && total >= e.Row.Max.MilliCPU || i >= wanted && total >= e.Row.MinMilliCPU {
				t.Fatalf("host %d is launched beside %d milliCPU, at most %d and at least %d are wanted", i, total, e.Row.Max.MilliCPU, e.Row.MinMilliCPU)
			}
			last = o.Shape.MilliCPU
			total += last
		}
		for _, h := range s.Spare(e, idle) {
			if h.Used != (batch.Shape{}) || !h.Row.Ready || epoch.Sub(h.Row.Launch.IdleSince) < idle {
				t.Fatalf("host %s is given back: %+v holds %v", h.Row.ID, h.Row, h.Used)
			}
			if total -= h.Row.Capacity.MilliCPU; total < e.Row.MinMilliCPU {
				t.Fatalf("%d milliCPU are left, at least %d are wanted", total, e.Row.MinMilliCPU)
			}
		}
	})
}
