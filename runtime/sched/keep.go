package sched

import (
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/registry"
)

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
