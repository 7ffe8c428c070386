package wire

import "slices"

// check applies the rules of a job of several machines.
func (p *NodeProperties) check(c *check) {
	const field = "nodeProperties."
	needed(c, field+"numNodes", p.NumNodes, 1, maxNodes)
	needed(c, field+"mainNode", p.MainNode, 0, value(p.NumNodes)-1)
	c.count(field+"nodeRangeProperties", len(p.NodeRangeProperties), 1, maxNodeRanges)
	for i, r := range p.NodeRangeProperties {
		r.check(c, at(field+"nodeRangeProperties", i))
	}
	p.oneInstanceType(c)
	if c.first == nil {
		_, err := p.Pieces()
		c.add(err)
	}
}

// oneInstanceType checks that all nodes that choose a type of instance choose the same.
func (p *NodeProperties) oneInstanceType(c *check) {
	first := ""
	for i, r := range p.NodeRangeProperties {
		types := slices.Clone(r.InstanceTypes)
		if r.Container != nil && value(r.Container.InstanceType) != "" {
			types = append(types, *r.Container.InstanceType)
		}
		for _, kind := range types {
			first = firstOf(first, kind)
			c.that(kind == first, at("nodeProperties.nodeRangeProperties", i), "instance type "+quoted(kind), quoted(first)+", as for the other nodes")
		}
	}
}

func (r *NodeRangeProperty) check(c *check, field string) {
	c.targetNodes(field+".targetNodes", r.TargetNodes)
	c.count(field+".instanceTypes", len(r.InstanceTypes), 0, 1)
	c.consumables(field+".consumableResourceProperties", r.ConsumableResourceProperties)
	n := 0
	for _, given := range []bool{r.Container != nil, r.EcsProperties != nil, r.EksProperties != nil} {
		if given {
			n++
		}
	}
	const one = "exactly one of container, ecsProperties, eksProperties"
	c.that(n > 0, field+".container", "nothing", one)
	c.that(n < 2, field, "more than one of container, ecsProperties, eksProperties", one)
	switch {
	case r.Container != nil:
		r.Container.check(c, field+".container.", false)
	case r.EcsProperties != nil:
		r.EcsProperties.check(c, field+".ecsProperties", false)
	case r.EksProperties != nil:
		r.EksProperties.check(c, field+".eksProperties")
	}
}

// check applies the rules of what a submission changes of a job of several machines.
func (o *NodeOverrides) check(c *check) {
	const field = "nodeOverrides."
	integer(c, field+"numNodes", o.NumNodes, 1, maxNodes)
	c.count(field+"nodePropertyOverrides", len(o.NodePropertyOverrides), 0, maxNodeRanges)
	for i, p := range o.NodePropertyOverrides {
		field := at(field+"nodePropertyOverrides", i)
		c.targetNodes(field+".targetNodes", p.TargetNodes)
		c.count(field+".instanceTypes", len(p.InstanceTypes), 0, 1)
		c.consumables(field+".consumableResourcePropertiesOverride", p.ConsumableResourcePropertiesOverride)
		if p.ContainerOverrides != nil {
			p.ContainerOverrides.check(c, field+".containerOverrides.")
		}
		if p.EcsPropertiesOverride != nil {
			p.EcsPropertiesOverride.check(c, field+".ecsPropertiesOverride")
		}
	}
}
