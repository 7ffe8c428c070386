package sched

import (
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/registry"
)

// What everything that clients create and change has in common.

// checkNew refuses to create what exists already, or is one too many. Kind is what clients call it.
func checkNew[R any](kind string, have map[string]R, name string, limit int) error {
	if _, exists := have[name]; exists {
		return batch.Errorf(batch.Conflict, "Object already exists: %s %s", kind, name)
	}
	if n := len(have); n >= limit {
		return batch.Errorf(batch.InvalidRequest, "%s %s would be one too many: there are %d, at most %d are allowed; delete one first", kind, name, n, limit)
	}
	return nil
}

// save puts row into the rows that this round changes, in the place of what is there of the same thing.
func save[R any](rows *[]R, row R, same func(R) bool) { put(rows, slices.IndexFunc(*rows, same), row) }

// put replaces the row at i, or adds one if there is no such place, and returns where the row is now.
func put[R any](rows *[]R, i int, row R) int {
	if i >= 0 && i < len(*rows) {
		(*rows)[i] = row
		return i
	}
	*rows = append(*rows, row)
	return len(*rows) - 1
}

// Keep hands a command on to the registry, which keeps what nothing is scheduled by: access keys, quota shares, log groups,
// cursors, denials.
type Keep struct {
	replies[Done]
	Command registry.Command
}

func (c Keep) apply(m *Machine, at batch.Time) (any, error) {
	if err := m.registry.Apply(c.Command, m.scope(at)); err != nil {
		return nil, err
	}
	return c.reply(Done{})
}

// scope is the round as the registry sees it.
func (m *Machine) scope(at batch.Time) registry.Scope {
	return registry.Scope{At: at, Delta: &m.round.delta, Exists: m.exists}
}

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

// exists reports whether the machine itself knows the resource, for example "job-queue/high".
func (m *Machine) exists(resource string) bool {
	kind, name, _ := strings.Cut(resource, "/")
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
