package sched

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// Environments of some kinds are provisioned; see [batch.Provisioning]. What a driver is asked for is not in the rows: it is asked
// again by each machine that is made from them, and by each census until it has answered.

// provisions reports whether environments of a kind are provisioned.
func (m *Machine) provisions(k batch.Kind) bool { return slices.Contains(m.config.Provisioned, k) }

// provisioned returns the environments that are provisioned, by name.
func (m *Machine) provisioned() (all []*fleet.Environment) {
	if len(m.config.Provisioned) == 0 {
		return nil
	}
	for _, e := range m.fleet.Environments {
		if m.provisions(e.Row.Kind) {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b *fleet.Environment) int { return strings.Compare(a.Row.Name, b.Row.Name) })
	return all
}

// provisionAll asks drivers for what environments need, and to remove what nobody needs any longer. It comes first in a round, so that
// an environment is asked for before its hosts are.
func (m *Machine) provisionAll(at batch.Time) {
	for _, e := range m.provisioned() {
		asked, known := m.asked[e.Row.UUID]
		retry := e.Row.Provisioning.RetryAt
		due := !known || retry != 0 && asked < retry && retry <= at
		switch {
		case e.Row.Health == batch.Deleting && !known && e.Attempts == 0:
			m.asked[e.Row.UUID] = at
			m.order(RetireEnvironment{Environment: e.Row})
		case e.Row.Health == batch.Deleting:
		case due:
			m.asked[e.Row.UUID] = at
			m.order(ProvisionEnvironment{Environment: e.Row, Hosts: m.hostsOf(e)})
		case retry > at:
			m.wakeBy(retry)
		}
	}
}

// hostsOf returns the rows of the hosts that were launched for e and are not gone.
func (m *Machine) hostsOf(e *fleet.Environment) (rows []batch.Host) {
	for _, h := range m.fleet.Launched(e) {
		if h.Row.Launch.Stage != batch.Gone {
			rows = append(rows, h.Row)
		}
	}
	return rows
}

// askAgain has a driver whose census was taken after it was asked, and that has not answered, be asked again.
func (m *Machine) askAgain(c Census) {
	for _, e := range m.provisioned() {
		asked, known := m.asked[e.Row.UUID]
		p := e.Row.Provisioning
		lacks := !p.Of(e.Row.Revision) || p.RetryAt != 0
		waits := e.Row.Health == batch.Deleting || lacks && asked >= p.RetryAt // and not for the time of another try
		if known && waits && asked < c.AsOf && slices.Contains(c.Kinds, e.Row.Kind) {
			delete(m.asked, e.Row.UUID)
		}
	}
}

// toProvision has e, which is new or has changed, provisioned.
func (m *Machine) toProvision(e *fleet.Environment) {
	if !m.provisions(e.Row.Kind) {
		return
	}
	delete(m.asked, e.Row.UUID)
	e.Row.Provisioning.RetryAt, e.Row.NeverCame = 0, 0
	switch {
	case e.Row.Provisioning.At == 0:
		e.Row.Health, e.Row.StatusReason = batch.Creating, creatingEnvironment
	default:
		e.Row.Health, e.Row.StatusReason = batch.Updating, updatingEnvironment
	}
}

// environmentOf returns the environment that a report is about; nil if there is none or it has been made again since.
func (m *Machine) environmentOf(name, uuid string) *fleet.Environment {
	e := m.fleet.Environments[name]
	if e == nil || e.Row.UUID != uuid || !m.provisions(e.Row.Kind) {
		return nil
	}
	return e
}

// environmentReady notes what an environment has got.
func (m *Machine) environmentReady(at batch.Time, r batch.EnvironmentReady) {
	e := m.environmentOf(r.Name, r.UUID)
	if e == nil || e.Row.Health == batch.Deleting || r.Revision != e.Row.Revision {
		return
	}
	old := e.Row
	if row := &e.Row; !old.Provisioning.Of(r.Revision) || old.Provisioning.RetryAt != 0 {
		row.Provisioning = batch.Provisioning{Revision: r.Revision, At: at}
	}
	e.Row.Spec, e.Row.Cluster, e.Row.Offers = r.Spec, r.Cluster, r.Offers
	m.replaceOutdated(at, e)
	e.Row.Health, e.Row.StatusReason = batch.Valid, healthOf(e)
	if outdated(e, m.fleet.Launched(e)) {
		e.Row.Health, e.Row.StatusReason = batch.Updating, updatingEnvironment
	}
	if old.Provisioning == e.Row.Provisioning && old.Spec == r.Spec && old.Cluster == r.Cluster && slices.Equal(old.Offers, r.Offers) &&
		old.Health == e.Row.Health && old.StatusReason == e.Row.StatusReason {
		return
	}
	m.saveEnvironment(e)
	m.reconsiderAll()
}

// replaceOutdated has the hosts go that were launched as something else than e asks for: those on their way at once, and the others as its
// update policy says. For example, if jobs may go on for 30 minutes, their host closes, and what still runs there after that is stopped.
func (m *Machine) replaceOutdated(at batch.Time, e *fleet.Environment) {
	for _, h := range m.fleet.Launched(e) {
		switch l := h.Row.Launch; {
		case l.Spec == e.Row.Spec:
		case l.Stage.Coming():
			m.releaseHost(at, h)
		case l.Stage == batch.Serving:
			m.close(h, batch.Closing{Why: batch.Outdated, By: at.Add(jobTimeout(e))})
		}
	}
}

// jobTimeout is how long jobs may go on when their hosts are replaced.
func jobTimeout(e *fleet.Environment) time.Duration {
	if e.Row.Resources == nil {
		return batch.DefaultUpdateJobTimeout
	}
	policy := e.Row.Resources.UpdatePolicy
	if policy.TerminateJobs {
		return 0
	}
	return cmp.Or(policy.JobTimeout, batch.DefaultUpdateJobTimeout)
}

// outdated reports whether any of the hosts of e is there that was launched as something else than e asks for.
func outdated(e *fleet.Environment, hosts []*fleet.Host) bool {
	return slices.ContainsFunc(hosts, func(h *fleet.Host) bool {
		return h.Row.Launch.Stage != batch.Gone && h.Row.Launch.Spec != e.Row.Spec
	})
}

// finishUpdates notes which environments have no outdated host any longer.
func (m *Machine) finishUpdates() {
	for _, e := range m.provisioned() {
		if e.Row.Health == batch.Updating && e.Row.Provisioning.Of(e.Row.Revision) && !outdated(e, m.fleet.Launched(e)) {
			e.Row.Health, e.Row.StatusReason = batch.Valid, healthOf(e)
			m.saveEnvironment(e)
		}
	}
}

// environmentFailed notes that an environment cannot be provisioned, and when that is tried again.
func (m *Machine) environmentFailed(at batch.Time, r batch.EnvironmentFailed) {
	e := m.environmentOf(r.Name, r.UUID)
	if e == nil || e.Row.Health == batch.Deleting || r.Revision != e.Row.Revision {
		return
	}
	if r.Until <= at {
		r.Until = at.Add(provisionRest)
	}
	e.Row.Provisioning.RetryAt = r.Until
	e.Row.Health, e.Row.StatusReason = batch.Invalid, clip(r.Reason)
	m.saveEnvironment(e)
	m.reconsiderAll()
}

// environmentRetired removes an environment of which nothing is left.
func (m *Machine) environmentRetired(at batch.Time, r batch.EnvironmentRetired) {
	e := m.environmentOf(r.Name, r.UUID)
	if e == nil || e.Row.Health != batch.Deleting || e.Attempts > 0 {
		return
	}
	for _, h := range m.fleet.Launched(e) {
		if h.Row.Launch.Stage != batch.Gone {
			m.hostGone(at, h.Row.ID)
		}
	}
	m.removeEnvironment(e)
}
