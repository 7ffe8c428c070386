package sched

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// environment is a compute environment and what its attempts hold.
type environment struct {
	row      batch.Environment
	used     batch.Shape
	attempts int
	ahead    int // attempts that wait at a driver
}

// max is the most e may hold at once.
func (e *environment) max() batch.Shape {
	limit := e.row.Max
	limit.GPUs = boundless
	if limit.MemoryMiB == 0 {
		limit.MemoryMiB = boundless
	}
	return limit
}

// free is what e may still hold.
func (e *environment) free() batch.Shape { return e.max().Minus(e.used) }

func (m *Machine) createEnvironment(at batch.Time, c CreateEnvironment) error {
	e := c.Environment
	if err := checkNew("compute environment", m.environments, e.Name, batch.MaxEnvironments); err != nil {
		return err
	}
	e.State = cmp.Or(e.State, batch.Enabled)
	e.Health, e.CreatedAt, e.StatusReason = batch.Valid, at, healthyEnvironment
	if e.Kind != batch.Local {
		e.StatusReason = idleEnvironmentText
	}
	m.environments[e.Name] = &environment{row: e}
	m.saveEnvironment(m.environments[e.Name])
	m.setResourceTags(batch.ResourceEnvironment+"/"+e.Name, c.Tags)
	m.audit(at, c, "CreateComputeEnvironment", e.Name)
	return nil
}

func (m *Machine) updateEnvironment(at batch.Time, c UpdateEnvironment) error {
	e, ok := m.environments[c.Name]
	if !ok {
		return batch.Errorf(batch.NotFound, "compute environment %s does not exist", c.Name)
	}
	if e.row.Health == batch.Deleting {
		return batch.Errorf(batch.InvalidRequest, "compute environment %s is being deleted; it cannot be changed", c.Name)
	}
	if c.Basis != nil && !bytes.Equal(c.Basis, e.row.Body) {
		return ErrStale
	}
	kind := e.row.Kind
	if c.Kind != nil {
		kind = *c.Kind
	}
	if family(kind) != family(e.row.Kind) {
		return batch.Errorf(batch.InvalidRequest, "computeResources.type: given %s; compute environment %s is of type %s and cannot become that: create another one", kind, c.Name, e.row.Kind)
	}
	body, err := mergeBody(e.row.Body, c.Patch)
	if err != nil {
		return err
	}
	e.row.Kind, e.row.Body = kind, body
	if c.State != nil {
		e.row.State = *c.State
	}
	if c.MilliCPU != nil {
		e.row.Max.MilliCPU = *c.MilliCPU
	}
	if c.MemoryMiB != nil {
		e.row.Max.MemoryMiB = *c.MemoryMiB
	}
	m.saveEnvironment(e)
	m.reconsiderAll()
	m.audit(at, c, "UpdateComputeEnvironment", c.Name)
	return nil
}

// family names the kinds that an environment may change between by one of them: only EC2 and SPOT are two of a family.
func family(k batch.Kind) batch.Kind {
	if k == batch.Spot {
		return batch.EC2
	}
	return k
}

func (m *Machine) deleteEnvironment(at batch.Time, c DeleteEnvironment) error {
	e, ok := m.environments[c.Name]
	if !ok || e.row.Health == batch.Deleting {
		return nil
	}
	if e.row.State != batch.Disabled {
		return batch.Errorf(batch.InvalidRequest, "Cannot delete, compute environment %s must be DISABLED first", c.Name)
	}
	for _, q := range m.rankedQueues() {
		if slices.ContainsFunc(q.row.Environments, func(o batch.EnvironmentOrder) bool { return o.Environment == c.Name }) {
			return batch.Errorf(batch.InvalidRequest, "Cannot delete, found existing JobQueue relationship: job queue %s orders compute environment %s", q.row.Name, c.Name)
		}
	}
	e.row.Health = batch.Deleting
	m.saveEnvironment(e)
	m.finishEnvironment(e)
	m.audit(at, c, "DeleteComputeEnvironment", c.Name)
	return nil
}

// finishEnvironment removes an environment that is being deleted once its last attempt ended.
func (m *Machine) finishEnvironment(e *environment) {
	if e.row.Health != batch.Deleting || e.attempts > 0 {
		return
	}
	e.row.Health = batch.Deleted
	delete(m.environments, e.row.Name)
	m.saveEnvironment(e)
	m.setResourceTags(batch.ResourceEnvironment+"/"+e.row.Name, nil)
}

func (m *Machine) saveEnvironment(e *environment) {
	save(&m.round.delta.Environments, e.row, func(r batch.Environment) bool { return r.UUID == e.row.UUID })
}
