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

// SetTags merges Set into, and takes Remove from, the tags of a resource ("job-queue/high").
// Given.Tags are the tags it has now; Given.Exists says whether it exists.
type SetTags struct {
	replies[Done]
	Caller
	Resource string
	Set      map[string]string
	Remove   []string
	Given    Given
}

// Needs implements [Needy].
func (c SetTags) Needs() Needs { return Needs{Tags: c.Resource} }

// With implements [Needy].
func (c SetTags) With(g Given) Command { c.Given = g; return c }

func (c SetTags) apply(m *Machine, at batch.Time) (any, error) {
	if !c.Given.Exists && !m.exists(c.Resource) {
		return nil, batch.Errorf(batch.NotFound, "resource %s does not exist", c.Resource)
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
		return nil, batch.Errorf(batch.InvalidRequest, "tags: %s would have %d; at most %d are allowed", c.Resource, len(tags), maxTags)
	}
	m.setResourceTags(c.Resource, tags)
	action := "TagResource"
	if len(c.Set) == 0 {
		action = "UntagResource"
	}
	m.audit(at, c, action, c.Resource)
	return c.reply(Done{})
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
