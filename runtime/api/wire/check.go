package wire

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// check collects the first rule that a request breaks. Its methods name the member,
// look at one rule and do nothing once a rule is broken.
type check struct{ first *FieldError }

// err returns the broken rule as an error, or nil.
func (c *check) err() error {
	if c.first == nil {
		return nil
	}
	return c.first
}

func (c *check) fail(field, given, allowed string) {
	if c.first == nil {
		c.first = &FieldError{field, given, allowed}
	}
}

// that fails unless ok.
func (c *check) that(ok bool, field, given, allowed string) {
	if !ok {
		c.fail(field, given, allowed)
	}
}

func quoted(value string) string { return fmt.Sprintf("%q", Brief(value)) }

// said reports whether an object says something: an empty one is as if it were absent.
func said[T any](object *T) bool { return object != nil && !reflect.ValueOf(*object).IsZero() }

func (c *check) required(field, value string) {
	c.that(value != "", field, "nothing", "a value: it is required")
}

// length bounds a value in bytes; both ends are included.
func (c *check) length(field, value string, least, most int) {
	c.that(len(value) >= least && len(value) <= most, field,
		fmt.Sprintf("%d bytes (%s)", len(value), quoted(value)), fmt.Sprintf("%d to %d bytes", least, most))
}

// secret bounds a value in bytes and does not repeat it: values of parameters and triggers may be secret.
func (c *check) secret(field, value string, most int) {
	c.that(len(value) <= most, field, fmt.Sprintf("%d bytes", len(value)), fmt.Sprintf("at most %d bytes", most))
}

// characters bounds a value as AWS counts it; both ends are included.
func (c *check) characters(field, value string, least, most int) {
	n := utf8.RuneCountInString(value)
	c.that(n >= least && n <= most, field,
		fmt.Sprintf("%d characters (%s)", n, quoted(value)), fmt.Sprintf("%d to %d characters", least, most))
}

// lengthIf is length for what may be absent.
func (c *check) lengthIf(field string, value *string, least, most int) {
	if value != nil {
		c.length(field, *value, least, most)
	}
}

var (
	namePattern    = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	jobNamePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)
)

// name holds for everything that has a name but jobs.
func (c *check) name(field, value string) {
	c.required(field, value)
	c.that(len(value) <= maxName && namePattern.MatchString(value), field, quoted(value),
		fmt.Sprintf("1 to %d letters, digits, hyphens and underscores", maxName))
}

func (c *check) jobName(field, value string) {
	c.required(field, value)
	c.that(len(value) <= maxName && jobNamePattern.MatchString(value), field, quoted(value),
		fmt.Sprintf("1 to %d letters, digits, hyphens and underscores, the first a letter or a digit", maxName))
}

// identifier holds for a required name, ARN or job id of something else.
func (c *check) identifier(field, value string) {
	c.required(field, value)
	c.length(field, value, 1, maxIdentifier)
	c.printable(field, value)
}

// printable refuses characters that steer, see [Steers]: names are repeated in messages.
func (c *check) printable(field, value string) {
	c.that(!strings.ContainsFunc(value, Steers), field, quoted(value), "text without control characters and invisible characters")
}

// noNUL refuses what no process can be given.
func (c *check) noNUL(field, value string) {
	c.that(strings.IndexByte(value, 0) < 0, field, "text with a NUL character", "text without NUL characters")
}

// oneOf looks for a word among those that are allowed. As AWS does, it takes the word in any case and makes it the allowed
// one, which is what is stored and answered.
func (c *check) oneOf(field string, word *string, allowed ...string) {
	for _, canonical := range allowed {
		if strings.EqualFold(canonical, *word) {
			*word = canonical
			return
		}
	}
	c.fail(field, quoted(*word), "one of "+strings.Join(allowed, ", "))
}

// oneOfIf is oneOf for what may be absent.
func (c *check) oneOfIf(field string, word *string, allowed ...string) {
	if word != nil {
		c.oneOf(field, word, allowed...)
	}
}

// integer bounds a value that may be absent.
func integer[T int32 | int64](c *check, field string, value *T, least, most T) {
	if value != nil {
		c.that(*value >= least && *value <= most, field, fmt.Sprint(*value), fmt.Sprintf("%d to %d", least, most))
	}
}

// needed is integer for what must be there.
func needed[T int32 | int64](c *check, field string, value *T, least, most T) {
	c.that(value != nil, field, "nothing", fmt.Sprintf("%d to %d: it is required", least, most))
	integer(c, field, value, least, most)
}

func (c *check) count(field string, n, least, most int) {
	c.that(n >= least && n <= most, field, fmt.Sprintf("%d entries", n), fmt.Sprintf("%d to %d entries", least, most))
}

// absent fails if a member is given that has no meaning there.
func (c *check) absent(field string, given bool, where string) {
	c.that(!given, field, "a value", "nothing "+where)
}

// absentAll is absent for members by name; in the order of the names.
func (c *check) absentAll(prefix string, given map[string]bool, where string) {
	for _, member := range sorted(given) {
		c.absent(prefix+member, given[member], where)
	}
}

func (c *check) tags(field string, tags map[string]string) {
	c.count(field, len(tags), 0, maxTags)
	for _, key := range sorted(tags) {
		c.tagKey(field, key)
		c.characters(field+"."+Brief(key), tags[key], 0, maxTagValue)
	}
}

func (c *check) tagKey(field, key string) {
	c.characters(field, key, 1, maxTagKey)
	c.that(!strings.HasPrefix(strings.ToLower(key), "aws:"), field, quoted(key), "keys that do not begin with aws:")
}

// page bounds the members that every paged request has.
func (c *check) page(names string, list []string, maxResults *int32) {
	c.count(names, len(list), 0, maxDescribe)
	for i, name := range list {
		c.identifier(at(names, i), name)
	}
	integer(c, "maxResults", maxResults, 1, maxDescribe)
}

func (c *check) unique(field, value string, seen map[string]bool) {
	c.that(!seen[value], field, quoted(value)+" again", "each value once")
	seen[value] = true
}

func at(field string, index int) string { return fmt.Sprintf("%s[%d]", field, index) }

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// Or returns what p points to, or otherwise if p is nil.
func Or[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}
