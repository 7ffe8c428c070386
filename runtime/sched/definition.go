package sched

import "github.com/batchd/terraform-provider-batch/runtime/batch"

func (m *Machine) registerDefinition(at batch.Time, c RegisterDefinition) (any, error) {
	groups, err := m.newLogGroups(at, c.LogNames)
	if err != nil {
		return nil, err
	}
	for _, row := range groups {
		m.saveLogGroup(row)
	}
	d := c.Definition
	m.revisions[d.Name]++
	d.Revision, d.Active, d.CreatedAt = m.revisions[d.Name], true, at
	m.round.delta.Definitions = append(m.round.delta.Definitions, d)
	if len(c.Tags) > 0 {
		m.setResourceTags(batch.ResourceDefinition+"/"+d.Ref().String(), c.Tags)
	}
	m.audit(at, c, "RegisterJobDefinition", d.Ref().String())
	return RegisterReply{Ref: d.Ref()}, nil
}

func (m *Machine) deregisterDefinition(at batch.Time, c DeregisterDefinition) error {
	if c.Ref.Revision == 0 {
		return batch.Errorf(batch.InvalidRequest, "jobDefinition %q names no revision; give name:revision or an ARN", c.Ref)
	}
	if c.Given.Definition == nil {
		return batch.Errorf(batch.NotFound, "job definition %s does not exist", c.Ref)
	}
	d := *c.Given.Definition
	if !d.Active {
		return nil
	}
	d.Active = false
	m.round.delta.Definitions = append(m.round.delta.Definitions, d)
	m.audit(at, c, "DeregisterJobDefinition", c.Ref.String())
	return nil
}
