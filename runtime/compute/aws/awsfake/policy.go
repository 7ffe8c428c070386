package awsfake

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
)

// policy is an IAM policy document, as far as this world understands it: effects, actions and resources with wildcards, and the conditions of
// condition.go. What else there is it refuses to read, rather than to ignore it.
type policy struct {
	Statement oneOrMore[statement]
}

type statement struct {
	Sid, Effect                              string
	Action, NotAction, Resource, NotResource words
	Condition                                conditions
	Principal                                json.RawMessage
}

// words are patterns of a policy.
type words = oneOrMore[string]

// oneOrMore is a list, which a policy may write as its only element.
type oneOrMore[T any] []T

// UnmarshalJSON reads either form.
func (l *oneOrMore[T]) UnmarshalJSON(text []byte) error {
	if strings.HasPrefix(string(text), "[") {
		return json.Unmarshal(text, (*[]T)(l))
	}
	*l = make([]T, 1)
	return json.Unmarshal(text, &(*l)[0])
}

// Allow lets the user of the account do what an IAM policy document allows, and nothing else. Without a policy everything is allowed.
func (w *World) Allow(document string) error {
	var p policy
	if err := json.Unmarshal([]byte(document), &p); err != nil {
		return fmt.Errorf("policy: %w", err)
	}
	for i, s := range p.Statement {
		if s.Principal != nil {
			return fmt.Errorf("policy: statement %d has a principal, which a policy of a user does not have", i)
		}
		if err := s.Condition.check(); err != nil {
			return fmt.Errorf("policy: statement %d: %w", i, err)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.policy = &p
	return nil
}

// demand is what a caller wants to do.
type demand struct {
	action string
	// resource is an ARN. An empty one stands for resources that are not known, for which any that a statement allows will do, with
	// whatever tags it wants of them.
	resource string
	// facts are the values of condition keys.
	facts facts
}

// allows reports whether the policy allows a demand.
func (p *policy) allows(d demand) bool {
	allowed := false
	for _, s := range p.Statement {
		if !s.covers(d) {
			continue
		}
		if s.Effect == "Deny" {
			return false
		}
		allowed = true
	}
	return allowed
}

func (s statement) covers(d demand) bool {
	action := strings.ToLower(d.action)
	actions := len(s.Action) > 0 && match(fold(s.Action), action) || len(s.NotAction) > 0 && !match(fold(s.NotAction), action)
	unknown := d.resource == "" && s.Effect != "Deny"
	resources := unknown || len(s.Resource) > 0 && match(s.Resource, d.resource) || len(s.NotResource) > 0 && !match(s.NotResource, d.resource)
	return actions && resources && s.Condition.hold(d.facts, unknown)
}

// match reports whether a pattern covers text. A star stands for any text and a question mark for one character. Case matters.
func match(patterns []string, text string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		ok, err := path.Match(flat.Replace(pattern), flat.Replace(text))
		return ok && err == nil
	})
}

// flat hides the slash, at which a star of path.Match stops as it does not in AWS's patterns, and the bracket, which is special to path.Match.
var flat = strings.NewReplacer("/", "\x00", "[", `\[`)

// fold returns patterns in lower case: case does not matter to IAM in actions.
func fold(patterns []string) []string {
	folded := slices.Clone(patterns)
	for i := range folded {
		folded[i] = strings.ToLower(folded[i])
	}
	return folded
}
