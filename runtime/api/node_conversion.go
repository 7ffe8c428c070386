package api

import (
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
)

// nodesOf turns nodeProperties into the domain's, and reports whether this version can honour them.
func (s *server) nodesOf(p *wire.NodeProperties) (*batch.DefinitionNodes, bool, error) {
	pieces, err := p.Pieces()
	if err != nil {
		return nil, false, err
	}
	nodes := &batch.DefinitionNodes{Count: wire.Or(p.NumNodes, 0), Main: wire.Or(p.MainNode, 0), Open: openPiece(p, pieces)}
	runs := true
	for _, piece := range pieces {
		described := p.NodeRangeProperties[piece.Range]
		part := batch.NodeContainer{From: piece.From, To: piece.To, Needs: s.needsOf(described.ConsumableResourceProperties)}
		if described.Container == nil {
			runs = false
		} else if part.Container, err = containerOf(described.Container); err != nil {
			return nil, false, err
		}
		nodes.Ranges = append(nodes.Ranges, part)
	}
	return nodes, runs, nil
}

// openPiece returns the index of the piece that grows with the number of nodes: the last one, if it is
// described by a range without an end; -1 if there is none.
func openPiece(p *wire.NodeProperties, pieces []wire.NodePiece) int32 {
	last := len(pieces) - 1
	if r, ok := wire.ParseNodeRange(p.NodeRangeProperties[pieces[last].Range].TargetNodes); ok && r.To == -1 {
		return int32(last)
	}
	return -1
}

// nodeOverridesOf turns the nodeOverrides of a submission into the domain's.
func (s *server) nodeOverridesOf(o *wire.NodeOverrides) (submit.NodeOverrides, error) {
	if o == nil {
		return submit.NodeOverrides{}, nil
	}
	all := submit.NodeOverrides{Count: o.NumNodes}
	for _, p := range o.NodePropertyOverrides {
		r, _ := wire.ParseNodeRange(p.TargetNodes) // Validate has looked at it
		each := submit.NodeOverride{From: r.From, To: r.To, Consumables: s.needsOf(p.ConsumableResourcePropertiesOverride)}
		var err error
		if each.Overrides, err = overridesOf(p.ContainerOverrides); err != nil {
			return all, err
		}
		all.Ranges = append(all.Ranges, each)
	}
	return all, nil
}

// needsOf turns consumableResourceProperties into the domain's: nil if there are none, not nil if the list
// is there and empty.
func (s *server) needsOf(p *wire.ConsumableResourceProperties) []batch.Need {
	if p == nil {
		return nil
	}
	needs := make([]batch.Need, 0, len(p.ConsumableResourceList))
	for _, r := range p.ConsumableResourceList {
		needs = append(needs, batch.Need{Resource: s.Place.NameOf(batch.ResourceConsumable, wire.Or(r.ConsumableResource, "")), Quantity: wire.Or(r.Quantity, 0)})
	}
	return needs
}
