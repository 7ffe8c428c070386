package clusterquery

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// fields are the subjects that are not attributes.
var fields = []string{"agentConnected", "agentVersion", "ec2InstanceId", "registeredAt", "runningTasksCount", "task:group"}

// attribute is the prefix of subjects that name an attribute.
const attribute = "attribute:"

func knownSubject(name string) bool {
	return slices.Contains(fields, name) || (strings.HasPrefix(name, attribute) && len(name) > len(attribute))
}

var (
	// symbols are the words that cannot be a name or a value.
	symbols = regexp.MustCompile(`^(\(|\)|\[|\]|,|&&|\|\||!|==|!=|>=|<=|>|<|=~|!~)$`)
	// word is one word after optional space: a symbol, an operator that begins with !, a quoted value, or anything up to a
	// delimiter. A value may contain the characters of a regular expression, but no space and no parenthesis unless it is quoted.
	word = regexp.MustCompile(`^\s*(!exists\b|!in\b|&&|\|\||==|!=|>=|<=|=~|!~|[()\[\],!<>]|"[^"]*"|'[^']*'|[^\s()\[\],!<>=&|"']+)`)
	// bare is the argument of a pattern match, which may contain anything but space.
	bare = regexp.MustCompile(`^\s*("[^"]*"|'[^']*'|[^\s]+)`)
)

// split takes text apart into words.
func split(text string) (words []string, err error) {
	rest := text
	for strings.TrimSpace(rest) != "" {
		pattern := word
		if n := len(words); n > 0 && slices.Contains([]string{"=~", "!~", "matches", "not_matches"}, words[n-1]) {
			pattern = bare
		}
		found := pattern.FindStringSubmatch(rest)
		if found == nil {
			return nil, fmt.Errorf("the expression %q cannot be read from %q on", text, strings.TrimSpace(rest))
		}
		words = append(words, found[1])
		rest = rest[len(found[0]):]
	}
	return words, nil
}

// unexpected is the error about the next word where something else should stand.
func (p *parser) unexpected(wanted string) error {
	found := "the end"
	if !p.done() {
		found = fmt.Sprintf("%q", p.peek())
	}
	return fmt.Errorf("the expression %q has %s where %s is expected", strings.Join(p.words, " "), found, wanted)
}
