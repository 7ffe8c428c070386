package describe

import (
	"fmt"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// nodeProperties describes what the nodes of a multi-node job run; nil for any other job.
func nodeProperties(place batch.Place, j batch.Job, definition *Definition, spec batch.Spec, parameters map[string]string) *wire.NodeProperties {
	if j.Nodes == nil {
		return nil
	}
	p := &wire.NodeProperties{NumNodes: &j.Nodes.Count, MainNode: &j.Nodes.Main, NodeRangeProperties: []wire.NodeRangeProperty{}}
	for _, part := range spec.Nodes {
		container := resolved(definition.node(part.From).Container, part.Container, parameters)
		p.NodeRangeProperties = append(p.NodeRangeProperties, wire.NodeRangeProperty{
			TargetNodes: fmt.Sprintf("%d:%d", part.From, part.To), Container: &container,
			InstanceTypes: definition.node(part.From).InstanceTypes, ConsumableResourceProperties: needsDetail(place, part.Needs),
		})
	}
	return p
}

// nodeDetails says which node a job is; nil if it is none.
func nodeDetails(j, root batch.Job) *wire.NodeDetails {
	_, index, node := j.ID.SplitNode()
	if !node || root.Nodes == nil {
		return nil
	}
	return &wire.NodeDetails{NodeIndex: index, IsMainNode: index == root.Nodes.Main}
}

// nodeSummary says how many nodes a job has, or which it is; nil if neither.
func nodeSummary(j, root batch.Job) *wire.NodePropertiesSummary {
	if j.Nodes != nil {
		return &wire.NodePropertiesSummary{NumNodes: &j.Nodes.Count}
	}
	d := nodeDetails(j, root)
	if d == nil {
		return nil
	}
	return &wire.NodePropertiesSummary{NodeIndex: &d.NodeIndex, IsMainNode: &d.IsMainNode}
}
