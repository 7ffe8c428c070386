// Package clusterquery evaluates expressions of the cluster query language of ECS, by which tasks ask for container instances
// (memberOf) and callers list them. For example,
//
//	ec2InstanceId == i-0123456789abcdef0 and attribute:ecs.availability-zone in [us-east-1a, us-east-1b]
//
// The source of the language is "Cluster query language" in the Amazon ECS Developer Guide.
package clusterquery

import (
	"maps"
	"strings"
)

// Subject is what an expression is about: it gives the value of, for example, "ec2InstanceId" or "attribute:ecs.instance-type", and
// reports whether it has one.
type Subject func(name string) (value string, has bool)

// Query is an expression that a subject matches or does not match.
type Query struct {
	matches func(Subject) bool
	pins    map[string]string
}

// Matches reports whether the expression is true for subject.
func (q Query) Matches(subject Subject) bool { return q.matches(subject) }

// Pinned is the one value that the field name must have for the expression to be true, if the expression says so: "i-1" of
// ec2InstanceId for "ec2InstanceId == i-1 and attribute:a exists". It spares looking at subjects that cannot match.
func (q Query) Pinned(name string) (value string, pinned bool) {
	value, pinned = q.pins[name]
	return value, pinned
}

// Parse reads an expression. Compound expressions are made with && (and), || (or), ! (not) and parentheses; and binds more
// strongly than or.
func Parse(text string) (Query, error) {
	words, err := split(text)
	if err != nil {
		return Query{}, err
	}
	p := parser{words: words}
	query, err := p.either()
	if err == nil && !p.done() {
		err = p.unexpected("the end")
	}
	return query, err
}

type parser struct {
	words []string
	next  int
}

func (p *parser) done() bool { return p.next == len(p.words) }

// peek is the next word, empty at the end.
func (p *parser) peek() string {
	if p.done() {
		return ""
	}
	return p.words[p.next]
}

// take passes the next word if it is one of those wanted.
func (p *parser) take(wanted ...string) bool {
	for _, word := range wanted {
		if !p.done() && strings.EqualFold(p.peek(), word) {
			p.next++
			return true
		}
	}
	return false
}

func (p *parser) either() (Query, error) {
	query, err := p.both()
	for err == nil && p.take("||", "or") {
		var right Query
		if right, err = p.both(); err == nil {
			left := query
			query = Query{matches: func(s Subject) bool { return left.matches(s) || right.matches(s) }}
		}
	}
	return query, err
}

func (p *parser) both() (Query, error) {
	query, err := p.single()
	for err == nil && p.take("&&", "and") {
		var right Query
		if right, err = p.single(); err == nil {
			left := query
			query = Query{func(s Subject) bool { return left.matches(s) && right.matches(s) }, maps.Clone(left.pins)}
			if query.pins == nil {
				query.pins = map[string]string{}
			}
			maps.Copy(query.pins, right.pins)
		}
	}
	return query, err
}

func (p *parser) single() (Query, error) {
	if p.take("!", "not") {
		query, err := p.single()
		return Query{matches: func(s Subject) bool { return !query.matches(s) }}, err
	}
	if p.take("(") {
		query, err := p.either()
		if err == nil && !p.take(")") {
			err = p.unexpected("a closing parenthesis")
		}
		return query, err
	}
	return p.comparison()
}
