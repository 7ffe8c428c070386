package wire

import (
	"fmt"
	"regexp"
	"strings"
)

// logGroupPattern is that of the names of log groups (CloudWatch Logs API reference, CreateLogGroup).
var logGroupPattern = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]+$`)

// CheckLogGroup applies the rule of the names of log groups to what a member holds. The error is a [*FieldError].
func CheckLogGroup(field, name string) error {
	c := &check{}
	c.logGroup(field, name)
	return c.err()
}

// CheckLogStream applies the rule of the names of log streams to what a member holds. The error is a [*FieldError].
func CheckLogStream(field, name string) error {
	c := &check{}
	c.logStream(field, name, maxLogName)
	return c.err()
}

func (c *check) logGroup(field, name string) {
	c.that(len(name) <= maxLogName && logGroupPattern.MatchString(name), field, quoted(name),
		fmt.Sprintf("1 to %d letters, digits and the characters . - _ / #", maxLogName))
}

// logStream bounds the name of a stream, or the beginning of one, to most characters (CloudWatch Logs API reference,
// CreateLogStream).
func (c *check) logStream(field, name string, most int) {
	c.characters(field, name, 1, most)
	c.that(!strings.ContainsAny(name, ":*"), field, quoted(name), "names without : and *")
}
