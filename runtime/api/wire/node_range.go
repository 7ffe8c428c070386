package wire

import (
	"fmt"
	"strconv"
	"strings"
)

// NodeRange is the nodes From..To, inclusive, that targetNodes names. To is -1 for a range without an end:
// it goes to the last node.
type NodeRange struct{ From, To int32 }

// ParseNodeRange reads "n", "a:b", ":b", "a:" or ":". ok is false for anything else.
func ParseNodeRange(text string) (r NodeRange, ok bool) {
	from, to, isRange := strings.Cut(text, ":")
	if !isRange {
		n, ok := nodeIndex(text)
		return NodeRange{n, n}, ok
	}
	r.To = -1
	if from != "" {
		if r.From, ok = nodeIndex(from); !ok {
			return r, false
		}
	}
	if to != "" {
		if r.To, ok = nodeIndex(to); !ok || r.To < r.From {
			return r, false
		}
	}
	return r, true
}

func nodeIndex(text string) (int32, bool) {
	n, err := strconv.ParseInt(text, 10, 32)
	return int32(n), err == nil && n >= 0 && n < maxNodes && strconv.FormatInt(n, 10) == text
}

// NodePiece is nodes From..To, inclusive, that are described by the same entry of nodeRangeProperties.
type NodePiece struct {
	From, To int32
	Range    int // index of the entry
}

// Pieces returns which range describes which nodes: where ranges overlap, the narrower one does. The pieces are disjoint,
// ascending and cover every node. The error is a [*FieldError] with a member of nodeProperties.
func (p *NodeProperties) Pieces() ([]NodePiece, error) {
	c := &check{}
	needed(c, "nodeProperties.numNodes", p.NumNodes, 1, maxNodes)
	ranges := c.nodeRanges(p)
	var pieces []NodePiece
	for n := int32(0); c.first == nil && n < *p.NumNodes; n++ {
		r := c.narrowest(p, ranges, n)
		if last := len(pieces) - 1; last >= 0 && pieces[last].Range == r {
			pieces[last].To = n
			continue
		}
		pieces = append(pieces, NodePiece{n, n, r})
	}
	return pieces, c.err()
}

// nodeRanges reads the ranges of p, an end for each.
func (c *check) nodeRanges(p *NodeProperties) []NodeRange {
	last := value(p.NumNodes) - 1
	ranges := make([]NodeRange, len(p.NodeRangeProperties))
	for i, each := range p.NodeRangeProperties {
		r := c.targetNodes(at("nodeProperties.nodeRangeProperties", i)+".targetNodes", each.TargetNodes)
		if r.To == -1 {
			r.To = last
		}
		c.that(r.From <= last && r.To <= last, at("nodeProperties.nodeRangeProperties", i)+".targetNodes", quoted(each.TargetNodes),
			fmt.Sprintf("nodes from 0 to %d, because numNodes is %d", last, last+1))
		ranges[i] = r
	}
	return ranges
}

func (c *check) targetNodes(field, text string) NodeRange {
	r, ok := ParseNodeRange(text)
	c.that(ok, field, quoted(text), fmt.Sprintf(`a node or a range of nodes, counted from 0 and below %d: "n", "a:b", "a:", ":b" or ":"`, maxNodes))
	return r
}

// narrowest returns the index of the narrowest range that node n is in.
func (c *check) narrowest(p *NodeProperties, ranges []NodeRange, n int32) int {
	best := -1
	for i, r := range ranges {
		if n < r.From || n > r.To {
			continue
		}
		if best < 0 {
			best = i
			continue
		}
		width, least := r.To-r.From, ranges[best].To-ranges[best].From
		c.that(width != least, at("nodeProperties.nodeRangeProperties", i)+".targetNodes", fmt.Sprintf("%s, which is as wide as %s and has node %d too",
			quoted(p.NodeRangeProperties[i].TargetNodes), quoted(p.NodeRangeProperties[best].TargetNodes), n), "ranges of which one is the narrower where they overlap")
		if width < least {
			best = i
		}
	}
	c.that(best >= 0, "nodeProperties.nodeRangeProperties", fmt.Sprintf("no range with node %d", n), "ranges that together have every node")
	return best
}
