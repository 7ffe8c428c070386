package sched

import (
	"slices"
	"strings"

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
		p := e.Row.Provisioning
		waits := e.Row.Health == batch.Deleting || !p.Of(e.Row.Revision) && p.RetryAt == 0
		if asked, known := m.asked[e.Row.UUID]; known && waits && asked < c.AsOf && slices.Contains(c.Kinds, e.Row.Kind) {
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
	e.Row.Health, e.Row.StatusReason = batch.Valid, healthOf(e)
	if old.Provisioning == e.Row.Provisioning && old.Spec == r.Spec && old.Cluster == r.Cluster && slices.Equal(old.Offers, r.Offers) &&
		old.Health == e.Row.Health && old.StatusReason == e.Row.StatusReason {
		return
	}
	m.saveEnvironment(e)
	m.reconsiderAll()
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
