package awsfake

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
)

// policy is an IAM policy document, as far as this world understands it: effects, actions and resources with wildcards. It refuses
// to read conditions and principals, rather than to ignore them.
type policy struct {
	Statement oneOrMore[statement]
}

type statement struct {
	Sid, Effect                              string
	Action, NotAction, Resource, NotResource words
	Condition, Principal                     json.RawMessage
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
		if s.Principal != nil || s.Condition != nil {
			return fmt.Errorf("policy: statement %d has a condition or a principal, which this world does not understand", i)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.policy = &p
	return nil
}

// allows reports whether the policy allows an action on a resource, an ARN. An empty resource stands for any that the policy names.
func (p *policy) allows(action, resource string) bool {
	allowed := false
	for _, s := range p.Statement {
		if !s.covers(action, resource) {
			continue
		}
		if s.Effect == "Deny" {
			return false
		}
		allowed = true
	}
	return allowed
}

func (s statement) covers(action, resource string) bool {
	action = strings.ToLower(action)
	actions := len(s.Action) > 0 && match(fold(s.Action), action) || len(s.NotAction) > 0 && !match(fold(s.NotAction), action)
	resources := resource == "" && s.Effect != "Deny" || len(s.Resource) > 0 && match(s.Resource, resource) || len(s.NotResource) > 0 && !match(s.NotResource, resource)
	return actions && resources
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
