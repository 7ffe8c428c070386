package sched

import (
	"cmp"
	"fmt"
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

// giveUpLate gives back hosts of e that have not become ready in time. Those that its driver had asked for count as never coming.
func (m *Machine) giveUpLate(at batch.Time, e *fleet.Environment) {
	for _, h := range m.fleet.Launched(e) {
		l := h.Row.Launch
		switch {
		case !l.Stage.Coming():
		case l.Deadline <= at:
			if l.Stage != batch.Ordered {
				m.neverCame(e)
			}
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
