package sched_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// Limits of a round in which hosts are planned.
const (
	planLimit      = 200 * time.Millisecond // with fleetHosts hosts and ten attempts on each
	smallPlanLimit = 5 * time.Millisecond   // with smallFleet hosts
	smallFleet     = 100
)

// bigCatalogue is 24 types of three families in three zones.
func bigCatalogue() (offers []batch.Offer) {
	for family, memory := range []int64{2048, 4096, 8192} {
		for size := range 8 {
			for _, zone := range []string{"a", "b", "c"} {
				vcpus := int64(2) << size
				offers = append(offers, batch.Offer{
					Pool:  batch.Pool{Type: fmt.Sprintf("f%d.%d", family, vcpus), Zone: zone, Market: batch.OnDemand},
					Shape: batch.Shape{MilliCPU: vcpus * 1000, MemoryMiB: vcpus * memory}, MicroUSDPerHour: vcpus * int64(40_000+family*10_000),
				})
			}
		}
	}
	return offers
}

// newCloudFleet is a fleet whose hosts were launched, and that has room for as many again.
func newCloudFleet(t testing.TB, hosts, queues int) *fleet {
	t.Helper()
	var s batch.Snapshot
	f := newFleet(t, 0, queues)
	for i := range fleetEnvironments {
		e := environmentOf(fmt.Sprintf("e%d", i), int64(hosts)*2*8000/fleetEnvironments)
		e.Kind, e.Offers, e.Resources = batch.EC2, bigCatalogue(), &batch.Resources{Strategy: batch.BestFitProgressive}
		s.Environments = append(s.Environments, e)
	}
	for i := range hosts {
		s.Hosts = append(s.Hosts, batch.Host{
			ID: fmt.Sprintf("i-%017x", i), Kind: batch.EC2, Capacity: batch.Shape{MilliCPU: 8000, MemoryMiB: 16384},
			Environments: []string{fmt.Sprintf("e%d", i%fleetEnvironments)}, Ready: true,
			Launch: &batch.Launch{Offer: bigCatalogue()[6], Stage: batch.Serving, RunsAt: f.now},
		})
	}
	for i := range queues {
		s.Queues = append(s.Queues, queueOf(fmt.Sprintf("q%02d", i), int32(i%5), false, fmt.Sprintf("e%d", i%fleetEnvironments)))
	}
	f.m = sched.Load(s, sched.Config{MaxArraySize: batch.MaxMaxArraySize})
	return f
}

// smallKinds are kinds of which about a dozen fit a host.
func smallKind(i int) int { return i%2 + 12*(i/2%3) }

// benchPlan measures rounds of a machine whose hosts are full and that plans hosts for a million children which wait: the first one, which
// launches as many hosts as may be; those in which attempts end; and quiet ones, in which there is nothing to do but to plan.
func benchPlan(t *testing.T) {
	for _, c := range []struct {
		hosts, queues, ends int
		limit               time.Duration
	}{{fleetHosts, fleetQueues, endsPerRound, planLimit}, {smallFleet, 5, 20, smallPlanLimit}} {
		f := newCloudFleet(t, c.hosts, c.queues)
		for i := range 20 * c.queues {
			f.submit(f.queue(i), 1000, smallKind(i))
		}
		begun := time.Now()
		f.place()
		first := time.Since(begun)
		f.fill()
		var ends, quiet []time.Duration
		for range measuredRounds / 4 {
			d, _ := f.round(f.some(c.ends))
			ends = append(ends, d)
			begun = time.Now()
			f.m.Dispatch(f.now.Std())
			quiet = append(quiet, time.Since(begun))
			f.m.Take()
		}
		name := fmt.Sprintf("plan-%d-hosts", c.hosts)
		report("  "+name+"-attempts", float64(len(f.running)), "1", 0)
		report("  "+name+"-first", millis(first), "ms", 0)
		for what, all := range map[string][]time.Duration{"ends": ends, "quiet": quiet} {
			slices.Sort(all)
			report(name+"-"+what+"-p50", millis(all[len(all)/2]), "ms", float64(all[len(all)/2])/float64(c.limit))
			report(name+"-"+what+"-p90", millis(all[len(all)*9/10]), "ms", float64(all[len(all)*9/10])/float64(c.limit))
		}
	}
}
