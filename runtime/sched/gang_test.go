package sched_test

import (
	"fmt"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// nodes reads the node ranges of a definition, as in nodes=(0-0/1000/0,1-2/500/100): first and last node, milli-vCPUs,
// MiB; main=1 names the main node.
func (a arguments) nodes() *batch.DefinitionNodes {
	ranges := a.list("nodes")
	if len(ranges) == 0 {
		return nil
	}
	n := &batch.DefinitionNodes{Main: int32(a.number("main", 0)), Open: int32(len(ranges) - 1)}
	for _, text := range ranges {
		var r batch.NodeContainer
		if _, err := fmt.Sscanf(text, "%d-%d/%d/%d", &r.From, &r.To, &r.Container.Shape.MilliCPU, &r.Container.Shape.MemoryMiB); err != nil {
			a.d.Fatalf(a.t, "nodes=%s: %v", text, err)
		}
		for _, need := range strings.Split(text, "/")[3:] { // after the memory: 0-3/1000/0/licence:1
			r.Needs = append(r.Needs, a.need(need))
		}
		n.Ranges = append(n.Ranges, r)
		n.Count = r.To + 1
	}
	return n
}
