package submit

import (
	"maps"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Resolve returns what a submission of def runs: the definition with the overrides of the request merged in. Upstream are the keys of
// what it depends on. The same request, definition and keys give the same specification.
func (r *Request) Resolve(def *batch.Definition, upstream batch.Upstream) (batch.Spec, error) {
	if err := r.checkKind(def); err != nil {
		return batch.Spec{}, err
	}
	parameters := maps.Clone(def.Parameters)
	if parameters == nil {
		parameters = map[string]string{}
	}
	maps.Copy(parameters, r.Parameters)

	s := batch.Spec{
		Job: r.ID, Definition: def.Ref(), Container: overridden(def.Container, r.Overrides), Parameters: parameters,
		Retry: def.Retry, Timeout: def.Timeout, PropagateTags: def.PropagateTags,
		Inputs: r.Inputs, Triggers: r.Triggers, Upstream: upstream, Reuse: r.Reuse, Needs: def.Needs, Body: r.Body,
	}
	if r.Script != "" {
		s.Container.Script = r.Script
		if def.Container.Script == "" && len(r.Overrides.Command) == 0 {
			s.Container.Command = nil // it is a program and its arguments, not those of a script
		}
	}
	if r.Consumables != nil {
		s.Needs = r.Consumables
	}
	if def.Nodes != nil {
		nodes, err := r.resolveNodes(def.Nodes)
		if err != nil {
			return batch.Spec{}, err
		}
		s.Nodes, s.MainNode, s.Container, s.Reuse = nodes, def.Nodes.Main, batch.Container{}, false
	}
	override(&s.Retry, r.Retry)
	override(&s.Timeout, r.Timeout)
	override(&s.PropagateTags, r.PropagateTags)
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

// resolveNodes returns what each range of nodes of a submission runs: the definition's ranges for the number of nodes
// asked for, with the overrides merged in. Ranges are split where an override covers a part.
func (r *Request) resolveNodes(def *batch.DefinitionNodes) ([]batch.NodeContainer, error) {
	count := def.Count
	override(&count, r.Nodes.Count)
	ranges, err := stretch(def, count)
	if err != nil {
		return nil, err
	}
	for _, o := range r.Nodes.Ranges {
		if o.To < 0 {
			o.To = count - 1
		}
		if o.From < 0 || o.From > o.To || o.To >= count {
			return nil, batch.Errorf(batch.InvalidRequest, "nodeOverrides.nodePropertyOverrides: target nodes %d:%d; the job has nodes 0:%d", o.From, o.To, count-1)
		}
		ranges = splitAt(splitAt(ranges, o.From), o.To+1)
		for i := range ranges {
			if part := &ranges[i]; part.From >= o.From && part.To <= o.To {
				part.Container = overridden(part.Container, o.Overrides)
				if o.Consumables != nil {
					part.Needs = o.Consumables
				}
			}
		}
	}
	return ranges, nil
}

// stretch gives the open range of def the end that count asks for.
func stretch(def *batch.DefinitionNodes, count int32) ([]batch.NodeContainer, error) {
	ranges := slices.Clone(def.Ranges)
	if count == def.Count {
		return ranges, nil
	}
	switch {
	case count < 1 || count > batch.MaxNodes:
		return nil, batch.Errorf(batch.InvalidRequest, "nodeOverrides.numNodes is %d; 1 to %d are allowed", count, batch.MaxNodes)
	case def.Open < 0:
		return nil, batch.Errorf(batch.InvalidRequest, "nodeOverrides.numNodes: the job definition has no node range without an end, such as \"1:\", so the number of nodes stays %d", def.Count)
	case ranges[def.Open].From >= count:
		return nil, batch.Errorf(batch.InvalidRequest, "nodeOverrides.numNodes is %d; the node range without an end begins at %d, so at least %d are needed", count, ranges[def.Open].From, ranges[def.Open].From+1)
	case def.Main >= count:
		return nil, batch.Errorf(batch.InvalidRequest, "nodeOverrides.numNodes is %d; the main node is %d, so at least %d are needed", count, def.Main, def.Main+1)
	}
	ranges = slices.DeleteFunc(ranges, func(r batch.NodeContainer) bool { return r.From >= count })
	ranges[len(ranges)-1].To = count - 1
	return ranges, nil
}

// splitAt makes sure that a range begins at node index.
func splitAt(ranges []batch.NodeContainer, index int32) []batch.NodeContainer {
	for i, r := range ranges {
		if r.From < index && index <= r.To {
			after := r
			after.From = index
			ranges[i].To = index - 1
			return slices.Insert(ranges, i+1, after)
		}
	}
	return ranges
}

// overridden returns container with the overrides merged in.
func overridden(container batch.Container, o Overrides) batch.Container {
	if o.Command != nil {
		container.Command = slices.Clone(o.Command)
	}
	container.Environment = mergeEnvironment(container.Environment, o.Environment)
	if !container.CPURequired {
		override(&container.Shape.MilliCPU, o.DeprecatedMilliCPU)
	}
	if !container.MemoryRequired {
		override(&container.Shape.MemoryMiB, o.DeprecatedMemoryMiB)
	}
	override(&container.Shape.MilliCPU, o.MilliCPU)
	override(&container.Shape.MemoryMiB, o.MemoryMiB)
	override(&container.Shape.GPUs, o.GPUs)
	return container
}
