package sched

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
	"github.com/batchd/terraform-provider-batch/runtime/place/why"
)

// scale orders the hosts that environments lack for what waits, and gives back those that they can spare. It comes last in a round, so
// what waits then has found no place.
func (m *Machine) scale(at batch.Time) {
	scaled := m.scaled()
	m.prospects = nil
	if len(scaled) == 0 {
		return
	}
	for _, e := range scaled {
		m.giveUpLate(at, e)
		m.noteIdle(at, e)
	}
	s := m.fleet.Scaling(at)
	m.needHosts(s)
	launches, spare := make([][]fleet.Group, len(scaled)), make([][]*fleet.Host, len(scaled))
	for i, e := range scaled {
		if e.Row.Open() && m.launches(e) {
			s.Keep(e)
		}
		launches[i], spare[i] = s.Launches(e), s.Spare(e, cmp.Or(m.config.FirstPaid, firstPaid))
	}
	s.Undo()
	for i, e := range scaled {
		m.launch(at, e, launches[i])
		for _, h := range spare[i] {
			m.releaseHost(at, h)
		}
	}
	if wake := s.Wake(); wake != 0 {
		m.wakeBy(wake)
	}
}

// scaled returns the environments that launch hosts, or have some that were launched, by name.
func (m *Machine) scaled() (scaled []*fleet.Environment) {
	for _, e := range m.fleet.Environments {
		if len(e.Row.Offers) > 0 || len(m.fleet.Launched(e)) > 0 {
			scaled = append(scaled, e)
		}
	}
	slices.SortFunc(scaled, func(a, b *fleet.Environment) int { return strings.Compare(a.Row.Name, b.Row.Name) })
	return scaled
}

// needHosts asks for room for what waits, queue by queue. What an environment cannot get room for is asked of the next one of its queue.
// Work that the fair-share policy of its queue would not let run, because it reserves the rest for other shares, asks for nothing.
func (m *Machine) needHosts(s *fleet.Scaling) {
	m.prospects = map[*class]why.Prospect{}
	for _, q := range m.rankedQueues() {
		open := m.launching(q.tried)
		if len(open) == 0 {
			continue
		}
		allowance := max(q.line.Allowance, 0)
		for _, c := range waitingClasses(q) {
			count := min(c.waiting(), m.fleet.Enough(c.Ask.Needs))
			if milli := c.Ask.Total().MilliCPU; milli > 0 {
				count = min(count, allowance/milli)
				allowance -= count * milli
			}
			var prospect why.Prospect
			for _, e := range open {
				if count == 0 {
					break
				}
				if !c.Ask.Suits(e) {
					continue
				}
				answer := s.Need(e, c.Ask, count)
				prospect.Told(e, answer)
				count = answer.Left
			}
			m.prospects[c.class] = prospect
		}
	}
}

// launching returns those of the environments that can have hosts launched now.
func (m *Machine) launching(tried []batch.EnvironmentOrder) []*fleet.Environment {
	return slices.DeleteFunc(m.fleet.Open(tried), func(e *fleet.Environment) bool { return !m.launches(e) })
}

// launches reports whether e can have hosts launched now. One that a driver had provisioned which is not there any longer cannot.
func (m *Machine) launches(e *fleet.Environment) bool {
	return e.Row.Launches() && (e.Row.Provisioning.At == 0 || m.provisions(e.Row.Kind))
}

// waitingClasses returns the classes of q in which work waits, in the order in which they are served.
func waitingClasses(q *queue) (classes []waitingClass) {
	for _, l := range q.line.Lineups() {
		for _, c := range l.Heads() {
			classes = append(classes, waitingClass{c})
		}
	}
	slices.SortFunc(classes, func(a, b waitingClass) int {
		switch {
		case a.Before(b.class):
			return -1
		case b.Before(a.class):
			return 1
		default:
			return 0
		}
	})
	return classes
}

type waitingClass struct{ *class }

// waiting is how many attempts wait in c, or how many multi-node jobs, maxScaled at most.
func (c waitingClass) waiting() (count int64) {
	for _, j := range c.Entries[:min(len(c.Entries), maxScaled)] {
		if count += int64(j.Places()); count >= maxScaled {
			return maxScaled
		}
	}
	return count
}

// launch orders groups of hosts for e. Their ids are new: the rows of hosts stay for a while after the hosts are gone.
func (m *Machine) launch(at batch.Time, e *fleet.Environment, groups []fleet.Group) {
	n := 0
	for _, g := range groups {
		l := batch.Launch{
			Count: int32(g.Count), Together: g.Together, Offers: g.Offers, Offer: g.Offers[0], Spec: e.Row.Spec,
			Stage: batch.Ordered, StageAt: at, Deadline: at.Add(cmp.Or(m.config.LaunchPatience, launchPatience)),
		}
		for range g.Count {
			row := batch.Host{Kind: e.Row.Kind, Environments: []string{e.Row.Name}, SeenAt: at}
			for row.ID == "" || m.fleet.Hosts[row.ID] != nil {
				row.ID = fmt.Sprintf("%s-%d-%d", e.Row.Name, at, n)
				n++
			}
			if l.Group == "" { // the first of the group gives it a name
				l.Group = fmt.Sprintf("%s-%d-%d", e.Row.UUID, at, n-1)
			}
			own := l
			row.Launch = &own
			m.setHost(row)
			m.round.delta.Hosts = append(m.round.delta.Hosts, row) // no row of that id is there
		}
		m.orderGroup(e, l.Group)
		m.wakeBy(l.Deadline)
	}
}

// orderGroup orders the hosts of a group of which nothing has been heard. An environment is provisioned before its hosts are launched: one
// that was not asked for since the machine was made has its groups ordered after a later census.
func (m *Machine) orderGroup(e *fleet.Environment, group string) {
	if _, asked := m.asked[e.Row.UUID]; !asked && m.provisions(e.Row.Kind) {
		return
	}
	var o LaunchHosts
	for _, h := range m.fleet.Launched(e) {
		if l := h.Row.Launch; l.Group == group && l.Stage == batch.Ordered {
			o.Group, o.Environment, o.Kind, o.Offers, o.Count, o.Together, o.Spec = group, e.Row.Name, h.Row.Kind, l.Offers, int(l.Count), l.Together, l.Spec
			o.Hosts = append(o.Hosts, h.Row.ID)
		}
	}
	if len(o.Hosts) > 0 {
		m.order(o)
	}
}

// releaseHost gives back h, which must not have attempts.
func (m *Machine) releaseHost(at batch.Time, h *fleet.Host) {
	m.setStage(at, h, batch.Releasing)
	m.order(ReleaseHost{Host: h.Row.ID})
}

// setStage puts h into a stage in which it takes no attempts.
func (m *Machine) setStage(at batch.Time, h *fleet.Host, to batch.Stage) {
	row := h.Row
	row.Ready, row.SeenAt, row.Launch = false, at, staged(row.Launch, to, at)
	m.setHost(row)
	m.saveHost(h)
	m.mayFit() // what would have fitted there never may now
}

// staged returns a copy of l that has come to a stage; nil if l is nil.
func staged(l *batch.Launch, to batch.Stage, at batch.Time) *batch.Launch {
	if l == nil {
		return nil
	}
	next := *l
	if next.Stage != to {
		next.Stage, next.StageAt, next.IdleSince = to, at, 0
	}
	if next.RunsAt == 0 && (to == batch.Joining || to == batch.Serving) {
		next.RunsAt = at
	}
	return &next
}

// releaseAll gives back all hosts of e, which has no attempts and is going.
func (m *Machine) releaseAll(e *fleet.Environment) {
	for _, h := range m.fleet.Launched(e) {
		if stage := h.Row.Launch.Stage; stage.Coming() || stage == batch.Serving {
			m.releaseHost(m.at, h)
		}
	}
}

// giveUpLate gives back hosts of e that have not become ready in time: they count as never coming.
func (m *Machine) giveUpLate(at batch.Time, e *fleet.Environment) {
	for _, h := range m.fleet.Launched(e) {
		l := h.Row.Launch
		switch {
		case !l.Stage.Coming():
		case l.Deadline <= at:
			m.neverCame(e)
			m.closePools(e, l.Pools(), batch.PoolRefusal{Why: batch.NeverCame, Text: "a host was not ready in time"})
			m.releaseHost(at, h)
		default:
			m.wakeBy(l.Deadline)
		}
	}
}

// noteIdle notes since when hosts of e have had no attempts.
func (m *Machine) noteIdle(at batch.Time, e *fleet.Environment) {
	for _, h := range m.fleet.Launched(e) {
		l := h.Row.Launch
		idle := h.Live() == 0
		if l.Stage != batch.Serving || idle == (l.IdleSince != 0) {
			continue
		}
		next := *l
		next.IdleSince, next.Used = 0, true
		if idle {
			next.IdleSince = at
		}
		h.Row.Launch = &next
		m.saveHost(h)
	}
}

// neverCame notes that a host of e has not come.
func (m *Machine) neverCame(e *fleet.Environment) {
	e.Row.NeverCame++
	if e.Protected() && e.Row.Health == batch.Valid {
		e.Row.StatusReason = healthOf(e)
	}
	m.saveEnvironment(e)
}

// protectedEnvironment has a place for a number of hosts.
const protectedEnvironment = healthyEnvironment + " - PROTECTED: the last %d instances did not join it; one at a time is launched until one does"

// healthOf is the statusReason of an environment that is VALID.
func healthOf(e *fleet.Environment) string {
	if e.Protected() {
		return fmt.Sprintf(protectedEnvironment, e.Row.NeverCame)
	}
	return healthyEnvironment
}

// closePools notes in the row of e why and until when pools are not asked for hosts: for longer if they have refused several times in a
// row. Refusals that have been over for a while are forgotten.
func (m *Machine) closePools(e *fleet.Environment, pools []batch.Pool, why batch.PoolRefusal) {
	why.Text = clip(why.Text)
	kept := slices.DeleteFunc(slices.Clone(e.Row.Refused), func(old batch.PoolRefusal) bool {
		return old.Until.Add(refusalMemory) <= m.at && !slices.Contains(pools, old.Pool)
	})
	for _, pool := range pools {
		r := why
		r.Pool, r.Times = pool, 1
		if i := slices.IndexFunc(kept, func(old batch.PoolRefusal) bool { return old.Pool == pool }); i >= 0 {
			old := kept[i]
			if r.Times = old.Times; old.Until <= m.at { // it was asked again
				r.Times++
			}
			r.Until = max(r.Until, old.Until)
			kept = slices.Delete(kept, i, i+1)
		}
		switch {
		case r.Until > m.at:
		case r.Times >= manyRefusals:
			r.Until = m.at.Add(longRefusalRest)
		default:
			r.Until = m.at.Add(refusalRest)
		}
		kept = append(kept, r)
	}
	e.Row.Refused = kept
	m.saveEnvironment(e)
}

// gave notes that a pool has given a host: what it refused before does not count any longer.
func (m *Machine) gave(e *fleet.Environment, pool batch.Pool) {
	i := slices.IndexFunc(e.Row.Refused, func(r batch.PoolRefusal) bool { return r.Pool == pool && r.Until <= m.at })
	if i >= 0 {
		e.Row.Refused = slices.Delete(slices.Clone(e.Row.Refused), i, i+1)
		m.saveEnvironment(e)
	}
}

// launched returns the host of that id if it was ordered and is not gone; nil otherwise.
func (m *Machine) launched(id string) *fleet.Host {
	h := m.fleet.Hosts[id]
	if h == nil || h.Row.Launch == nil || h.Row.Launch.Stage == batch.Gone {
		return nil
	}
	return h
}

// hostComing notes how far a host is on its way, and what it became. A host that is not wanted any longer, or has no row, is given back.
func (m *Machine) hostComing(at batch.Time, r batch.HostComing) {
	h := m.launched(r.ID)
	if h == nil || h.Row.Launch.Stage == batch.Releasing {
		m.order(ReleaseHost{Host: r.ID})
		return
	}
	was := h.Row.Launch.Stage
	further := was == batch.Ordered || was == batch.Launching && r.Stage == batch.Joining
	next := *h.Row.Launch
	if further {
		next = *staged(&next, r.Stage, at)
	}
	next.Became(r.Offer)
	name := cmp.Or(r.Name, h.Row.Name)
	if !further && name == h.Row.Name && sameLaunch(h.Row.Launch, &next) {
		return
	}
	h.Row.Launch, h.Row.Name = &next, name
	m.saveHost(h)
}

// hostRefused notes that a host will not come. The pools that refused are not asked again before the time that the refusal names.
func (m *Machine) hostRefused(at batch.Time, r batch.HostRefused) {
	h := m.launched(r.ID)
	if h == nil || h.Row.Ready {
		return
	}
	pools := r.Pools
	if len(pools) == 0 {
		pools = h.Row.Launch.Pools()
	}
	m.setStage(at, h, batch.Gone)
	if e := m.fleet.Environments[h.Row.Environments[0]]; e != nil {
		if r.Why == batch.NeverCame {
			m.neverCame(e)
		}
		m.closePools(e, pools, batch.PoolRefusal{Why: r.Why, Text: r.Text, Until: r.Until})
	}
}

// mayServe reports whether h, which a driver says is ready, is a host that is wanted. A host that was ordered keeps the kind and
// environment that it was ordered for; one that is not wanted any longer, or has no row, is given back.
func (m *Machine) mayServe(at batch.Time, h *batch.Host) bool {
	old := m.launched(h.ID)
	switch {
	case old == nil && h.Launch == nil:
		return true
	case old == nil || old.Row.Launch.Stage == batch.Releasing:
		m.order(ReleaseHost{Host: h.ID})
		return false
	}
	became, stage := h.Launch, old.Row.Launch.Stage
	h.Kind, h.Environments, h.Launch, h.Closing = old.Row.Kind, old.Row.Environments, staged(old.Row.Launch, batch.Serving, at), old.Row.Closing
	h.Name = cmp.Or(h.Name, old.Row.Name)
	if stage != batch.Serving {
		h.Launch.IdleSince = at
	}
	if became != nil {
		h.Launch.Became(became.Offer)
	}
	if e := m.fleet.Environments[h.Environments[0]]; e != nil && stage != batch.Serving {
		m.came(e, h.Launch.Offer.Pool)
	}
	return true
}

// came notes that a host of e takes attempts, and which pool gave it.
func (m *Machine) came(e *fleet.Environment, pool batch.Pool) {
	m.gave(e, pool)
	if e.Row.NeverCame == 0 {
		return
	}
	protected := e.Protected()
	if e.Row.NeverCame = 0; protected && e.Row.Health == batch.Valid {
		e.Row.StatusReason = healthyEnvironment
	}
	m.saveEnvironment(e)
}

// learnShape makes offers of the pool that h came from no larger than h: otherwise hosts would be launched again and again for work
// that fits the offer and not the host.
func (m *Machine) learnShape(h *batch.Host) {
	if h.Launch == nil {
		return
	}
	e := m.fleet.Environments[h.Environments[0]]
	if e == nil {
		return
	}
	offers := slices.Clone(e.Row.Offers)
	for i := range offers {
		if o := &offers[i]; o.Pool == h.Launch.Offer.Pool {
			o.Shape = batch.Shape{
				MilliCPU:  min(o.Shape.MilliCPU, h.Capacity.MilliCPU),
				MemoryMiB: min(o.Shape.MemoryMiB, h.Capacity.MemoryMiB),
				GPUs:      min(o.Shape.GPUs, h.Capacity.GPUs),
			}
		}
	}
	if !slices.Equal(offers, e.Row.Offers) {
		e.Row.Offers = offers
		m.saveEnvironment(e)
	}
}

// launchedIn compares the launched hosts with those that a census lists. Ready are those that take attempts.
func (m *Machine) launchedIn(at batch.Time, c Census, ready map[string]bool) {
	listed := map[string]bool{}
	for _, r := range c.Coming {
		listed[r.ID] = true
		if h := m.fleet.Hosts[r.ID]; h == nil || h.Row.SeenAt < c.AsOf {
			m.hostComing(at, r)
		}
	}
	for _, id := range c.UntakenHosts {
		listed[id] = true
	}
	again := map[string]bool{} // groups that are ordered again
	for _, id := range slices.Sorted(maps.Keys(m.fleet.Hosts)) {
		h := m.fleet.Hosts[id]
		if h.Row.Launch != nil && !listed[id] && !ready[id] && h.Row.SeenAt < c.AsOf && slices.Contains(c.Kinds, h.Row.Kind) {
			m.unlistedHost(at, h, again)
		}
	}
}

// unlistedHost handles a launched host that its driver does not have: its launch was never received, or it is gone.
func (m *Machine) unlistedHost(at batch.Time, h *fleet.Host, again map[string]bool) {
	l, e := h.Row.Launch, m.fleet.Environments[h.Row.Environments[0]]
	switch l.Stage {
	case batch.Ordered:
		asked := func(p batch.Pool) bool { return m.fleet.RefusedUntil(p) <= at }
		if e == nil || !e.Row.Open() || l.Spec != e.Row.Spec || !slices.ContainsFunc(l.Pools(), asked) {
			m.setStage(at, h, batch.Gone) // another is ordered when its environment and its pools may be asked
			return
		}
		if !again[l.Group] {
			again[l.Group] = true
			m.orderGroup(e, l.Group)
		}
	case batch.Launching, batch.Joining, batch.Serving, batch.Releasing:
		m.hostGone(at, h.Row.ID)
	case batch.Gone:
	}
}
