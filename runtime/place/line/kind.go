package line

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
)

// Kind is all that decides whether work fits, and whether it may be placed before older work.
type Kind struct {
	Shape     batch.Shape
	Container bool
	// What its expected duration follows from: its timeout, or else its definition.
	timeout    time.Duration
	definition string
	// rest is its consumable resources and its nodes, as text.
	rest string
}

// KindOf returns the kind of a submission.
func KindOf(row *batch.Job) Kind {
	k := Kind{Shape: row.Shape, Container: row.InContainer, timeout: row.Timeout}
	if row.Timeout == 0 {
		k.definition = row.Definition.Name
	}
	var rest strings.Builder
	for _, n := range row.Needs {
		fmt.Fprintf(&rest, "%s=%d;", n.Resource, n.Quantity)
	}
	if row.Nodes != nil {
		fmt.Fprintf(&rest, "%d", row.Nodes.Main)
		for _, r := range row.Nodes.Ranges {
			fmt.Fprintf(&rest, "/%d-%d %v %t %v", r.From, r.To, r.Shape, r.InContainer, r.Needs)
		}
	}
	k.rest = rest.String()
	return k
}

// Plain reports whether work of k asks for a shape alone: it is one attempt, and needs no consumable resource.
func (k Kind) Plain() bool { return k.rest == "" }

// askOf is what an attempt of a submission asks for, or all nodes of a multi-node job.
func askOf(row *batch.Job) *fleet.Ask {
	if row.Nodes == nil {
		return &fleet.Ask{Demands: []place.Demand{{Shape: row.Shape, Count: 1}}, Containers: []bool{row.InContainer}, Needs: row.Needs}
	}
	a := &fleet.Ask{Gang: true, Demands: make([]place.Demand, len(row.Nodes.Ranges))}
	needs := slices.Clone(row.Needs)
	for i, r := range row.Nodes.Ranges {
		nodes := int64(r.To-r.From) + 1
		a.Demands[i] = place.Demand{Shape: r.Shape, Count: nodes}
		if !slices.Contains(a.Containers, r.InContainer) {
			a.Containers = append(a.Containers, r.InContainer)
		}
		for _, n := range r.Needs {
			needs = append(needs, batch.Need{Resource: n.Resource, Quantity: n.Quantity * nodes})
		}
	}
	a.Needs = fleet.SumNeeds(needs)
	return a
}
