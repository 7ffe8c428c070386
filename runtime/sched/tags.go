package sched

import (
	"maps"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// maxTags is how many tags a resource may have (AWS: 50).
const maxTags = 50

// setResourceTags adds the row of a resource's tags; none removes it.
func (m *Machine) setResourceTags(resource string, tags map[string]string) {
	m.round.delta.Tags = append(m.round.delta.Tags, batch.Tags{Resource: resource, Values: maps.Clone(tags)})
}

func (m *Machine) setTags(at batch.Time, c SetTags) error {
	if !c.Given.Exists && !m.exists(c.Resource) {
		return batch.Errorf(batch.NotFound, "resource %s does not exist", c.Resource)
	}
	tags := maps.Clone(c.Given.Tags)
	if tags == nil {
		tags = map[string]string{}
	}
	for _, name := range c.Remove {
		delete(tags, name)
	}
	maps.Copy(tags, c.Set)
	if len(tags) > maxTags {
		return batch.Errorf(batch.InvalidRequest, "tags: %s would have %d; at most %d are allowed", c.Resource, len(tags), maxTags)
	}
	m.setResourceTags(c.Resource, tags)
	action := "TagResource"
	if len(c.Set) == 0 {
		action = "UntagResource"
	}
	m.audit(at, c, action, c.Resource)
	return nil
}

// exists reports whether the machine itself knows the resource.
func (m *Machine) exists(resource string) bool {
	kind, name := cutResource(resource)
	switch kind {
	case batch.ResourceEnvironment:
		return m.fleet.Environments[name] != nil
	case batch.ResourceQueue:
		if queue, share, is := strings.Cut(name, quotaMark); is {
			return m.quotas[quotaName{queue, share}] != nil
		}
		return m.queues[name] != nil
	case batch.ResourcePolicy:
		return m.policies[name] != nil
	case batch.ResourceConsumable:
		return m.fleet.Stocks[name] != nil
	case batch.ResourceLogGroup:
		_, known := m.logGroup(0, name)
		return known
	case batch.ResourceJob:
		return m.jobs[batch.JobID(name)] != nil
	default:
		return false
	}
}

// cutResource splits "job-queue/high".
func cutResource(resource string) (kind, name string) {
	kind, name, _ = strings.Cut(resource, "/")
	return kind, name
}
