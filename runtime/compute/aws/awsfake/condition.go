package awsfake

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// conditions are the conditions of a statement: by operator, by key, the values.
type conditions map[string]map[string]oneOrMore[string]

// facts are the values of condition keys for a call. The names of keys are in lower case.
type facts map[string][]string

// and returns the facts with another.
func (f facts) and(key string, values ...string) facts {
	all := maps.Clone(f)
	if all == nil {
		all = facts{}
	}
	all[strings.ToLower(key)] = values
	return all
}

// andTags returns the facts with the tags of the resource that a call is about.
func (f facts) andTags(t tags) facts {
	all := f
	for key, value := range t {
		all = all.and(resourceTag+key, value)
	}
	return all
}

// The keys that this world knows. Those that end in a slash are followed by the key of a tag.
const (
	resourceTag = "aws:ResourceTag/"
	requestTag  = "aws:RequestTag/"
	tagKeys     = "aws:TagKeys"
)

var (
	conditionKeys = []string{
		resourceTag + "*", "ec2:ResourceTag/*", "ecs:ResourceTag/*", requestTag + "*", tagKeys, "aws:RequestedRegion",
		"iam:PassedToService", "iam:AWSServiceName", "ec2:CreateAction", "ecs:cluster",
	}
	conditionOperators = []string{"StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "Null"}
)

// check refuses what this world does not understand.
func (c conditions) check() error {
	for operator, keys := range c {
		if !slices.Contains(conditionOperators, bare(operator)) {
			return fmt.Errorf("the operator %s of a condition is not understood; known are %v", operator, conditionOperators)
		}
		for key := range keys {
			if !match(fold(conditionKeys), strings.ToLower(key)) {
				return fmt.Errorf("the key %s of a condition is not understood; known are %v", key, conditionKeys)
			}
		}
	}
	return nil
}

// bare returns an operator without what says how it deals with many values or none.
func bare(operator string) string {
	_, after, found := strings.Cut(operator, ":")
	if found {
		operator = after
	}
	return strings.TrimSuffix(operator, "IfExists")
}

// hold reports whether all conditions hold. If the resource is not known, those on its tags do.
func (c conditions) hold(f facts, resourceUnknown bool) bool {
	for operator, keys := range c {
		for key, wanted := range keys {
			key = strings.ToLower(key)
			if service, tag, ok := strings.Cut(key, ":resourcetag/"); ok && (service == "ec2" || service == "ecs") {
				key = strings.ToLower(resourceTag) + tag
			}
			if resourceUnknown && strings.HasPrefix(key, strings.ToLower(resourceTag)) {
				continue
			}
			if !holds(operator, f[key], wanted) {
				return false
			}
		}
	}
	return true
}

// holds reports whether the values of a key satisfy one operator. A key without values fails the operators that want something of it,
// unless they say IfExists, and passes those that want something not to be.
func holds(operator string, values, wanted []string) bool {
	name := bare(operator)
	if name == "Null" {
		return (len(values) == 0) == (wanted[0] == "true")
	}
	if len(values) == 0 {
		return strings.HasSuffix(operator, "IfExists") || strings.Contains(name, "Not") || strings.HasPrefix(operator, "ForAllValues:")
	}
	matches := func(value string) bool {
		if strings.HasPrefix(name, "String") && strings.HasSuffix(name, "Equals") {
			return slices.Contains(wanted, value) != strings.Contains(name, "Not")
		}
		return match(wanted, value) != strings.Contains(name, "Not")
	}
	if strings.HasPrefix(operator, "ForAllValues:") {
		return !slices.ContainsFunc(values, func(value string) bool { return !matches(value) })
	}
	return slices.ContainsFunc(values, matches)
}
