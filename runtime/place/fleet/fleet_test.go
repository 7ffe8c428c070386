package fleet_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

const epoch = batch.Time(1_700_000_000_000)

// world is a fleet and the allocations that a twin believes to be on it.
type world struct {
	*fleet.Fleet
	live  []*fleet.Allocation
	order int64
}

func newWorld(hosts int) *world {
	w := &world{Fleet: fleet.New()}
	for _, name := range []string{"a", "b"} {
		w.Environments[name] = &fleet.Environment{Row: batch.Environment{Name: name, Kind: batch.EC2, Max: batch.Shape{MilliCPU: 1_000_000}}}
	}
	for i := range hosts {
		w.set(batch.Host{ID: fmt.Sprint("h", i), Kind: batch.EC2, Ready: true, Capacity: batch.Shape{MilliCPU: 8000, MemoryMiB: 8000}})
	}
	return w
}

func (w *world) set(row batch.Host) { w.Set(row, slices.Values(w.live)) }

// start gives an attempt of one vCPU a place.
func (w *world) start(host, environment string, at batch.Time, lasts time.Duration) *fleet.Allocation {
	w.order++
	a := &fleet.Allocation{
		Run: &batch.Run{OrderedAt: at, Expected: lasts, Order: w.order}, Host: w.Host(host), Environment: w.Environments[environment],
		Shape: batch.Shape{MilliCPU: 1000, MemoryMiB: 500},
	}
	a.Book(1)
	a.Enter()
	a.Expect()
	w.live = append(w.live, a)
	return a
}

func (w *world) end(a *fleet.Allocation) {
	a.Leave()
	a.Book(-1)
	a.Host = nil
	w.live = slices.DeleteFunc(w.live, func(other *fleet.Allocation) bool { return other == a })
}

// TestExpectedEndsAreThoseOfLiveAttempts holds the ends of a pool against a list that is sorted each time, while attempts
// start and end, are found to last longer, and their hosts move between pools.
func TestExpectedEndsAreThoseOfLiveAttempts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, at := newWorld(3), epoch
		host := rapid.SampledFrom([]string{"h0", "h1", "h2"})
		t.Repeat(map[string]func(*rapid.T){
			"start": func(t *rapid.T) {
				w.start(host.Draw(t, "host"), "a", at, time.Duration(rapid.Int64Range(1, 100).Draw(t, "lasts"))*time.Second)
			},
			"end": func(t *rapid.T) {
				if len(w.live) == 0 {
					t.Skip("none is live")
				}
				w.end(w.live[rapid.IntRange(0, len(w.live)-1).Draw(t, "which")])
			},
			"time passes": func(t *rapid.T) {
				at = at.Add(time.Duration(rapid.Int64Range(0, 60).Draw(t, "pause")) * time.Second)
			},
			"move": func(t *rapid.T) {
				row := w.Host(host.Draw(t, "host")).Row
				row.Environments = rapid.SampledFrom([][]string{nil, {"a"}, {"b"}, {"a", "b"}}).Draw(t, "environments")
				w.set(row)
			},
			"": func(t *rapid.T) {
				for _, e := range w.Environments {
					p := w.Pool(e)
					p.Overdue(at)
					var last fleet.End
					seen := map[*fleet.Allocation]bool{}
					for end := range p.Ends.Ascending {
						if end.At <= at || len(seen) > 0 && last.Compare(end) >= 0 {
							t.Fatalf("an end at %d comes after one at %d; it is %d", end.At, last.At, at)
						}
						last, seen[end.Allocation] = end, true
					}
					for _, a := range w.live {
						if _, in := a.Host.RoomIn(p); in != seen[a] {
							t.Fatalf("an attempt on %s is in the pool: %t, and expected to end there: %t", a.Host.Row.ID, in, seen[a])
						}
					}
				}
			},
		})
	})
}

// TestRoomsAreWhatAllocationsLeave holds the books against sums over what is live.
func TestRoomsAreWhatAllocationsLeave(t *testing.T) {
	w := newWorld(2)
	first := w.start("h0", "a", epoch, time.Minute)
	w.start("h0", "b", epoch, time.Minute)
	w.start("h1", "b", epoch, time.Minute)
	p := w.Pool(w.Environments["a"])
	for i, h := range p.Hosts {
		if used := map[string]int64{"h0": 2000, "h1": 1000}[h.Row.ID]; p.Free.Free(i).MilliCPU != 8000-used {
			t.Errorf("host %s has %d free, want %d", h.Row.ID, p.Free.Free(i).MilliCPU, 8000-used)
		}
	}
	if free := w.Environments["b"].Free().MilliCPU; free != 998_000 {
		t.Errorf("environment b has %d free", free)
	}
	w.end(first)
	if h := w.Host("h0"); h.Free().MilliCPU != 7000 || h.Runner(false).Live != 1 {
		t.Errorf("after an end the host has %d free and %d attempts", h.Free().MilliCPU, h.Runner(false).Live)
	}
	gone := w.Host("h1").Row
	gone.Ready = false
	w.set(gone)
	if p := w.Pool(w.Environments["a"]); !p.Ready() || p.Free.First(batch.Shape{}, 1) >= 0 {
		t.Error("a host that is gone takes work")
	}
	if demands := []place.Demand{{Shape: batch.Shape{MilliCPU: 5000}, Count: 2}}; !w.Pool(w.Environments["a"]).TooSmall(demands) {
		t.Error("two halves of a host fit on one")
	}
}

// TestEnvironmentsUseTheirOwnHostsOrThoseOfTheirKind shows which pool an environment has.
func TestEnvironmentsUseTheirOwnHostsOrThoseOfTheirKind(t *testing.T) {
	w := newWorld(1)
	own := batch.Host{ID: "own", Kind: batch.EC2, Ready: true, Environments: []string{"a"}}
	names := func(environment string) (ids []string) {
		for _, h := range w.Pool(w.Environments[environment]).Hosts {
			ids = append(ids, h.Row.ID)
		}
		return ids
	}
	w.set(own)
	if a, b := names("a"), names("b"); !slices.Equal(a, []string{"own"}) || !slices.Equal(b, []string{"h0"}) {
		t.Errorf("a uses %v, b uses %v", a, b)
	}
	w.Drop(w.Host("own"))
	if a := names("a"); !slices.Equal(a, []string{"h0"}) {
		t.Errorf("without hosts of its own a uses %v", a)
	}
}

// TestRunnerTakesWhatLimitAndFaultAllow is the table of how many more attempts a runner takes.
func TestRunnerTakesWhatLimitAndFaultAllow(t *testing.T) {
	limit := &batch.Limit{Attempts: 4}
	for name, c := range map[string]struct {
		runner fleet.Runner
		want   int64
	}{
		"no bound":                                   {fleet.Runner{}, fleet.Boundless},
		"up to the limit":                            {fleet.Runner{Limit: limit, Live: 3}, 1},
		"over the limit":                             {fleet.Runner{Limit: limit, Live: 5}, 0},
		"what a fault allows":                        {fleet.Runner{Fault: &batch.Fault{Allow: 3}, Live: 1}, 2},
		"one try when it is due":                     {fleet.Runner{Fault: &batch.Fault{RetryAt: epoch}, Live: 2}, 1},
		"none before it is due":                      {fleet.Runner{Fault: &batch.Fault{RetryAt: epoch + 1}, Live: 2}, 0},
		"none beside one that is being started":      {fleet.Runner{Fault: &batch.Fault{RetryAt: epoch}, Live: 2, Starting: 1}, 0},
		"one in the place of another while it fails": {fleet.Runner{Fault: &batch.Fault{Reason: "down", Allow: 9}, Live: 2}, 1},
	} {
		if got := c.runner.Takes(epoch); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
