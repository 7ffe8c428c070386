package sched

import (
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/registry"
)

// RegisterDefinition adds a revision; the machine numbers it.
type RegisterDefinition struct {
	replies[RegisterReply]
	batch.Caller
	Definition batch.Definition
	Tags       map[string]string
	LogNames   []registry.LogName // where the output of its jobs is found
}

// RegisterReply names the new revision.
type RegisterReply struct{ Ref batch.DefinitionRef }

func (c RegisterDefinition) apply(m *Machine, at batch.Time) (any, error) {
	if err := m.registry.NameLogGroups(c.LogNames, m.scope(at)); err != nil {
		return nil, err
	}
	d := c.Definition
	m.revisions[d.Name]++
	d.Revision, d.Active, d.CreatedAt = m.revisions[d.Name], true, at
	m.round.delta.Definitions = append(m.round.delta.Definitions, d)
	if len(c.Tags) > 0 {
		m.setResourceTags(batch.ResourceDefinition+"/"+d.Ref().String(), c.Tags)
	}
	m.audit(at, c.Caller, "RegisterJobDefinition", d.Ref().String())
	return c.reply(RegisterReply{Ref: d.Ref()})
}

// DeregisterDefinition makes one revision INACTIVE. It needs the definition.
type DeregisterDefinition struct {
	replies[Done]
	batch.Caller
	Ref   batch.DefinitionRef
	Given Given
}

// Needs implements [Needy].
func (c DeregisterDefinition) Needs() Needs { return Needs{Definition: c.Ref} }

// With implements [Needy].
func (c DeregisterDefinition) With(g Given) Command { c.Given = g; return c }

func (c DeregisterDefinition) apply(m *Machine, at batch.Time) (any, error) {
	if c.Ref.Revision == 0 {
		return nil, batch.Errorf(batch.InvalidRequest, "jobDefinition %q names no revision; give name:revision or an ARN", c.Ref)
	}
	if c.Given.Definition == nil {
		return nil, batch.Errorf(batch.NotFound, "job definition %s does not exist", c.Ref)
	}
	d := *c.Given.Definition
	if !d.Active {
		return c.reply(Done{})
	}
	d.Active = false
	m.round.delta.Definitions = append(m.round.delta.Definitions, d)
	m.audit(at, c.Caller, "DeregisterJobDefinition", c.Ref.String())
	return c.reply(Done{})
}
