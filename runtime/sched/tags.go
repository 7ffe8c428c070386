package sched

import (
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/registry"
)

// setResourceTags adds the row of a resource's tags; none removes it.
func (m *Machine) setResourceTags(resource string, tags map[string]string) {
	registry.SetTags(&m.round.delta, resource, tags)
}

// SetTags merges Set into, and takes Remove from, the tags of a resource ("job-queue/high").
// Given.Tags are the tags it has now; Given.Exists says whether it exists.
type SetTags struct {
	replies[Done]
	batch.Caller
	Resource string
	Set      map[string]string
	Remove   []string
	Given    Given
}

// Needs implements [Needy].
func (c SetTags) Needs() Needs { return Needs{Tags: c.Resource, InTurn: true} }

// With implements [Needy].
func (c SetTags) With(g Given) Command { c.Given = g; return c }

func (c SetTags) apply(m *Machine, at batch.Time) (any, error) {
	if !c.Given.Exists && !m.exists(c.Resource) {
		return nil, batch.Errorf(batch.NotFound, "resource %s does not exist", c.Resource)
	}
	tags, err := registry.ChangeTags(c.Resource, c.Given.Tags, c.Set, c.Remove)
	if err != nil {
		return nil, err
	}
	m.setResourceTags(c.Resource, tags)
	action := "TagResource"
	if len(c.Set) == 0 {
		action = "UntagResource"
	}
	m.audit(at, c.Caller, action, c.Resource)
	return c.reply(Done{})
}

// exists reports whether the machine itself knows the resource.
func (m *Machine) exists(resource string) bool {
	kind, name := cutResource(resource)
	switch kind {
	case batch.ResourceEnvironment:
		return m.fleet.Environments[name] != nil
	case batch.ResourceQueue:
		return m.queues[name] != nil || m.registry.Has(resource)
	case batch.ResourcePolicy:
		return m.policies[name] != nil
	case batch.ResourceConsumable:
		return m.fleet.Stocks[name] != nil
	case batch.ResourceLogGroup:
		return m.registry.Has(resource)
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
