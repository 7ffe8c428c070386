package sched

import (
	"cmp"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// CreateEnvironment makes a compute environment. State and Health are set by the machine if empty.
type CreateEnvironment struct {
	replies[Done]
	batch.Caller
	Environment batch.Environment
	Tags        map[string]string
}

func (c CreateEnvironment) apply(m *Machine, at batch.Time) (any, error) {
	e := c.Environment
	if err := checkNew("compute environment", m.fleet.Environments, e.Name, batch.MaxEnvironments); err != nil {
		return nil, err
	}
	e.State = cmp.Or(e.State, batch.Enabled)
	e.Health, e.CreatedAt, e.StatusReason, e.Revision = batch.Valid, at, healthyEnvironment, 1
	if e.Kind != batch.Local {
		e.StatusReason = idleEnvironmentText
	}
	made := &fleet.Environment{Row: e}
	m.fleet.Environments[e.Name] = made
	m.toProvision(made)
	m.saveEnvironment(made)
	m.setResourceTags(batch.ResourceEnvironment+"/"+e.Name, c.Tags)
	m.audit(at, c.Caller, "CreateComputeEnvironment", e.Name)
	return c.reply(Done{})
}

// UpdateEnvironment changes what clients say of a compute environment. The kinds EC2 and SPOT may change into each other.
type UpdateEnvironment struct {
	replies[Done]
	batch.Caller
	// Environment is the row that was read, with what clients say of it changed: see [batch.Environment.Revise]. If there is another
	// revision of it, the update is refused with [batch.ErrStale].
	Environment batch.Environment
}

func (c UpdateEnvironment) apply(m *Machine, at batch.Time) (any, error) {
	next := &c.Environment
	e, ok := m.fleet.Environments[next.Name]
	if !ok {
		return nil, batch.Errorf(batch.NotFound, "compute environment %s does not exist", next.Name)
	}
	if e.Row.Health == batch.Deleting {
		return nil, batch.Errorf(batch.InvalidRequest, "compute environment %s is being deleted; it cannot be changed", next.Name)
	}
	if next.UUID != e.Row.UUID || next.Revision != e.Row.Revision {
		return nil, batch.ErrStale
	}
	if family(next.Kind) != family(e.Row.Kind) {
		return nil, batch.Errorf(batch.InvalidRequest, "computeResources.type: given %s; compute environment %s is of type %s and cannot become that: create another one", next.Kind, next.Name, e.Row.Kind)
	}
	e.Row.Revise(next)
	m.toProvision(e)
	m.saveEnvironment(e)
	m.reconsiderAll()
	m.audit(at, c.Caller, "UpdateComputeEnvironment", next.Name)
	return c.reply(Done{})
}

// family names the kinds that an environment may change between by one of them: only EC2 and SPOT are two of a family.
func family(k batch.Kind) batch.Kind {
	if k == batch.Spot {
		return batch.EC2
	}
	return k
}

// DeleteEnvironment deletes a disabled compute environment that no queue orders.
type DeleteEnvironment struct {
	replies[Done]
	batch.Caller
	Name string
}

func (c DeleteEnvironment) apply(m *Machine, at batch.Time) (any, error) {
	e, ok := m.fleet.Environments[c.Name]
	if !ok || e.Row.Health == batch.Deleting {
		return c.reply(Done{})
	}
	if e.Row.State != batch.Disabled {
		return nil, batch.Errorf(batch.InvalidRequest, "Cannot delete, compute environment %s must be DISABLED first", c.Name)
	}
	for _, q := range m.rankedQueues() {
		if slices.ContainsFunc(q.row.Environments, func(o batch.EnvironmentOrder) bool { return o.Environment == c.Name }) {
			return nil, batch.Errorf(batch.InvalidRequest, "Cannot delete, found existing JobQueue relationship: job queue %s orders compute environment %s", q.row.Name, c.Name)
		}
	}
	e.Row.Health = batch.Deleting
	delete(m.asked, e.Row.UUID)
	m.saveEnvironment(e)
	m.finishEnvironment(e)
	m.audit(at, c.Caller, "DeleteComputeEnvironment", c.Name)
	return c.reply(Done{})
}

// finishEnvironment removes an environment that is being deleted once its last attempt ended. One that is provisioned is removed when its
// driver has left nothing of it.
func (m *Machine) finishEnvironment(e *fleet.Environment) {
	if e.Row.Health != batch.Deleting || e.Attempts > 0 {
		return
	}
	m.releaseAll(e)
	if !m.provisions(e.Row.Kind) {
		m.removeEnvironment(e)
	}
}

func (m *Machine) removeEnvironment(e *fleet.Environment) {
	e.Row.Health = batch.Deleted
	delete(m.fleet.Environments, e.Row.Name)
	delete(m.asked, e.Row.UUID)
	m.saveEnvironment(e)
	m.setResourceTags(batch.ResourceEnvironment+"/"+e.Row.Name, nil)
}

func (m *Machine) saveEnvironment(e *fleet.Environment) {
	save(&m.round.delta.Environments, e.Row, func(r batch.Environment) bool { return r.UUID == e.Row.UUID })
}
