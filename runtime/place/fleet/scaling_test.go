package fleet_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// paid is how long a host is paid for at least.
const paid = time.Minute

// catalogue has hosts of three families in sizes of 2 to 64 vCPUs, in two zones, on a market. A vCPU of c costs 4 cents an hour with 2 GiB,
// of m 5 cents with 4 GiB, and of r 6 cents with 8 GiB; on Spot each costs a part of that, in percent.
func catalogue(market batch.Market, percent int64) (offers []batch.Offer) {
	for _, family := range []struct {
		name      string
		price     int64
		memoryMiB int64
	}{{"c", 40_000, 2048}, {"m", 50_000, 4096}, {"r", 60_000, 8192}} {
		for _, vcpus := range []int64{2, 4, 8, 16, 32, 64} {
			for _, zone := range []string{"a", "b"} {
				offers = append(offers, batch.Offer{
					Pool:            batch.Pool{Type: fmt.Sprintf("%s.%d", family.name, vcpus), Zone: zone, Market: market},
					Shape:           batch.Shape{MilliCPU: vcpus * 1000, MemoryMiB: vcpus*family.memoryMiB - 256},
					MicroUSDPerHour: vcpus * family.price * percent / 100, OnDemand: vcpus * family.price,
				})
			}
		}
	}
	return offers
}

// cloud is an environment of those offers whose hosts are chosen by a strategy.
func cloud(strategy batch.Strategy, offers []batch.Offer) (*world, *fleet.Environment) {
	w := newWorld(0)
	e := w.Environments["a"]
	e.Row.Offers, e.Row.Max = offers, batch.Shape{MilliCPU: 1_000_000}
	e.Row.Resources = &batch.Resources{Strategy: strategy, BidPercent: 100}
	return w, e
}

// work asks for a number of vCPUs and GiB.
func work(vcpus, gib int64) *fleet.Ask {
	return &fleet.Ask{Demands: []place.Demand{{Shape: batch.Shape{MilliCPU: vcpus * 1000, MemoryMiB: gib * 1024}, Count: 1}}, Containers: []bool{true}}
}

// gang asks for nodes of a number of vCPUs, all at once.
func gang(nodes, vcpus int64) *fleet.Ask {
	a := work(vcpus, 1)
	a.Gang, a.Demands[0].Count = true, nodes
	return a
}

// said is what is launched, in words: "3 c.8/a c.8/b" for three hosts for which c.8 of two zones will do.
func said(groups []fleet.Group) (text string) {
	for _, g := range groups {
		if text += fmt.Sprintf("%d", g.Count); g.Together {
			text += " together"
		}
		for _, o := range g.Offers {
			text += fmt.Sprintf(" %s/%s", o.Type, o.Zone)
		}
		text += "; "
	}
	return text
}

// need asks for room for work and returns what is launched for it.
func need(w *world, e *fleet.Environment, a *fleet.Ask, count int64) (fleet.Answer, string) {
	s := w.Scaling(epoch)
	defer s.Undo()
	answer := s.Need(e, a, count)
	return answer, said(s.Launches(e))
}

func TestStrategiesChooseHosts(t *testing.T) {
	onDemand, spot := catalogue(batch.OnDemand, 100), catalogue(batch.SpotMarket, 30)
	refuse := func(pools ...string) []batch.PoolRefusal {
		var all []batch.PoolRefusal
		for _, p := range pools {
			all = append(all, batch.PoolRefusal{Pool: batch.Pool{Type: p[:len(p)-2], Zone: p[len(p)-1:], Market: batch.OnDemand}, Until: epoch.Add(time.Minute)})
		}
		return all
	}
	for _, c := range []struct {
		name     string
		strategy batch.Strategy
		offers   []batch.Offer
		change   func(*batch.Environment)
		work     *fleet.Ask
		count    int64
		launched string
		left     int64
		lack     fleet.LackCause
	}{
		{
			name: "one small job gets a small host", strategy: batch.BestFitProgressive, offers: onDemand, work: work(1, 1), count: 1,
			launched: "1 c.2/a c.2/b m.2/a m.2/b r.2/a r.2/b; ",
		},
		{
			name: "a job of much memory gets a host of much memory", strategy: batch.BestFitProgressive, offers: onDemand, work: work(1, 12), count: 1,
			launched: "1 r.2/a r.2/b; ",
		},
		{
			name: "a large job gets a large host", strategy: batch.BestFitProgressive, offers: onDemand, work: work(33, 1), count: 1,
			launched: "1 c.64/a c.64/b m.64/a m.64/b r.64/a r.64/b; ",
		},
		{
			name: "much work gets hosts of a medium size", strategy: batch.BestFitProgressive, offers: onDemand, work: work(1, 1), count: 100,
			launched: "12 c.8/a c.8/b m.8/a m.8/b r.8/a r.8/b; 2 c.2/a c.2/b m.2/a m.2/b r.2/a r.2/b; ",
		},
		{
			name: "a pool that refused is passed over", strategy: batch.BestFitProgressive, offers: onDemand, work: work(1, 1), count: 1,
			change:   func(e *batch.Environment) { e.Refused = refuse("c.2/a") },
			launched: "1 c.2/b m.2/a m.2/b r.2/a r.2/b; ",
		},
		{
			name: "the next type when one is out", strategy: batch.BestFitProgressive, offers: onDemand, work: work(1, 1), count: 1,
			change:   func(e *batch.Environment) { e.Refused = refuse("c.2/a", "c.2/b") },
			launched: "1 m.2/a m.2/b r.2/a r.2/b; ",
		},
		{
			name: "BEST_FIT asks for one type", strategy: batch.BestFit, offers: onDemand, work: work(1, 1), count: 3, launched: "2 c.2/a c.2/b; ",
		},
		{
			name: "BEST_FIT waits when its type is out", strategy: batch.BestFit, offers: onDemand, work: work(1, 1), count: 1,
			change: func(e *batch.Environment) { e.Refused = refuse("c.2/a", "c.2/b") }, left: 1, lack: fleet.PoolsRest,
		},
		{
			name: "Spot is offered ten pools and more", strategy: batch.SpotPriceCapacityOptimized, offers: spot, work: work(1, 1), count: 1,
			launched: "1 c.2/a c.2/b c.4/a c.4/b m.2/a m.2/b m.4/a m.4/b r.2/a r.2/b r.4/a r.4/b; ",
		},
		{
			name: "what costs more than the bid is not offered", strategy: batch.SpotCapacityOptimized, offers: spot, work: work(1, 1), count: 1,
			change: func(e *batch.Environment) { e.Resources.BidPercent = 29 }, left: 1, lack: fleet.NoOffer,
		},
		{
			name: "the order of the offers", strategy: batch.BestFitProgressiveOrdered, offers: onDemand, work: work(3, 1), count: 1,
			launched: "1 c.4/a c.4/b m.4/a m.4/b r.4/a r.4/b; ",
		},
		{
			name: "nothing is large enough", strategy: batch.BestFitProgressive, offers: onDemand, work: work(65, 1), count: 1, left: 1, lack: fleet.NoOffer,
		},
		{
			name: "at most one host beyond the maximum", strategy: batch.BestFitProgressive, offers: onDemand, work: work(3, 1), count: 9,
			change:   func(e *batch.Environment) { e.Max.MilliCPU = 9000 },
			launched: "3 c.4/a c.4/b m.4/a m.4/b r.4/a r.4/b; ", left: 6, lack: fleet.AtMax,
		},
		{
			name: "none beyond the maximum if that is wanted", strategy: batch.BestFitProgressive, offers: onDemand, work: work(3, 1), count: 9,
			change: func(e *batch.Environment) {
				e.Max.MilliCPU, e.Resources.NeverOver = 9000, true
			},
			launched: "2 c.4/a c.4/b m.4/a m.4/b r.4/a r.4/b; ", left: 7, lack: fleet.AtMax,
		},
		{
			name: "one at a time if hosts do not come", strategy: batch.BestFitProgressive, offers: onDemand, work: work(1, 1), count: 100,
			change: func(e *batch.Environment) { e.NeverCame = fleet.ProtectAfter }, launched: "1 c.8/a c.8/b m.8/a m.8/b r.8/a r.8/b; ", left: 92, lack: fleet.Protected,
		},
		{
			name: "a multi-node job gets all its hosts, of one type", strategy: batch.BestFitProgressive, offers: onDemand, work: gang(5, 2), count: 1,
			launched: "5 together c.2/a c.2/b; ",
		},
		{
			name: "a multi-node job that is too wide gets none", strategy: batch.BestFitProgressive, offers: onDemand, work: gang(5, 2), count: 1,
			change: func(e *batch.Environment) { e.Max.MilliCPU = 9000 }, left: 1, lack: fleet.AtMax,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, e := cloud(c.strategy, c.offers)
			if c.change != nil {
				c.change(&e.Row)
			}
			answer, launched := need(w, e, c.work, c.count)
			if launched != c.launched || answer.Left != c.left || answer.Lack.Cause != c.lack {
				t.Errorf("launched %q, %d are left for cause %d\nwant     %q, %d for cause %d", launched, answer.Left, answer.Lack.Cause, c.launched, c.left, c.lack)
			}
		})
	}
}

// coming adds a host that is on its way, of the first offer of a type.
func (w *world) coming(e *fleet.Environment, id, of string) {
	for _, o := range e.Row.Offers {
		if o.Type == of {
			w.set(batch.Host{ID: id, Kind: batch.EC2, Environments: []string{"a"}, Launch: &batch.Launch{Offer: o, Stage: batch.Joining}})
			return
		}
	}
}

// TestWorkIsPromisedToHostsThatCome: what is on its way counts, and each part of it once.
func TestWorkIsPromisedToHostsThatCome(t *testing.T) {
	w, e := cloud(batch.BestFitProgressive, catalogue(batch.OnDemand, 100))
	w.coming(e, "h1", "c.4")
	s := w.Scaling(epoch)
	defer s.Undo()
	if a := s.Need(e, work(3, 1), 1); a.Left != 0 || a.Host == nil || a.Host.Row.ID != "h1" {
		t.Errorf("the first job has the answer %+v", a)
	}
	if a := s.Need(e, work(2, 1), 1); a.Left != 0 || a.Host != nil || said(s.Launches(e)) != "1 c.2/a c.2/b m.2/a m.2/b r.2/a r.2/b; " {
		t.Errorf("for a second one, which does not fit beside it, %s are launched: %+v", said(s.Launches(e)), a)
	}
	if a := s.Need(e, work(1, 1), 1); a.Left != 0 || a.Host == nil {
		t.Errorf("the third job, which fits beside the first, has the answer %+v", a)
	}
}

// TestAMultiNodeJobTakesWhatIsThereIfItMay: a job for which a whole set of new hosts would be too many gets those that it lacks.
func TestAMultiNodeJobTakesWhatIsThereIfItMay(t *testing.T) {
	w, e := cloud(batch.BestFitProgressive, catalogue(batch.OnDemand, 100))
	e.Row.Max.MilliCPU = 8000
	w.coming(e, "h1", "c.2")
	w.coming(e, "h2", "c.2")
	if a, launched := need(w, e, gang(4, 2), 1); a.Left != 0 || launched != "2 together c.2/a c.2/b; " {
		t.Errorf("launched %q: %+v", launched, a)
	}
	if a, launched := need(w, e, gang(2, 2), 1); a.Left != 0 || launched != "" {
		t.Errorf("for a job that has room, %q are launched: %+v", launched, a)
	}
}

// draw adds a host that was launched for a, at some stage of its way.
func (w *world) draw(t *rapid.T, n int, offers []batch.Offer) {
	o := rapid.SampledFrom(offers).Draw(t, "offer")
	stage := rapid.SampledFrom([]batch.Stage{batch.Ordered, batch.Launching, batch.Joining, batch.Serving, batch.Serving, batch.Releasing, batch.Gone}).Draw(t, "stage")
	row := batch.Host{ID: fmt.Sprint("l", n), Kind: batch.EC2, Environments: []string{"a"}, Launch: &batch.Launch{Offer: o, Stage: stage}}
	if stage == batch.Serving {
		row.Ready, row.Capacity = true, o.Shape
		if rapid.IntRange(0, 4).Draw(t, "closes") == 0 {
			row.Closing = &batch.Closing{Why: batch.Draining}
		}
	}
	w.set(row)
	for range rapid.IntRange(0, 2).Draw(t, "attempts") {
		if stage == batch.Serving {
			w.start(row.ID, "a", epoch, time.Hour)
		}
	}
	if h := w.Host(row.ID); stage == batch.Serving && h.Used == (batch.Shape{}) {
		h.Row.Launch.IdleSince = epoch.Add(-time.Duration(rapid.IntRange(0, 1800).Draw(t, "idle")) * time.Second)
		h.Row.Launch.RunsAt = h.Row.Launch.IdleSince.Add(-time.Duration(rapid.IntRange(0, 90).Draw(t, "used for")) * time.Second)
		h.Row.Launch.Used = rapid.Bool().Draw(t, "used")
	}
}

// drawCloud makes an environment with some hosts.
func drawCloud(t *rapid.T) (*world, *fleet.Environment) {
	market, strategy := batch.OnDemand, rapid.SampledFrom([]batch.Strategy{"", batch.BestFit, batch.BestFitProgressive, batch.BestFitProgressiveOrdered}).Draw(t, "strategy")
	if rapid.Bool().Draw(t, "on Spot") {
		market, strategy = batch.SpotMarket, rapid.SampledFrom([]batch.Strategy{batch.SpotCapacityOptimized, batch.SpotPriceCapacityOptimized}).Draw(t, "strategy")
	}
	offers := catalogue(market, 60)
	w, e := cloud(strategy, offers)
	e.Row.Resources.NeverOver = rapid.Bool().Draw(t, "never over")
	e.Row.Resources.ScaleDownDelay = time.Duration(rapid.SampledFrom([]int{0, 20}).Draw(t, "delay")) * time.Minute
	e.Row.Resources.BidPercent = rapid.SampledFrom([]int32{50, 60, 100}).Draw(t, "bid")
	e.Row.Max.MilliCPU = rapid.Int64Range(0, 100_000).Draw(t, "max")
	e.Row.MinMilliCPU = min(rapid.Int64Range(0, 10_000).Draw(t, "min"), e.Row.Max.MilliCPU)
	e.Row.NeverCame = rapid.SampledFrom([]int32{0, 9, 10}).Draw(t, "never came")
	for _, o := range offers {
		if rapid.IntRange(0, 3).Draw(t, "refuses") == 0 {
			e.Row.Refused = append(e.Row.Refused, batch.PoolRefusal{Pool: o.Pool, Until: epoch.Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "until")) * time.Second)})
		}
	}
	for n := range rapid.IntRange(0, 6).Draw(t, "hosts") {
		w.draw(t, n, offers)
	}
	return w, e
}

// TestScalingKeepsItsBounds holds what is launched and given back against the rules, for random hosts and work.
func TestScalingKeepsItsBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, e := drawCloud(t)
		before := w.frees(e)
		s := w.Scaling(epoch)
		asked := int64(0)
		for range rapid.IntRange(0, 4).Draw(t, "kinds of work") {
			a := work(rapid.Int64Range(1, 20).Draw(t, "cpus"), rapid.Int64Range(0, 30).Draw(t, "memory"))
			if rapid.IntRange(0, 4).Draw(t, "gang") == 0 {
				a = gang(rapid.Int64Range(2, 6).Draw(t, "nodes"), rapid.Int64Range(1, 8).Draw(t, "cpus"))
			}
			count := rapid.Int64Range(0, 20).Draw(t, "count")
			answer := s.Need(e, a, count)
			asked += count * a.Count()
			if answer.Left < 0 || answer.Left > count || (answer.Left > 0) != (answer.Lack.Cause != fleet.NoLack) && answer.Left > 0 {
				t.Fatalf("of %d pieces of work %d find no room, for cause %d", count, answer.Left, answer.Lack.Cause)
			}
		}
		if hosts := int64(count(s.Launches(e))); hosts > asked {
			t.Fatalf("%d hosts are launched for %d attempts", hosts, asked)
		}
		wanted := count(s.Launches(e))
		s.Keep(e)
		launches, spare := s.Launches(e), s.Spare(e, paid)
		s.Undo()
		if after := w.frees(e); fmt.Sprint(after) != fmt.Sprint(before) {
			t.Fatalf("the hosts have %v after it was worked out, %v before", after, before)
		}
		w.checkLaunches(t, e, launches, wanted)
		w.checkSpare(t, e, launches, spare)
	})
}

// frees is what the hosts of e have free.
func (w *world) frees(e *fleet.Environment) (free []batch.Shape) {
	p := w.Pool(e)
	for i := range p.Hosts {
		free = append(free, p.Free.Free(i))
	}
	return free
}

func count(groups []fleet.Group) (hosts int) {
	for _, g := range groups {
		hosts += g.Count
	}
	return hosts
}

// size is how many thousandths of a vCPU the hosts of e have that are not gone, and how many are coming.
func (w *world) size(e *fleet.Environment) (milliCPU int64, coming int) {
	for _, h := range w.Launched(e) {
		switch stage := h.Row.Launch.Stage; {
		case stage == batch.Gone:
		case stage == batch.Serving:
			milliCPU += h.Row.Capacity.MilliCPU
		default:
			milliCPU += h.Row.Launch.Offer.Shape.MilliCPU
			coming += map[bool]int{true: 1}[stage.Coming()]
		}
	}
	return milliCPU, coming
}

// largestOf is the largest number of vCPUs that a host of a group may have, in thousandths.
func largestOf(g fleet.Group) (milliCPU int64) {
	for _, o := range g.Offers {
		milliCPU = max(milliCPU, o.Shape.MilliCPU)
	}
	return milliCPU
}

// checkLaunches looks at groups, of which the hosts after the first wanted ones are launched for the minimum.
func (w *world) checkLaunches(t *rapid.T, e *fleet.Environment, groups []fleet.Group, wanted int) {
	total, coming := w.size(e)
	never, hosts := e.Row.Resources.NeverOver || e.Row.Resources.Strategy == batch.BestFit, 0
	for _, g := range groups {
		largest, types := largestOf(g), map[string]bool{}
		for _, o := range g.Offers {
			if w.RefusedUntil(o.Pool) > epoch {
				t.Fatalf("pool %s is asked before its time", o.Type)
			}
			if o.Market == batch.SpotMarket && e.Row.Resources.BidPercent < 60 {
				t.Fatalf("%s costs more than the bid", o.Type)
			}
			types[o.Type] = true
		}
		if len(g.Offers) == 0 || len(g.Offers) > fleet.MaxOffers || !g.Together && g.Count > fleet.MaxGroup || (g.Together || e.Row.Resources.Strategy == batch.BestFit) && len(types) > 1 {
			t.Fatalf("a group of %d hosts, together: %t, of %d offers and %d types", g.Count, g.Together, len(g.Offers), len(types))
		}
		for range g.Count {
			limit := e.Row.Max.MilliCPU
			if hosts++; hosts > wanted {
				limit = e.Row.MinMilliCPU
			}
			if total >= limit || never && total+largest > max(e.Row.Max.MilliCPU, e.Row.MinMilliCPU) {
				t.Fatalf("host %d of %d milliCPU is launched beside %d, of at most %d", hosts, largest, total, limit)
			}
			total += largest
		}
		if coming += g.Count; e.Row.NeverCame >= fleet.ProtectAfter && coming > 1 && !g.Together {
			t.Fatalf("%d hosts are coming, and none of the last %d came", coming, e.Row.NeverCame)
		}
	}
}

// checkSpare looks at the hosts that are given back. Those that are launched count for the minimum.
func (w *world) checkSpare(t *rapid.T, e *fleet.Environment, launches []fleet.Group, spare []*fleet.Host) {
	total, _ := w.size(e)
	for _, g := range launches {
		total += int64(g.Count) * largestOf(g)
	}
	for _, h := range spare {
		l := h.Row.Launch
		if h.Used != (batch.Shape{}) || !h.Open() || epoch.Sub(l.RunsAt) < paid || l.Used && epoch.Sub(l.IdleSince) < e.Row.Resources.ScaleDownDelay {
			t.Fatalf("host %s is given back: %+v holds %v", h.Row.ID, l, h.Used)
		}
		if total -= h.Row.Capacity.MilliCPU; total < e.Row.MinMilliCPU {
			t.Fatalf("%d milliCPU are left, at least %d are wanted", total, e.Row.MinMilliCPU)
		}
	}
}
