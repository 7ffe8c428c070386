package wire

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// ParamPrefix begins the name of every variable that carries a parameter.
const ParamPrefix = "BATCH_PARAM_"

// ParamEnvName is the name of the variable that carries the parameter name: upper case,
// everything but letters, digits and underscores made an underscore.
func ParamEnvName(name string) string {
	return ParamPrefix + strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, name)
}

// ParamCollision returns two of the names whose variables would have the same name, or
// ok false if there are none. A name given twice is one name.
func ParamCollision(names []string) (first, second string, ok bool) {
	owner := make(map[string]string, len(names))
	for _, name := range slices.Sorted(slices.Values(names)) {
		variable := ParamEnvName(name)
		if other, taken := owner[variable]; taken && other != name {
			return other, name, true
		}
		owner[variable] = name
	}
	return "", "", false
}

// parameters checks names and values, and that no two share a variable.
func (c *check) parameters(field string, parameters map[string]string) {
	names := sorted(parameters)
	for _, name := range names {
		c.parameter(field, name, parameters[name])
	}
	c.noCollision(field, names)
}

func (c *check) parameter(field, name, text string) {
	c.length(field, name, 1, maxParameterName)
	c.printable(field, name)
	c.length(field+"."+name, text, 0, maxParameter)
	c.noNUL(field+"."+name, text)
}

func (c *check) noCollision(field string, names []string) {
	if first, second, ok := ParamCollision(names); ok {
		c.fail(field, quoted(first)+" and "+quoted(second), "names that differ as variables; both are "+ParamEnvName(first))
	}
}

// points checks the points of a sweep: names, values, collisions with each other and
// with the parameters of the submission, and that no point is there twice.
func (c *check) points(points []map[string]string, shared map[string]string) {
	named := map[string]bool{} // sets of names already looked at; most points share one
	first := make(map[string]int, len(points))
	for i, point := range points {
		if c.first != nil {
			return
		}
		field := at("batchd.points", i)
		names := sorted(point)
		for _, name := range names {
			c.parameter(field, name, point[name])
		}
		if set := strings.Join(names, "\x00"); !named[set] {
			named[set] = true
			c.noCollision(field, append(names, slices.Collect(maps.Keys(shared))...))
		}
		// A map of strings always marshals, in key order.
		identity, _ := json.Marshal(point)
		if other, again := first[string(identity)]; again {
			c.fail(field, "the same parameters as "+at("batchd.points", other), "each point once")
		}
		first[string(identity)] = i
	}
}
