package sched

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Reported is what a driver said.
type Reported struct{ Report batch.Report }

func (Reported) event() {}

func (f Reported) fold(m *Machine, at batch.Time) { m.report(at, f.Report) }

// report folds in what a driver said.
func (m *Machine) report(at batch.Time, r batch.Report) {
	switch r := r.(type) {
	case batch.HostComing:
		m.hostComing(at, r)
	case batch.HostRefused:
		m.hostRefused(at, r)
	case batch.HostClosing:
		m.hostClosing(at, r)
	case batch.EnvironmentReady:
		m.environmentReady(at, r)
	case batch.EnvironmentFailed:
		m.environmentFailed(at, r)
	case batch.EnvironmentRetired:
		m.environmentRetired(at, r)
	case batch.HostReady:
		m.hostReady(at, r.Host)
	case batch.HostGone:
		m.hostGone(at, r.ID)
	case batch.HostFault:
		m.hostFault(at, r)
	case batch.AttemptStarted:
		m.started(at, r)
	case batch.AttemptExited:
		m.exitReported(at, r.Exit)
	default:
		panic(fmt.Sprintf("sched: unknown report %T", r))
	}
}

func (m *Machine) hostReady(at batch.Time, h batch.Host) {
	if !m.mayServe(at, &h) {
		return
	}
	h.Ready, h.SeenAt = true, at
	h.Faults = nil
	if old := m.fleet.Hosts[h.ID]; old != nil && old.Row.Ready {
		if sameHost(old.Row, h) {
			return
		}
		h.Faults = old.Row.Faults
	}
	m.learnShape(&h)
	m.setHost(h)
	m.saveHost(m.fleet.Hosts[h.ID])
	m.reconsiderAll()
}

func (m *Machine) hostGone(at batch.Time, id string) {
	h := m.fleet.Hosts[id]
	if h == nil || !h.Row.Ready && (h.Row.Launch == nil || h.Row.Launch.Stage == batch.Gone) {
		return
	}
	row := h.Row
	if l := row.Launch; l != nil && l.Stage == batch.Joining {
		if e := m.fleet.Environments[row.Environments[0]]; e != nil {
			m.neverCame(e)
		}
	}
	row.Ready, row.SeenAt, row.Faults = false, at, nil
	row.Launch = staged(row.Launch, batch.Gone, at)
	m.setHost(row)
	m.saveHost(h)
	m.mayFit() // what would have fitted there never may now, and heads wait for other places
	for _, j := range m.liveAttempts() {
		if run := j.row.Run; run != nil && run.Host == id { // nodes end with their main node
			m.lose(at, j)
		}
	}
}

// sameHost reports whether nothing but the time has changed.
func sameHost(old, now batch.Host) bool {
	return old.Ready && old.Kind == now.Kind && old.Capacity == now.Capacity && old.Name == now.Name &&
		old.Address == now.Address && slices.Equal(old.Environments, now.Environments) && slices.Equal(old.Limits, now.Limits) &&
		sameClosing(old.Closing, now.Closing) && sameLaunch(old.Launch, now.Launch)
}

func sameClosing(a, b *batch.Closing) bool {
	return (a == nil) == (b == nil) && (a == nil || *a == *b)
}

// sameLaunch reports whether the same is known of what a host became.
func sameLaunch(a, b *batch.Launch) bool {
	return a == nil || b == nil || a.Offer == b.Offer && len(a.Offers) == len(b.Offers)
}

// Census is everything a driver holds, asked for at AsOf: every attempt on Hosts that was
// ordered before AsOf is in it, or is lost.
type Census struct {
	AsOf batch.Time
	// Kinds are those that the driver serves: a launched host of one of them which is not listed is gone.
	Kinds []batch.Kind
	Hosts []batch.Host // that take attempts
	// Coming are hosts on their way.
	Coming []batch.HostComing
	// Faults say of each runner of Hosts that the driver watches whether it is at fault.
	Faults  []batch.HostFault
	Waiting []batch.AttemptID
	Running []batch.AttemptStarted
	Ended   []batch.Exit
	// Untaken are attempts whose starts the driver has not been given yet, because calls of it fail: nothing follows from their
	// absence.
	Untaken []batch.AttemptID
	// UntakenHosts are hosts whose launches it has not been given yet.
	UntakenHosts []string
}

func (Census) event() {}

func (f Census) fold(m *Machine, at batch.Time) { m.census(at, f) }

// census compares what a driver holds with what should be there, and mends the difference.
func (m *Machine) census(at batch.Time, c Census) {
	covered := map[string]bool{}
	for _, h := range c.Hosts {
		if old := m.fleet.Hosts[h.ID]; old != nil && !old.Row.Ready && old.Row.SeenAt >= c.AsOf {
			continue // it has gone since
		}
		covered[h.ID] = true
		m.hostReady(at, h)
	}
	m.launchedIn(at, c, covered)
	m.askAgain(c)
	unlisted := map[batch.HostFault]bool{}
	for _, f := range c.Faults {
		if covered[f.Host] {
			m.hostFault(at, f)
			unlisted[batch.HostFault{Host: f.Host, Runner: f.Runner}] = f.Unlisted
		}
	}
	present := make(map[batch.AttemptID]bool, len(c.Waiting)+len(c.Running))
	for _, id := range c.Untaken {
		present[id] = true
	}
	for _, x := range c.Ended {
		if j := m.attempts[x.Attempt]; x.Kind.NothingRan() && j != nil && j.row.Run.OrderedAt >= c.AsOf {
			continue // it was recalled before it was ordered again under the same name
		}
		m.exited(at, x)
	}
	for _, s := range c.Running {
		present[s.Attempt] = true
		m.present(at, s)
	}
	for _, id := range c.Waiting {
		present[id] = true
		m.stillWaiting(id)
	}
	m.forgetHosts(at)
	live := m.liveAttempts()
	slices.SortFunc(live, func(a, b *job) int { return cmp.Compare(a.row.Run.Order, b.row.Run.Order) })
	for _, j := range live {
		run := j.row.Run // nil of a node that ended with its main node meanwhile
		if run != nil && !run.Held && !present[j.row.AttemptID()] && covered[run.Host] && run.OrderedAt < c.AsOf &&
			!unlisted[batch.HostFault{Host: run.Host, Runner: j.runner()}] {
			m.absent(at, j)
		}
	}
}

// present handles an attempt that runs.
func (m *Machine) present(at batch.Time, s batch.AttemptStarted) {
	j := m.attempts[s.Attempt]
	if j == nil {
		m.stopUnknown(s.Attempt)
		return
	}
	m.started(at, s)
	if run := j.row.Run; run.Stop != batch.NotStopped {
		m.order(StopAttempt{Attempt: s.Attempt, Host: run.Host, Runner: j.runner()})
	}
}

// stopUnknown ends what a driver holds and should not.
func (m *Machine) stopUnknown(id batch.AttemptID) {
	if !m.mayReturn(id) {
		m.order(StopAttempt{Attempt: id})
	}
}

// stillWaiting handles an attempt that waits at the driver.
func (m *Machine) stillWaiting(id batch.AttemptID) {
	j := m.attempts[id]
	switch {
	case j == nil:
		m.stopUnknown(id)
	case j.row.Run.Stop != batch.NotStopped:
		m.order(StopAttempt{Attempt: id, Host: j.row.Run.Host, Recall: j.row.Run.Stop == batch.StopRecalled, Runner: j.runner()})
	case !j.row.Run.Ahead:
		m.orderStart(j)
	}
}

// toBack gives an attempt that is ordered again the place that it will have at the driver: behind
// those of its lane that are there.
func (m *Machine) toBack(j *job) {
	if l := j.lane; j.row.Run.Ahead {
		l.Wait(j)
		m.lastOrder++
		j.row.Run.Order = m.lastOrder
		m.touch(j)
	}
}

// absent handles an attempt that the driver does not hold: a start that was never received
// is ordered again under the same name, a run that vanished is lost after the grace.
func (m *Machine) absent(at batch.Time, j *job) {
	id, run := j.row.AttemptID(), j.row.Run
	switch {
	case j.row.Status == batch.Starting && run.Stop != batch.NotStopped:
		m.order(StopAttempt{Attempt: id, Host: run.Host, Runner: j.runner()})
	case j.row.Status == batch.Starting:
		m.toBack(j)
		m.orderStart(j)
	default:
		since, known := m.missing[id]
		if !known {
			m.missing[id], since = at, at
		}
		if at.Sub(since) >= m.config.HostGrace {
			m.lose(at, j)
		}
	}
}
