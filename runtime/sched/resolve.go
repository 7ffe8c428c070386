package sched

import (
	"maps"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Resolve returns what a submission of def runs: the definition with the overrides of the
// request merged in. It is pure; the same request and definition give the same specification.
func Resolve(c SubmitJob, def *batch.Definition) (batch.Spec, error) {
	if err := checkJobKind(c, def); err != nil {
		return batch.Spec{}, err
	}
	parameters := maps.Clone(def.Parameters)
	if parameters == nil {
		parameters = map[string]string{}
	}
	maps.Copy(parameters, c.Parameters)

	s := batch.Spec{
		Job: c.ID, Definition: def.Ref(), Container: overridden(def.Container, c.Overrides), Parameters: parameters,
		Retry: def.Retry, Timeout: def.Timeout, PropagateTags: def.PropagateTags,
		Inputs: c.Inputs, Triggers: c.Triggers, Upstream: c.Given.Upstream, Reuse: c.Reuse, Needs: def.Needs, Body: c.Body,
	}
	if c.Script != "" {
		s.Container.Script = c.Script
		if def.Container.Script == "" && len(c.Overrides.Command) == 0 {
			s.Container.Command = nil // it is a program and its arguments, not those of a script
		}
	}
	if c.Consumables != nil {
		s.Needs = c.Consumables
	}
	if def.Nodes != nil {
		nodes, err := resolveNodes(c, def.Nodes)
		if err != nil {
			return batch.Spec{}, err
		}
		s.Nodes, s.MainNode, s.Container, s.Reuse = nodes, def.Nodes.Main, batch.Container{}, false
	}
	override(&s.Retry, c.Retry)
	override(&s.Timeout, c.Timeout)
	override(&s.PropagateTags, c.PropagateTags)
	s.Retry.Attempts = max(s.Retry.Attempts, 1)
	return s, nil
}

func override[T any](value *T, with *T) {
	if with != nil {
		*value = *with
	}
}

// mergeEnvironment overlays base with over by name, keeping the order of first mention.
func mergeEnvironment(base, over []batch.EnvVar) []batch.EnvVar {
	if len(over) == 0 {
		return base
	}
	merged := slices.Clone(base)
	for _, v := range over {
		at := slices.IndexFunc(merged, func(have batch.EnvVar) bool { return have.Name == v.Name })
		if at < 0 {
			merged = append(merged, v)
			continue
		}
		merged[at].Value = v.Value
	}
	return merged
}
