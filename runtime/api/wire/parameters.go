package wire

import "encoding/json"

// parameters checks names and values.
func (c *check) parameters(field string, parameters map[string]string) {
	for _, name := range sorted(parameters) {
		c.parameter(field, name, parameters[name])
	}
}

func (c *check) parameter(field, name, text string) {
	c.length(field, name, 1, maxParameterName)
	c.printable(field, name)
	c.secret(field+"."+name, text, maxParameter)
	c.noNUL(field+"."+name, text)
}

// points checks the points of a sweep: names, values, and that no point is there twice.
func (c *check) points(points []map[string]string) {
	first := make(map[string]int, len(points))
	for i, point := range points {
		if c.first != nil {
			return
		}
		field := at("batchd.points", i)
		for _, name := range sorted(point) {
			c.parameter(field, name, point[name])
		}
		// A map of strings always marshals, in key order.
		identity, _ := json.Marshal(point)
		if other, again := first[string(identity)]; again {
			c.fail(field, "the same parameters as "+at("batchd.points", other), "each point once")
		}
		first[string(identity)] = i
	}
}
