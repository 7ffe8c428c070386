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
	Statement []statement
}

type statement struct {
	Sid, Effect                              string
	Action, NotAction, Resource, NotResource words
	Condition, Principal                     json.RawMessage
}

// words are a string or a list of strings.
type words []string

// UnmarshalJSON reads either form.
func (w *words) UnmarshalJSON(text []byte) error {
	if strings.HasPrefix(string(text), "[") {
		return json.Unmarshal(text, (*[]string)(w))
	}
	*w = make(words, 1)
	return json.Unmarshal(text, &(*w)[0])
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
	actions := len(s.Action) > 0 && s.Action.fold().match(action) || len(s.NotAction) > 0 && !s.NotAction.fold().match(action)
	resources := resource == "" && s.Effect != "Deny" || len(s.Resource) > 0 && s.Resource.match(resource) || len(s.NotResource) > 0 && !s.NotResource.match(resource)
	return actions && resources
}

// match reports whether a word covers text. A star stands for any text and a question mark for one character. Case matters, as it does not
// to IAM in actions, see fold.
func (w words) match(text string) bool {
	return slices.ContainsFunc(w, func(pattern string) bool {
		// In path.Match a star stops at a slash, in AWS's patterns it does not.
		flat := strings.NewReplacer("/", "\x00", "[", `\[`)
		ok, err := path.Match(flat.Replace(pattern), flat.Replace(text))
		return ok && err == nil
	})
}

// fold returns the words in lower case.
func (w words) fold() words {
	folded := slices.Clone(w)
	for i := range folded {
		folded[i] = strings.ToLower(folded[i])
	}
	return folded
}
