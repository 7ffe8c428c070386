package clusterquery

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// comparison reads: subject operator [argument].
func (p *parser) comparison() (Query, error) {
	name := p.peek()
	if p.done() || symbols.MatchString(name) {
		return Query{}, p.unexpected("the name of a field or attribute")
	}
	p.next++
	if !knownSubject(name) {
		return Query{}, fmt.Errorf("the subject %q is unknown", name)
	}
	switch {
	case p.take("exists"):
		return Query{matches: func(s Subject) bool { _, has := s(name); return has }}, nil
	case p.take("!exists", "not_exists"):
		return Query{matches: func(s Subject) bool { _, has := s(name); return !has }}, nil
	case p.take("in"):
		values, err := p.list()
		return test(name, func(value string) bool { return slices.Contains(values, value) }), err
	case p.take("!in", "not_in"):
		values, err := p.list()
		return test(name, func(value string) bool { return !slices.Contains(values, value) }), err
	case p.take("=~", "matches"):
		pattern, err := p.pattern()
		return test(name, func(value string) bool { return pattern.MatchString(value) }), err
	case p.take("!~", "not_matches"):
		pattern, err := p.pattern()
		return test(name, func(value string) bool { return !pattern.MatchString(value) }), err
	}
	return p.ordered(name)
}

// ordered reads the operators that compare with one value, and that value.
func (p *parser) ordered(name string) (Query, error) {
	var holds func(order int) bool
	switch {
	case p.take("==", "equals"):
		argument, err := p.argument()
		query := test(name, func(value string) bool { return value == argument })
		query.pins = map[string]string{name: argument}
		return query, err
	case p.take("!=", "not_equals"):
		holds = func(order int) bool { return order != 0 }
	case p.take(">=", "greater_than_equal"):
		holds = func(order int) bool { return order >= 0 }
	case p.take(">", "greater_than"):
		holds = func(order int) bool { return order > 0 }
	case p.take("<=", "less_than_equal"):
		holds = func(order int) bool { return order <= 0 }
	case p.take("<", "less_than"):
		holds = func(order int) bool { return order < 0 }
	default:
		return Query{}, p.unexpected("an operator")
	}
	argument, err := p.argument()
	return test(name, func(value string) bool { return holds(compare(value, argument)) }), err
}

// test is true for subjects that have the field and whose value passes.
func test(name string, passes func(string) bool) Query {
	return Query{matches: func(s Subject) bool {
		value, has := s(name)
		return has && passes(value)
	}}
}

// compare compares as numbers what are numbers, the rest as text: moments in RFC 3339 too, which sort as they follow.
func compare(a, b string) int {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	switch {
	case errX != nil || errY != nil:
		return strings.Compare(a, b)
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

func (p *parser) argument() (string, error) {
	word := p.peek()
	if p.done() || symbols.MatchString(word) {
		return "", p.unexpected("a value")
	}
	p.next++
	return strings.Trim(word, `"'`), nil
}

// list reads [a, b, c].
func (p *parser) list() (values []string, err error) {
	if !p.take("[") {
		return nil, p.unexpected("a list in square brackets")
	}
	for {
		value, err := p.argument()
		if err != nil {
			return nil, err
		}
		values = append(values, value)
		if p.take("]") {
			return values, nil
		}
		if !p.take(",") {
			return nil, p.unexpected("a comma or a closing bracket")
		}
	}
}

// pattern reads a regular expression, which must match the whole value.
func (p *parser) pattern() (*regexp.Regexp, error) {
	if p.done() {
		return nil, p.unexpected("a regular expression")
	}
	text := strings.Trim(p.peek(), `"'`)
	p.next++
	pattern, err := regexp.Compile("^(?:" + text + ")$")
	if err != nil {
		return nil, fmt.Errorf("the pattern %q is not a regular expression: %w", text, err)
	}
	return pattern, nil
}
